#include "credentials/detail/status.hpp"

#include "core/text.hpp"
#include "credentials/detail/shape.hpp"
#include "credentials/detail/signatures.hpp"
#include "credentials/status_list.hpp"
#include "credentials/token_status_list.hpp"

#include <algorithm>
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
    std::size_t bits = 1;
    json::array const* messages = nullptr;
    bool legacy = false; ///< StatusList2021
};

std::optional<std::size_t> decimal(std::string_view text)
{
    auto number = std::size_t{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || std::to_string(number) != text) return std::nullopt;
    return number;
}

/// A status entry as we read it, or why not.
std::variant<Entry, Finding> read_entry(json::value const& value)
{
    auto const* status = value.if_object();
    auto const modern = status != nullptr && has_type(*status, "BitstringStatusListEntry");
    auto const legacy = status != nullptr && has_type(*status, "StatusList2021Entry");
    if (!modern && !legacy) return unknown("its status is kept in a way that we don't read");
    auto const* purpose = find_string(*status, "statusPurpose");
    auto const* url = find_string(*status, "statusListCredential");
    auto const* text = find_string(*status, "statusListIndex");
    if (purpose == nullptr || url == nullptr) return unknown("the status entry is malformed");
    if (text == nullptr) return unknown("statusListIndex is no text with a decimal number");
    auto const index = decimal(*text);
    if (!index) return unknown("statusListIndex is no decimal number");

    auto entry = Entry{.list_url = *url, .purpose = *purpose, .index = *index, .legacy = legacy};
    if (auto const* id = find_string(*status, "id"); id != nullptr && *id == *url) return unknown("the status entry has the address of its list as its own");
    if (auto const* size = status->if_contains("statusSize"); size != nullptr && !legacy) {
        if (!size->is_int64() || size->get_int64() < 1 || size->get_int64() > 8) return unknown("statusSize is not from 1 to 8");
        entry.bits = static_cast<std::size_t>(size->get_int64());
    }
    entry.messages = find_array(*status, "statusMessage");
    auto const is_message = entry.purpose == "message";
    if (entry.bits > 1 && !is_message) return unknown("only a status that is a message takes more than one bit");
    if (is_message && (entry.messages == nullptr || entry.messages->size() != std::size_t{1} << entry.bits))
        return unknown("the status entry does not say what each of its values means");
    return entry;
}

