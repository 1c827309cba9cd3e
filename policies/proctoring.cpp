#include "policies/proctoring.hpp"

#include "policies/detail/table_reader.hpp"

#include <cmath>

namespace assay::policies {
namespace {

using proctor::milliseconds;

/// Seconds with fractions in the document, milliseconds in the policy.
void seconds(detail::TableReader& t, std::string_view key, milliseconds& value, double most)
{
    auto given = static_cast<double>(value.count()) / 1000;
    t.number(key, given, 0, most);
    value = milliseconds{std::llround(given * 1000)};
}

void severity(detail::TableReader& t, std::string_view key, proctor::Severity& value)
{
    auto word = std::string{proctor::to_string(value)};
    t.text(key, word, 20);
    if (auto const parsed = proctor::parse_severity(word)) value = *parsed;
    else t.problem(key, "expected \"info\", \"low\", \"medium\" or \"high\", found \"" + word + "\"");
}

void read(detail::TableReader& root, proctor::ProctoringPolicy& p)
{
    root.number("frames_per_second", p.frames_per_second, 0.5, 5);
    auto const thresholds = [](proctor::FaceThresholds& f) {
        return [&f](detail::TableReader& t) {
            t.number("weak", f.weak, -5, 5);
            t.number("strong", f.strong, -5, 5);
            t.number("confidence", f.confidence, 0, 1);
        };
    };
    root.table("yunet", thresholds(p.yunet));
    root.table("hog", thresholds(p.hog));
    root.table("picture", [&](detail::TableReader& t) {
        t.number("dark_below", p.dark_below, 0, 255);
        t.number("flat_sharpness_below", p.flat_sharpness_below, 0, 10'000);
        t.number("flat_sharpness_ratio", p.flat_sharpness_ratio, 0, 1);
        t.number("flat_spread_below", p.flat_spread_below, 0, 255);
        t.number("still_below", p.still_below, 0, 255);
        seconds(t, "identical_ignored_seconds", p.identical_ignored, 60);
        seconds(t, "still_seconds", p.still_for, 600);
    });
    root.table("incident", [&](detail::TableReader& incidents) {
        for (auto i = std::size_t{}; i < proctor::incident_type_count; ++i) {
            auto const type = static_cast<proctor::IncidentType>(i);
            auto& rule = p.rule(type);
            incidents.table(proctor::to_string(type), [&](detail::TableReader& t) {
                t.flag("enabled", rule.enabled);
                seconds(t, "open_after_seconds", rule.open_after, 600);
                severity(t, "severity", rule.severity);
                seconds(t, "severe_after_seconds", rule.severe_after, 3600);
                severity(t, "severe", rule.severe);
            });
        }
    });
    seconds(root, "merge_gap_seconds", p.merge_gap, 600);
    seconds(root, "cool_down_seconds", p.cool_down, 600);
    seconds(root, "extend_every_seconds", p.extend_every, 600);
    seconds(root, "notice_every_seconds", p.notice_every, 3600);
    root.table("evidence", [&](detail::TableReader& t) {
        auto stills = static_cast<int>(p.evidence.stills_max);
        seconds(t, "lead_seconds", p.evidence.lead, 60);
        t.whole_number("stills", stills, 2, 12);
        p.evidence.stills_max = static_cast<std::size_t>(stills);
    });
}

} // namespace

Parsed<proctor::ProctoringPolicy> parse_proctoring_policy(std::string_view document, std::string const& source)
{
    auto policy = proctor::ProctoringPolicy{};
    auto parsed = Parsed<proctor::ProctoringPolicy>{};
    parsed.problems = detail::read_document(document, source, [&](detail::TableReader& root) { read(root, policy); });
    if (parsed.problems.empty())
        if (auto fault = proctor::fault_of(policy)) parsed.problems.push_back({source, 0, 0, {}, std::move(*fault)});
    if (parsed.problems.empty()) parsed.value = std::move(policy);
    return parsed;
}

} // namespace assay::policies
