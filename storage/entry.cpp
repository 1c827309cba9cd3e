// Writing and reading one entry: canonical bytes, leaf hash, commitment and sealed detail.
#include "core/random.hpp"
#include "storage/detail/append_store.hpp"

namespace assay::storage {
namespace {

constexpr auto commitment_key_size = std::size_t{32};

/// Binds the sealed bytes to the entry that they belong to, so that details can't be exchanged.
std::string detail_context(std::string_view entry_id) { return "entry-detail:" + std::string{entry_id}; }

Sha256Digest leaf_hash_of(ByteView entry)
{
    auto leaf = Bytes{std::byte{0}}; // RFC 6962 section 2.1: leaves begin with 0, inner nodes with 1
    append(leaf, entry);
    return sha256(leaf);
}

} // namespace

std::string StoredEntry::type() const { return std::string{document.at("type").as_string()}; }
json::object const& StoredEntry::body() const { return document.at("body").as_object(); }
Timestamp StoredEntry::time() const { return parse_rfc3339(document.at("time").as_string()).value(); }

namespace detail {

asio::awaitable<result<PreparedEntry>> prepare_entry(
    DetailSealer& sealer, TenantId tenant, Uuid stream, std::uint64_t sequence, Timestamp at, Entry entry)
{
    EXPECTS(!entry.type.empty() && !entry.actor.empty());
    auto const id = to_string(random_uuid());
    auto document = json::object{};
    document["v"] = 1;
    document["id"] = id;
    document["time"] = to_rfc3339(at);
    document["tenant"] = to_string(tenant);
    document["stream"] = to_string(stream);
    document["sequence"] = sequence;
    document["type"] = entry.type;
    document["actor"] = entry.actor;
    document["body"] = std::move(entry.body);

    auto prepared = PreparedEntry{};
    if (entry.detail) {
        auto const key = random_array<commitment_key_size>();
        auto const plain = canonical_json(entry.detail->value);
        if (plain.size() > 4 * entry_size_max) co_return errc::too_large;
        document["commitment"] = to_string(hmac_sha256(key, bytes_of(plain)));

        auto together = Bytes{key.begin(), key.end()};
        append(together, bytes_of(plain));
        auto sealed = co_await sealer.seal_detail(tenant, entry.detail->person, std::move(together), detail_context(id));
        if (!sealed) co_return sealed.error();
        prepared.sealed_detail = std::move(*sealed);
        if (entry.detail->person) prepared.person = entry.detail->person->uuid;
    }

    // Parentheses: json::value{object} is an array with the object in it.
    prepared.canonical = to_bytes(canonical_json(json::value(std::move(document))));
    if (prepared.canonical.size() > entry_size_max) co_return errc::too_large;
    prepared.leaf_hash = leaf_hash_of(prepared.canonical);
    co_return prepared;
}

asio::awaitable<StoredEntry> read_entry(DetailSealer& sealer, TenantId tenant, std::uint64_t index, Bytes canonical, Sha256Digest leaf_hash,
    std::optional<PersonId> person, std::optional<Bytes> sealed_detail)
{
    auto const broken = [index](char const* why) {
        return DatabaseError{"XX001", "journal entry " + std::to_string(index) + " " + why};
    };
    if (leaf_hash_of(canonical) != leaf_hash) throw broken("does not match its leaf hash");
    auto document = parse_json(text_of(canonical), {.size_max = entry_size_max});
    if (!document || !document->is_object()) throw broken("is no JSON object");
    auto const id = find_string(*document, "id");
    auto const stream_text = find_string(*document, "stream");
    auto const sequence = find(*document, "sequence");
    if (!id || !stream_text || !sequence || !find_string(*document, "type") || !find_string(*document, "time") || !find_object(*document, "body"))
        throw broken("lacks a member");
    auto const stream = parse_uuid(*stream_text);
    if (!stream) throw broken("names no stream");

    auto entry = StoredEntry{};
    entry.index = index;
    entry.stream = *stream;
    entry.sequence = sequence->to_number<std::uint64_t>();
    entry.leaf_hash = leaf_hash;
    entry.person = person;
    auto const commitment = find_string(*document, "commitment");
    if (commitment) entry.detail_state = DetailState::erased;
    if (commitment && sealed_detail) {
        auto const opened = co_await sealer.open_detail(tenant, person, std::move(*sealed_detail), detail_context(*id));
        if (opened && opened->size() >= commitment_key_size) {
            auto const all = ByteView{*opened};
            auto const key = all.first(commitment_key_size);
            auto const plain = all.subspan(commitment_key_size);
            if (to_string(hmac_sha256(key, plain)) != std::string_view{*commitment}) throw broken("has a detail that it does not commit to");
            auto value = parse_json(text_of(plain), {.size_max = 8 * entry_size_max, .depth_max = 64});
            if (!value) throw broken("has a detail that is no JSON");
            entry.detail = std::move(*value);
            entry.commitment_key = to_bytes(key);
            entry.detail_state = DetailState::opened;
        } else if (opened || opened.error() != errc::erased) {
            throw broken("has a detail that does not open");
        }
    }
    entry.document = std::move(document->as_object());
    entry.canonical = std::move(canonical);
    co_return entry;
}

} // namespace detail
} // namespace assay::storage
