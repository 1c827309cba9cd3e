#include "credentials/verify_main/journal_check.hpp"

#include "credentials/log/receipt.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace assay::credentials {
namespace {

/// What applies to a credential alone is not asked of a journal.
Verification blank()
{
    auto report = Verification{};
    report.applies = false;
    return report;
}

std::vector<tlog::VerifierKey> keys_named(JournalTrust const& trust, std::string_view origin)
{
    auto named = std::vector<tlog::VerifierKey>{};
    std::ranges::copy_if(trust.keys, std::back_inserter(named), [&](auto const& key) { return key.name == origin; });
    return named;
}

/// The key of the log that signed the note: a log that changed its key has several.
std::optional<tlog::VerifierKey> key_of(JournalTrust const& trust, std::string_view note, std::string_view origin)
{
    auto const keys = keys_named(trust, origin);
    for (auto const& key : keys)
        if (tlog::open_checkpoint(note, key)) return key;
    return keys.empty() ? std::nullopt : std::optional{keys.front()}; // whose complaint is then the reader's
}

std::string origin_of(std::string_view note) { return std::string{note.substr(0, note.find('\n'))}; }

Finding check_witnesses(JournalTrust const& trust, std::string_view note)
{
    auto const cosignatures = tlog::verify_note(note, trust.witnesses);
    if (!cosignatures) return {Check::failed, "a cosignature in a witness's name is not the witness's"};
    auto latest = std::map<std::string, std::uint64_t>{}; // by name: a witness with two keys is one
    for (auto const& one : *cosignatures) latest[one.name] = std::max(latest[one.name], one.time.value_or(0));
    auto const needed = trust.witnesses_needed == 0 ? trust.witnesses.size() : trust.witnesses_needed;
    auto said = std::to_string(latest.size()) + " of " + std::to_string(trust.witnesses.size()) + " witnesses cosigned, " + std::to_string(needed) + " are asked for";
    constexpr auto year_9999 = std::uint64_t{253'402'300'799}; // what RFC 3339 can write
    for (auto const& [name, time] : latest) said += "; " + name + " on " + to_rfc3339(Timestamp{std::chrono::seconds{std::min(time, year_9999)}});
    return {latest.size() >= needed ? Check::passed : Check::unknown, std::move(said)};
}

Finding about_key(bool given)
{
    if (given) return {Check::passed, "signed by the log's key, which the reader gave"};
    return {Check::unknown, "no key of this log was given: that the export agrees with its own key shows only that it is whole"};
}

} // namespace

Verification check_journal(tlog::BundleReader const& read, JournalTrust const& trust)
{
    auto report = blank();
    report.facts.encoding = "journal";
    auto const note = read("checkpoint");
    auto options = tlog::AuditOptions{.key = note ? key_of(trust, *note, origin_of(*note)) : std::nullopt, .old_checkpoint = trust.old_checkpoint};
    auto const audit = tlog::verify_audit(read, options);
    auto const broken = [&] { return audit.findings.empty() ? std::string{"it can't be read"} : audit.findings.front().what; };
    auto const more = audit.findings.size() > 1 ? " (and " + std::to_string(audit.findings.size() - 1) + " more findings)" : std::string{};

    if (!audit.checkpoint) {
        report.further.push_back({"checkpoint", {Check::failed, broken()}});
        report.further.push_back({"entries", {Check::unknown, "without a checkpoint nothing says what they should be"}});
        return report;
    }
    report.facts.name = audit.checkpoint->origin;
    report.further.push_back({"checkpoint", about_key(audit.key_was_given)});
    auto const where = audit.findings.empty() || !audit.findings.front().index ? std::string{} : "entry " + std::to_string(*audit.findings.front().index) + ": ";
    report.further.push_back({"entries", audit.findings.empty()
                                             ? Finding{Check::passed, std::to_string(audit.entries) + " entries give the signed root; every tile agrees"}
                                             : Finding{Check::failed, where + broken() + more}});
    if (!trust.witnesses.empty()) report.further.push_back({"witnesses", check_witnesses(trust, *note)});
    if (trust.old_checkpoint)
        report.further.push_back({"consistency", audit.consistent_with_old ? Finding{Check::passed, "it extends the older checkpoint"}
                                                                           : Finding{Check::failed, "it does not extend the older checkpoint: cut, reordered or forked"}});
    return report;
}

Verification check_receipt(json::object const& file, JournalTrust const& trust)
{
    auto report = blank();
    report.facts.encoding = "receipt";
    auto const receipt = tlog::parse_receipt(*find_string(file, "receipt"));
    if (!receipt) {
        report.further.push_back({"receipt", {Check::failed, receipt.error().message()}});
        return report;
    }
    auto const origin = origin_of(receipt->checkpoint);
    report.facts.name = origin;
    auto const key = key_of(trust, receipt->checkpoint, origin);
    report.further.push_back({"checkpoint", key ? Finding{Check::passed, "the log's key was given"} : Finding{Check::unknown, "no key of the log " + origin + " was given"}});
    if (!key) return report;
    auto const checkpoint = tlog::verify_receipt(*receipt, bytes_of(std::string_view{*find_string(file, "entry")}), *key);
    report.further.push_back({"receipt", checkpoint ? Finding{Check::passed, "entry " + std::to_string(receipt->index) + " of " + std::to_string(checkpoint->size)}
                                                    : Finding{Check::failed, checkpoint.error().message()}});
    if (!trust.witnesses.empty()) report.further.push_back({"witnesses", check_witnesses(trust, receipt->checkpoint)});
    return report;
}

std::optional<Recorded> recorded_by(std::string_view receipt_file, JournalTrust const& trust)
{
    auto const file = parse_json(receipt_file, {.size_max = 1 << 20});
    auto const* text = file ? find_string(*file, "receipt") : nullptr;
    auto const* entry = file ? find_string(*file, "entry") : nullptr;
    if (text == nullptr || entry == nullptr) return std::nullopt;
    auto const receipt = tlog::parse_receipt(*text);
    if (!receipt) return std::nullopt;
    auto const origin = origin_of(receipt->checkpoint);
    auto const key = key_of(trust, receipt->checkpoint, origin);
    if (!key || !tlog::verify_receipt(*receipt, bytes_of(std::string_view{*entry}), *key)) return std::nullopt;
    if (!trust.witnesses.empty() && check_witnesses(trust, receipt->checkpoint).result != Check::passed) return std::nullopt;
    auto const document = parse_json(*entry);
    auto const* type = document ? find_string(*document, "type") : nullptr;
    auto const* time = document ? find_string(*document, "time") : nullptr;
    auto const* body = document ? find_object(*document, "body") : nullptr;
    auto const* digest = body == nullptr ? nullptr : find_string(*body, "credential_sha256");
    if (type == nullptr || *type != "CertificateIssued" || time == nullptr || digest == nullptr) return std::nullopt;
    auto const at = parse_rfc3339(*time);
    auto const sha256 = parse_sha256(*digest);
    if (!at || !sha256) return std::nullopt;
    return Recorded{*sha256, origin, *at};
}

} // namespace assay::credentials
