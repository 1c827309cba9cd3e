#include "policies/programme.hpp"

#include "policies/detail/table_reader.hpp"

#include <set>

namespace assay::policies {
namespace {

void read_credential(detail::TableReader& t, credentials::CredentialPolicy& policy)
{
    t.whole_number("validity_months", policy.validity_months, 0, 120);
    t.whole_number("renewal_window_days", policy.renewal_window_days, 0, 730);
    t.whole_numbers("reminder_days_before", policy.reminder_days_before, 0, 730, 12);
    t.whole_number("grace_days", policy.grace_days, 0, 365);
    t.table("renewal", [&](detail::TableReader& paths) {
        paths.flag("full_exam", policy.renewal.full_exam);
        paths.text("delta_exam", policy.renewal.delta_exam, 100);
        paths.whole_number("credits", policy.renewal.credits, 0, 1000);
        paths.whole_number("practice_credits_max", policy.renewal.practice_credits_max, 0, 1000);
    });
    if (!credentials::check(policy))
        t.problem("validity_months", "the renewal window is longer than the validity, a reminder is named twice, no path leads to renewal, or practice is to count for more than all credits");
}

void read(detail::TableReader& root, Programme& p)
{
    for (auto const* key : {"identifier", "version", "title", "description", "criteria", "scope", "requirement"}) root.require(key);
    root.text("identifier", p.identifier, 100);
    root.text("version", p.version, 50);
    root.text("title", p.title, 200);
    root.text("description", p.description, 2000);
    root.text("criteria", p.criteria, 2000);
    root.text("scope", p.scope, 500);
    root.text("language", p.language, 35);
    p.id = ProgrammeId{uuid_from_name("programme", p.identifier)};
    root.tables("requirement", 20, [&](detail::TableReader& t) {
        auto requirement = Requirement{};
        for (auto const* key : {"kind", "title", "exam"}) t.require(key);
        t.text("kind", requirement.kind, 20);
        t.text("title", requirement.title, 200);
        t.text("exam", requirement.exam, 100);
        if (requirement.kind != "exam") t.problem("kind", "expected \"exam\", found \"" + requirement.kind + "\"");
        p.requirements.push_back(std::move(requirement));
    });
    if (root.has("requirement") && p.requirements.empty()) root.problem("requirement", "a programme has at least one requirement");
    root.table("credential", [&](detail::TableReader& t) { read_credential(t, p.credential); });
    root.table("decision_rule", [&](detail::TableReader& t) {
        auto people = std::vector<std::string>{};
        t.require("approved_by");
        t.texts("approved_by", people, 10, 36);
        auto rule = DecisionRule{};
        for (auto const& text : people) {
            auto const id = parse_id<StaffId>(text);
            if (id) rule.approved_by.push_back(*id);
            else t.problem("approved_by", "expected ids of staff, found \"" + text + "\"");
        }
        if (std::set<StaffId>(rule.approved_by.begin(), rule.approved_by.end()).size() < 2) t.problem("approved_by", "a rule needs the approval of two different people");
        p.rule = std::move(rule);
    });
}

} // namespace

Parsed<Programme> parse_programme(std::string_view document, std::string const& source)
{
    auto programme = Programme{};
    auto parsed = Parsed<Programme>{};
    parsed.problems = detail::read_document(document, source, [&](detail::TableReader& root) { read(root, programme); });
    if (parsed.problems.empty()) parsed.value = std::move(programme);
    return parsed;
}

Parsed<credentials::CredentialPolicy> parse_credential_policy(std::string_view document, std::string const& source)
{
    auto policy = credentials::CredentialPolicy{};
    auto parsed = Parsed<credentials::CredentialPolicy>{};
    parsed.problems = detail::read_document(document, source, [&](detail::TableReader& root) { read_credential(root, policy); });
    if (parsed.problems.empty()) parsed.value = std::move(policy);
    return parsed;
}

} // namespace assay::policies
