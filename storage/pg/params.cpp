#include "storage/pg/statement.hpp"

#include <charconv>
#include <limits>

namespace assay::storage {
namespace {

// Type numbers that PostgreSQL never changes (pg_type.dat).
enum class Oid : std::uint32_t { bytea = 17, int8 = 20, text = 25, uuid = 2950 };

void put_int32(std::string& to, std::uint32_t value)
{
    for (auto shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift & 0xff));
}

std::string element(Uuid const& value) { return std::string{text_of(value.octets)}; }
std::string element(Sha256Digest const& value) { return std::string{text_of(value.octets)}; }
std::string element(Bytes const& value) { return std::string{text_of(value)}; }
std::string const& element(std::string const& value) { return value; }
std::string element(std::int64_t value)
{
    auto bytes = Bytes{};
    append_big_endian(bytes, static_cast<std::uint64_t>(value), 8);
    return std::string{text_of(bytes)};
}

template <class T>
void put_element(std::string& to, T const& value)
{
    auto const& bytes = element(value);
    put_int32(to, static_cast<std::uint32_t>(bytes.size()));
    to += bytes;
}
template <class T>
void put_element(std::string& to, std::optional<T> const& value)
{
    value ? put_element(to, *value) : put_int32(to, 0xffffffff);
}

/// array_send's form: dimensions, has-nulls, element type, then per dimension size and lower bound, then the elements.
template <class T>
std::string array(Oid type, std::vector<T> const& values)
{
    EXPECTS(values.size() <= 1'000'000);
    auto bytes = std::string{};
    put_int32(bytes, values.empty() ? 0 : 1);
    put_int32(bytes, 1);
    put_int32(bytes, static_cast<std::uint32_t>(type));
    if (values.empty()) return bytes;
    put_int32(bytes, static_cast<std::uint32_t>(values.size()));
    put_int32(bytes, 1);
    for (auto const& value : values) put_element(bytes, value);
    return bytes;
}

} // namespace

void Params::add(Uuid const& value) { slots_.push_back({to_string(value)}); }
void Params::add_integer(std::int64_t value) { slots_.push_back({std::to_string(value)}); }
void Params::add_unsigned(std::uint64_t value)
{
    EXPECTS(value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    slots_.push_back({std::to_string(value)});
}
void Params::add(double value)
{
    auto text = std::array<char, 32>{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    slots_.push_back({std::string{text.data(), end}});
}
void Params::add(bool value) { slots_.push_back({value ? "t" : "f"}); }
void Params::add(std::string_view value)
{
    EXPECTS(value.find('\0') == std::string_view::npos);
    slots_.push_back({std::string{value}});
}
void Params::add(ByteView value) { slots_.push_back({std::string{text_of(value)}, true}); }
void Params::add(Timestamp value) { slots_.push_back({to_rfc3339(value)}); }
void Params::add(json::value const& value) { slots_.push_back({canonical_json(value)}); }
void Params::add(json::object const& value) { slots_.push_back({canonical_json(json::value(value))}); }

void Params::add(std::vector<Uuid> const& values) { slots_.push_back({array(Oid::uuid, values), true}); }
void Params::add(std::vector<std::optional<Uuid>> const& values) { slots_.push_back({array(Oid::uuid, values), true}); }
void Params::add(std::vector<std::int64_t> const& values) { slots_.push_back({array(Oid::int8, values), true}); }
void Params::add(std::vector<std::uint64_t> const& values)
{
    auto as_signed = std::vector<std::int64_t>{};
    as_signed.reserve(values.size());
    for (auto const value : values) {
        EXPECTS(value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
        as_signed.push_back(static_cast<std::int64_t>(value));
    }
    add(as_signed);
}
void Params::add(std::vector<std::string> const& values) { slots_.push_back({array(Oid::text, values), true}); }
void Params::add(std::vector<std::optional<std::string>> const& values) { slots_.push_back({array(Oid::text, values), true}); }
void Params::add(std::vector<Bytes> const& values) { slots_.push_back({array(Oid::bytea, values), true}); }
void Params::add(std::vector<std::optional<Bytes>> const& values) { slots_.push_back({array(Oid::bytea, values), true}); }
void Params::add(std::vector<Sha256Digest> const& values) { slots_.push_back({array(Oid::bytea, values), true}); }

Params::Wire Params::wire() const
{
    auto wire = Wire{};
    for (auto const& slot : slots_) {
        wire.values.push_back(slot.bytes ? slot.bytes->data() : nullptr);
        wire.lengths.push_back(slot.bytes ? static_cast<int>(slot.bytes->size()) : 0);
        wire.formats.push_back(slot.binary ? 1 : 0);
    }
    return wire;
}

} // namespace assay::storage
