#include "credentials/detail/status.hpp"

#include "credentials/detail/shape.hpp"
#include "credentials/detail/signatures.hpp"
#include "credentials/status_list.hpp"

#include <charconv>

namespace assay::credentials {
namespace {

constexpr std::size_t list_size_max = 8 << 20; ///< bytes of a list credential: the largest list, badly packed
constexpr std::size_t entries_max = 4;

Finding unknown(std::string detail) { return {Check::unknown, std::move(detail)}; }

struct Entry {
    std::string_view list_url;
    std::string_view purpose;
    std::size_t index = 0;
};

/// A status entry as we read it, or why not.
std::variant<Entry, Finding> read_entry(json::value const& value)
{
    auto const* status = value.if_object();
    if (status == nullptr || !has_type(*status, "BitstringStatusListEntry"))
        return unknown("its status is not kept in a bitstring status list");
    auto const* purpose = find_string(*status, "statusPurpose");
    auto const* url = find_string(*status, "statusListCredential");
    auto const* text = find_string(*status, "statusListIndex");
    if (purpose == nullptr || url == nullptr || text == nullptr) return unknown("the status entry is malformed");
    if (auto const* size = status->if_contains("statusSize"); size != nullptr && *size != json::value(1))
        return unknown("the status takes more than one bit, which we don't read");

    auto index = std::size_t{};
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), index);
    if (error != std::errc{} || end != text->data() + text->size() || std::to_string(index) != std::string_view{*text})
        return unknown("statusListIndex is no decimal number");
    return Entry{*url, *purpose, index};
}

/// Signed by the issuer of the credential, a status list of this address, and current: then its subject.
std::variant<json::object, Finding> load_list(Entry const& entry, std::string_view issuer, Documents const& documents,
                                              Timestamp now)
{
    auto const at = documents.by_url.find(entry.list_url);
    if (at == documents.by_url.end()) return unknown("the status list is not at hand (" + std::string{entry.list_url} + ")");
    auto opened = open_file(bytes_of(at->second), list_size_max);
    if (auto* why = std::get_if<Finding>(&opened)) return unknown("the status list can't be read: " + why->detail);

    auto& file = std::get<OpenedFile>(opened);
    auto const& list = file.credential;
    auto const* id = find_string(list, "id");
    if (id != nullptr && std::string_view{*id} != entry.list_url)
        return unknown("the document at the list's address is another one");
    if (!has_type(list, "BitstringStatusListCredential")) return unknown("the document at the list's address is no status list");
    if (issuer_of(list) != issuer) return unknown("the status list is of another issuer");
    auto const signatures = check_signatures(file, documents, now);
    for (auto const& finding : {check_shape(list), signatures.proof, signatures.issuer, check_period(list, now)})
        if (finding.result != Check::passed) return unknown("the status list can't be believed: " + finding.detail);
    auto const* subject = find_object(list, "credentialSubject");
    if (subject == nullptr || !has_type(*subject, "BitstringStatusList")) return unknown("the status list has no list");
    return *subject;
}

bool serves(json::object const& subject, std::string_view purpose)
{
    auto const* value = subject.if_contains("statusPurpose");
    auto const is_it = [purpose](json::value const& one) {
        return one.is_string() && std::string_view{one.get_string()} == purpose;
    };
    return value != nullptr && (value->is_array() ? std::ranges::any_of(value->get_array(), is_it) : is_it(*value));
}

Finding check_entry(json::value const& value, std::string_view issuer, Documents const& documents, Timestamp now)
{
    auto const read = read_entry(value);
    if (auto const* why = std::get_if<Finding>(&read)) return *why;
    auto const& entry = std::get<Entry>(read);
    auto const revocation = entry.purpose == to_string(StatusPurpose::revocation);
    if (!revocation && entry.purpose != to_string(StatusPurpose::suspension))
        return unknown("a status for the purpose " + std::string{entry.purpose} + " is not one that we read");

    auto const loaded = load_list(entry, issuer, documents, now);
    if (auto const* why = std::get_if<Finding>(&loaded)) return *why;
    auto const& subject = std::get<json::object>(loaded);
    if (!serves(subject, entry.purpose)) return unknown("the status list serves another purpose");
    auto const* encoded = find_string(subject, "encodedList");
    auto const list = encoded == nullptr ? StatusList::decode({}) : StatusList::decode(*encoded);
    if (!list) return unknown("the status list is malformed");
    auto const bit = list->at(entry.index);
    if (!bit) return unknown("the status list has no such index");
    if (*bit) return {Check::failed, revocation ? "revoked by the issuer" : "suspended by the issuer"};
    return {Check::passed, revocation ? "not revoked" : "not suspended"};
}

} // namespace

Finding check_period(json::object const& credential, Timestamp now)
{
    auto detail = std::string{"no end"};
    for (auto const* member : {"validFrom", "validUntil"}) {
        auto const* value = credential.if_contains(member);
        if (value == nullptr) continue;
        auto const date = value->is_string() ? parse_rfc3339(value->get_string()) : result<Timestamp>{boost::system::error_code{}};
        if (!value->is_string() || !date) return {Check::failed, std::string{member} + " is no date with an offset"};
        auto const from = std::string_view{member} == "validFrom";
        if (from && now < *date) return {Check::failed, "not valid before " + to_rfc3339(*date)};
        if (!from && now >= *date) return {Check::failed, "expired on " + to_rfc3339(*date)};
        if (!from) detail = "until " + to_rfc3339(*date);
    }
    return {Check::passed, std::move(detail)};
}

Finding check_status(json::object const& credential, Documents const& documents, Timestamp now)
{
    auto const* status = credential.if_contains("credentialStatus");
    if (status == nullptr) {
        if (has_type(credential, "BitstringStatusListCredential") && credential.contains("validUntil"))
            return {Check::passed, "a status list has no status of its own: it is short-lived instead"};
        return unknown("the credential names no status list");
    }
    auto const issuer = issuer_of(credential);
    if (!status->is_array()) return check_entry(*status, issuer, documents, now);
    auto const& entries = status->get_array();
    if (entries.empty() || entries.size() > entries_max) return unknown("no or too many status entries");
    auto all = Finding{Check::passed, {}};
    for (auto const& entry : entries) {
        auto one = check_entry(entry, issuer, documents, now);
        if (all.detail.empty()) all = std::move(one);
        else all = worse(std::move(all), std::move(one));
    }
    return all;
}

} // namespace assay::credentials