/// Signed by the issuer of the credential, a status list of this address, and current: then its subject.
std::variant<json::object, Finding> load_list(Entry const& entry, std::string_view issuer, Documents const& documents,
                                              Timestamp now)
{
    auto const* bytes = documents.at(entry.list_url);
    if (bytes == nullptr) return unknown("the status list is not at hand (" + std::string{entry.list_url} + ")");
    auto opened = open_file(bytes_of(*bytes), list_size_max);
    if (auto* why = std::get_if<Finding>(&opened)) return unknown("the status list can't be read: " + why->detail);

    auto& file = std::get<OpenedFile>(opened);
    auto const& list = file.credential;
    auto const* id = find_string(list, "id");
    if (id != nullptr && std::string_view{*id} != entry.list_url)
        return unknown("the document at the list's address is another one");
    if (!has_type(list, entry.legacy ? "StatusList2021Credential" : "BitstringStatusListCredential"))
        return unknown("the document at the list's address is no status list");
    if (issuer_of(list) != issuer) return unknown("the status list is of another issuer");
    auto const signatures = check_signatures(file, documents, now);
    for (auto const& finding : {check_shape(list), signatures.proof, signatures.issuer, check_period(list, now).finding})
        if (finding.result != Check::passed) return unknown("the status list can't be believed: " + finding.detail);
    auto const* subject = find_object(list, "credentialSubject");
    if (subject == nullptr || !has_type(*subject, entry.legacy ? "StatusList2021" : "BitstringStatusList")) return unknown("the status list has no list");
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

/// What a set bit means. "refresh": a successor is waiting at the refresh service.
StatusFinding set_bit(std::string_view purpose)
{
    if (purpose == "revocation") return {{Check::failed, "revoked by the issuer"}, Verdict::revoked};
    if (purpose == "suspension") return {{Check::failed, "suspended by the issuer"}, Verdict::suspended};
    return {{Check::failed, "superseded: the issuer has a newer one (refresh)"}, Verdict::superseded};
}

/// Messages are free text; these words we understand. Any other message is for people: reported, and neither good nor bad to us.
StatusFinding message(std::string_view text, unsigned value)
{
    auto word = std::string{text};
    for (auto& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    auto const said = "the issuer says: " + std::string{utf8_prefix(text, 200)};
    for (auto const* good : {"valid", "active", "ok", "good", "current", "none"})
        if (word == good) return {{Check::passed, said}, Verdict::valid};
    if (word == "revoked" || word == "withdrawn" || word == "surrendered") return {{Check::failed, said}, Verdict::revoked};
    if (word == "suspended") return {{Check::failed, said}, Verdict::suspended};
    if (word == "superseded" || word == "replaced") return {{Check::failed, said}, Verdict::superseded};
    return {unknown(said + " (value " + std::to_string(value) + "), which is for people to judge"), Verdict::valid};
}

StatusFinding read_message(Entry const& entry, unsigned value)
{
    auto hex = std::string{"0x"};
    if (value >= 16) hex += "0123456789abcdef"[value / 16];
    hex += "0123456789abcdef"[value % 16];
    for (auto const& one : *entry.messages) {
        auto const* status = find_string(one, "status");
        auto const* text = find_string(one, "message");
        if (status != nullptr && text != nullptr && std::string_view{*status} == hex) return message(*text, value);
    }
    return {unknown("the status entry has no message for the value " + hex), Verdict::valid};
}

StatusFinding check_entry(json::value const& value, std::string_view issuer, Documents const& documents, Timestamp now)
{
    auto const read = read_entry(value);
    if (auto const* why = std::get_if<Finding>(&read)) return {*why};
    auto const& entry = std::get<Entry>(read);
    auto const one_bit = entry.purpose == "revocation" || entry.purpose == "suspension" || entry.purpose == "refresh";
    if (!one_bit && entry.purpose != "message") return {unknown("a status for the purpose " + std::string{entry.purpose} + " is not one that we read")};

    auto const loaded = load_list(entry, issuer, documents, now);
    if (auto const* why = std::get_if<Finding>(&loaded)) return {*why};
    auto const& subject = std::get<json::object>(loaded);
    if (!serves(subject, entry.purpose)) return {unknown("the status list serves another purpose")};
    auto const* encoded = find_string(subject, "encodedList");
    auto const text = encoded == nullptr ? std::string_view{} : std::string_view{*encoded};
    auto const list = entry.legacy ? StatusList::decode_legacy(text) : StatusList::decode(text);
    if (!list) return {unknown("the status list is malformed")};
    if (list->size() / entry.bits < status_list_entries_min) return {unknown("the status list has fewer entries than keep a holder unobserved")};
    auto const bits = list->value_at(entry.index, entry.bits);
    if (!bits) return {unknown("the status list has no such index")};
    if (!one_bit) return read_message(entry, *bits);
    if (*bits != 0) return set_bit(entry.purpose);
    auto const* good = entry.purpose == "revocation" ? "not revoked" : entry.purpose == "suspension" ? "not suspended" : "not superseded";
    return {{Check::passed, good}};
}

/// Several entries: what one of them says against the credential counts, the final before what can be lifted.
StatusFinding worse_of(StatusFinding a, StatusFinding b)
{
    auto const rank = [](StatusFinding const& one) {
        if (one.finding.result == Check::passed) return 0;
        if (one.finding.result == Check::unknown) return 1;
        return one.standing == Verdict::suspended ? 2 : one.standing == Verdict::superseded ? 3 : 4;
    };
    if (rank(a) == 0 && rank(b) == 0) {
        a.finding.detail += ", " + b.finding.detail;
        return a;
    }
    return rank(b) > rank(a) ? std::move(b) : std::move(a);
}

std::optional<Timestamp> date_member(json::object const& credential, char const* member)
{
    auto const* text = find_string(credential, member);
    auto const date = text == nullptr ? result<Timestamp>{boost::system::error_code{}} : parse_rfc3339(*text);
    return text != nullptr && date ? std::optional{*date} : std::nullopt;
}

} // namespace

PeriodFinding check_period(json::object const& credential, Timestamp now)
{
    auto period = PeriodFinding{.finding = {Check::passed, "no end"}};
    for (auto const* member : {"validFrom", "issuanceDate", "validUntil", "expirationDate"}) {
        if (!credential.contains(member)) continue;
        auto const date = date_member(credential, member);
        if (!date) return {.finding = {Check::failed, std::string{member} + " is no date with an offset"}};
        auto const from = std::string_view{member} == "validFrom" || std::string_view{member} == "issuanceDate";
        if (from && now < *date) return {.finding = {Check::failed, "not valid before " + to_rfc3339(*date)}};
        if (!from && now >= *date) period = {.finding = {Check::failed, "expired on " + to_rfc3339(*date)}, .ended = true};
        else if (!from) period.finding.detail = "until " + to_rfc3339(*date);
    }
    return period;
}

StatusFinding check_status(json::object const& credential, Documents const& documents, Timestamp now)
{
    auto const* status = credential.if_contains("credentialStatus");
    if (status == nullptr) return {{Check::passed, "the credential names no status: its issuer can't take it back, and nobody else can say so"}};
    auto const issuer = issuer_of(credential);
    if (!status->is_array()) return check_entry(*status, issuer, documents, now);
    auto const& entries = status->get_array();
    if (entries.empty() || entries.size() > entries_max) return {unknown("no or too many status entries")};
    auto all = check_entry(entries.front(), issuer, documents, now);
    for (auto const& entry : std::span{entries.data(), entries.size()}.subspan(1)) all = worse_of(std::move(all), check_entry(entry, issuer, documents, now));
    return all;
}

StatusFinding check_token_status(json::object const& claims, std::string_view issuer, Documents const& documents, Timestamp now)
{
    auto const* status = claims.if_contains("status");
    if (status == nullptr) return {{Check::passed, "the credential names no status: its issuer can't take it back, and nobody else can say so"}};
    auto const* reference = find_object(*status, "status_list");
    auto const* uri = reference == nullptr ? nullptr : find_string(*reference, "uri");
    auto const* index = reference == nullptr ? nullptr : reference->if_contains("idx");
    if (uri == nullptr || index == nullptr || !index->is_int64() || index->get_int64() < 0) return {unknown("its status is kept in a way that we don't read")};
    auto const* at_hand = documents.at(*uri);
    if (at_hand == nullptr) return {unknown("the status list is not at hand (" + std::string{*uri} + ")")};

    auto text = std::string_view{*at_hand};
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    auto const jws = text.size() > list_size_max ? result<CompactJws>{boost::system::error_code{}} : parse_compact_jws(text);
    auto const payload = text.size() <= list_size_max && jws ? parse_json(jws->payload, {.size_max = list_size_max}) : result<json::value>{boost::system::error_code{}};
    if (text.size() > list_size_max || !jws || !payload || !payload->is_object()) return {unknown("the status list can't be read")};
    auto const& list = payload->get_object();
    auto const* subject = find_string(list, "sub");
    auto const* issued = list.if_contains("iat");
    auto const issued_at = issued == nullptr ? std::nullopt : numeric_date(*issued);
    if (subject == nullptr || *subject != *uri) return {unknown("the document at the list's address is another one")};
    if (!issued_at) return {unknown("the status list does not say when it was made")};
    if (auto const* own = find_string(list, "iss"); own != nullptr && std::string_view{*own} != issuer) return {unknown("the status list is of another issuer")};
    if (auto const* end = list.if_contains("exp"))
        if (auto const until = numeric_date(*end); !until || now >= *until) return {unknown("the status list is out of date")};
    auto rules = TokenRules{.issuer = issuer, .types = {"statuslist+jwt"}, .sd_jwt = true};
    auto const signatures = check_token(*jws, issued_at, rules, documents, now);
    for (auto const& finding : {signatures.proof, signatures.issuer})
        if (finding.result != Check::passed) return {unknown("the status list can't be believed: " + finding.detail)};

    auto const* content = find_object(list, "status_list");
    auto const* bits = content == nullptr ? nullptr : content->if_contains("bits");
    auto const* packed = content == nullptr ? nullptr : find_string(*content, "lst");
    if (bits == nullptr || !bits->is_int64() || packed == nullptr) return {unknown("the status list is malformed")};
    auto const decoded = TokenStatusList::decode(*packed, static_cast<unsigned>(std::clamp<std::int64_t>(bits->get_int64(), 0, 9)));
    if (!decoded) return {unknown("the status list is malformed")};
    auto const value = decoded->at(static_cast<std::size_t>(index->get_int64()));
    if (!value) return {unknown("the status list has no such index")};
    switch (*value) {
    case 0: return {{Check::passed, "not revoked"}};
    case 1: return {{Check::failed, "revoked by the issuer"}, Verdict::revoked};
    case 2: return {{Check::failed, "suspended by the issuer"}, Verdict::suspended};
    default: return {unknown("the status list says " + std::to_string(*value) + ", which the application has to understand")};
    }
}

} // namespace assay::credentials
