#include "credentials/cli_verify.hpp"

#include "core/errors.hpp"

#include <algorithm>

namespace assay::credentials {
namespace {

/// What the file claims, text or null: absence is said, not left to guess.
json::value text_or_null(std::string const& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object to_json(NamedFile const& file, Verification const& report)
{
    auto checks = json::array{};
    for (auto const& [name, finding] : report.checks())
        checks.push_back(json::object{{"name", name}, {"outcome", to_string(finding.result)}, {"reason", finding.detail}});
    auto const& facts = report.facts;
    return {{"file", file.name},
            {"verdict", to_string(report.verdict())},
            {"checks", std::move(checks)},
            {"encoding", text_or_null(facts.encoding)},
            {"found_in", text_or_null(file.found_in.empty() ? facts.found_in : file.found_in)},
            {"id", text_or_null(facts.id)},
            {"issuer", text_or_null(facts.issuer)},
            {"issuer_name", text_or_null(facts.issuer_name)},
            {"holder", text_or_null(facts.holder)},
            {"holder_name", text_or_null(facts.holder_name)},
            {"name", text_or_null(facts.name)},
            {"achievement", text_or_null(facts.achievement)},
            {"valid_from", text_or_null(facts.valid_from)},
            {"valid_until", text_or_null(facts.valid_until)},
            {"demonstration", facts.demonstration},
            {"digest", facts.digest ? json::value(to_string(*facts.digest)) : json::value(nullptr)}};
}

/// For a terminal: what a hostile file says must not move the cursor.
std::string printable(std::string_view text)
{
    auto out = std::string{};
    for (auto const c : text) out += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
    return out;
}

std::string to_text(NamedFile const& file, Verification const& report)
{
    auto text = printable(file.name) + ": " + std::string{to_string(report.verdict())} + "\n";
    auto const& facts = report.facts;
    if (!facts.name.empty()) text += "  " + printable(facts.name) + (facts.demonstration ? " [demonstration]" : "") + "\n";
    if (!facts.holder_name.empty()) text += "  held by " + printable(facts.holder_name) + "\n";
    if (!facts.issuer.empty())
        text += "  issued by " +
                printable(facts.issuer_name.empty() ? facts.issuer : facts.issuer_name + " (" + facts.issuer + ")") + "\n";
    for (auto const& [name, finding] : report.checks()) {
        auto const word = name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ');
        auto const said = std::string{to_string(finding.result)};
        text += "  " + word + said + std::string(9 - said.size(), ' ') + printable(finding.detail) + "\n";
    }
    return text;
}

/// Of several files: the worst, in the order of how much it says against them.
Verdict worst_of(std::span<Verification const> reports)
{
    constexpr auto order = std::array{Verdict::invalid, Verdict::unknown, Verdict::revoked, Verdict::superseded, Verdict::expired, Verdict::suspended};
    for (auto const verdict : order)
        if (std::ranges::any_of(reports, [&](auto const& report) { return report.verdict() == verdict; })) return verdict;
    return reports.empty() ? Verdict::unknown : Verdict::valid;
}

} // namespace

VerifyOutput cli_verify(std::span<NamedFile const> files, Documents const& documents, Timestamp now, VerifyOptions const& options)
{
    auto output = VerifyOutput{};
    auto reports = std::vector<Verification>{};
    auto listed = json::array{};
    auto all_checks = json::array{};
    for (auto const& file : files) {
        if (file.report) reports.push_back(*file.report);
        else if (!file.unreadable.empty()) reports.push_back(unreadable({Check::failed, file.unreadable}));
        else reports.push_back(verify(bytes_of(file.bytes), documents, now, options));
        listed.push_back(to_json(file, reports.back()));
        for (auto check : listed.back().at("checks").get_array()) {
            if (files.size() > 1) check.get_object()["file"] = file.name;
            all_checks.push_back(std::move(check));
        }
        output.text += to_text(file, reports.back());
    }
    auto const verdict = worst_of(reports);
    output.json = {{"verdict", to_string(verdict)}, {"checks", std::move(all_checks)}, {"verified_at", to_rfc3339(now)}, {"files", std::move(listed)}};
    output.exit_code = verdict == Verdict::valid ? 0 : 1;
    return output;
}

result<std::vector<DocumentReference>> parse_document_map(std::string_view text)
{
    auto const parsed = parse_json(text);
    if (!parsed) return parsed.error();
    if (!parsed->is_object()) return core::errc::malformed;
    auto references = std::vector<DocumentReference>{};
    for (auto const& member : parsed->get_object()) {
        if (!member.value().is_string() || member.value().get_string().empty()) return core::errc::malformed;
        references.push_back({.url = std::string{member.key()}, .path = std::string{member.value().get_string()}});
    }
    return references;
}

} // namespace assay::credentials
