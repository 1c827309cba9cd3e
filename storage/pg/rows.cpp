#include "storage/pg/rows.hpp"

#include "storage/errors.hpp"

#include <charconv>
#include <libpq-fe.h>

namespace assay::storage {
namespace {

[[noreturn]] void not_a(std::string_view kind)
{
    // Without the text: it may be somebody's name.
    throw DatabaseError{"", "a column does not hold " + std::string{kind}};
}

template <class Number>
Number number(std::string_view text, std::string_view kind)
{
    auto value = Number{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) not_a(kind);
    return value;
}

/// The elements of a one-dimensional array in PostgreSQL's text form, {a,"b c",…}. No element may be null.
std::vector<std::string> elements(std::string_view text)
{
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') not_a("an array");
    auto const inside = text.substr(1, text.size() - 2);
    auto found = std::vector<std::string>{};
    for (auto at = std::size_t{0}; at < inside.size();) {
        auto value = std::string{};
        auto const quoted = inside[at] == '"';
        if (quoted) ++at;
        for (; at < inside.size() && inside[at] != (quoted ? '"' : ','); ++at) {
            if (inside[at] == '\\' && ++at == inside.size()) not_a("an array");
            value.push_back(inside[at]);
        }
        if (quoted && at++ == inside.size()) not_a("an array");
        if (!quoted && value == "NULL") not_a("an array without nulls");
        found.push_back(std::move(value));
        if (at < inside.size() && inside[at++] != ',') not_a("a plain array");
    }
    return found;
}

} // namespace

bool Row::is_null(int column) const
{
    EXPECTS(column >= 0 && column < PQnfields(rows_.get()));
    return PQgetisnull(rows_.get(), index_, column) != 0;
}

std::string_view Row::text(int column) const
{
    EXPECTS(!is_null(column));
    return {PQgetvalue(rows_.get(), index_, column), static_cast<std::size_t>(PQgetlength(rows_.get(), index_, column))};
}

int Row::column_named(std::string_view name) const
{
    // PQfnumber would fold the case and wants a C string.
    for (auto column = 0; column < PQnfields(rows_.get()); ++column)
        if (PQfname(rows_.get(), column) == name) return column;
    EXPECTS(!"no such column");
    return -1;
}

int Rows::size() const noexcept { return rows_ ? PQntuples(rows_.get()) : 0; }

Row Rows::operator[](int index) const
{
    EXPECTS(index >= 0 && index < size());
    return {rows_, index};
}

Row Rows::one() const
{
    EXPECTS(size() == 1);
    return {rows_, 0};
}

std::int64_t Rows::affected() const noexcept
{
    auto const text = std::string_view{rows_ ? PQcmdTuples(rows_.get()) : ""};
    auto count = std::int64_t{0};
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::string_view Rows::command() const noexcept { return rows_ ? PQcmdStatus(rows_.get()) : ""; }

Uuid Column<Uuid>::read(Row const& row, int column)
{
    auto const uuid = parse_uuid(row.text(column));
    if (!uuid) not_a("a uuid");
    return *uuid;
}
std::int64_t Column<std::int64_t>::read(Row const& row, int column) { return number<std::int64_t>(row.text(column), "a bigint"); }
std::int32_t Column<std::int32_t>::read(Row const& row, int column) { return number<std::int32_t>(row.text(column), "an integer"); }
std::int16_t Column<std::int16_t>::read(Row const& row, int column) { return number<std::int16_t>(row.text(column), "a smallint"); }
std::uint64_t Column<std::uint64_t>::read(Row const& row, int column)
{
    return number<std::uint64_t>(row.text(column), "a number that is not negative");
}
double Column<double>::read(Row const& row, int column)
{
    auto const text = row.text(column);
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    return number<double>(text, "a number");
}
bool Column<bool>::read(Row const& row, int column)
{
    auto const text = row.text(column);
    if (text != "t" && text != "f") not_a("a boolean");
    return text == "t";
}
std::string Column<std::string>::read(Row const& row, int column) { return std::string{row.text(column)}; }

Bytes Column<Bytes>::read(Row const& row, int column)
{
    auto const text = row.text(column);
    if (!text.starts_with("\\x")) not_a("bytes");
    auto bytes = from_hex(text.substr(2));
    if (!bytes) not_a("bytes");
    return std::move(*bytes);
}
Sha256Digest Column<Sha256Digest>::read(Row const& row, int column)
{
    auto const text = row.text(column);
    auto const digest = text.starts_with("\\x") ? parse_sha256(text.substr(2)) : result<Sha256Digest>{errc::altered};
    if (!digest) not_a("a SHA-256");
    return *digest;
}
Timestamp Column<Timestamp>::read(Row const& row, int column)
{
    // "2026-11-23 09:30:00.5+00": DateStyle ISO and TimeZone UTC are set on every connection.
    auto text = std::string{row.text(column)};
    if (text.size() < 20 || text[10] != ' ' || !text.ends_with("+00")) not_a("a timestamptz in UTC");
    text[10] = 'T';
    text.replace(text.size() - 3, 3, "Z");
    auto const at = parse_rfc3339(text);
    if (!at) not_a("a timestamptz in UTC");
    return *at;
}
json::value Column<json::value>::read(Row const& row, int column)
{
    // jsonb prints spaces and its own order of members: a value, not the bytes that were stored.
    auto value = parse_json(row.text(column), {.size_max = 64 << 20, .depth_max = 64});
    if (!value) not_a("JSON");
    return std::move(*value);
}

std::vector<std::string> Column<std::vector<std::string>>::read(Row const& row, int column) { return elements(row.text(column)); }
std::vector<std::int64_t> Column<std::vector<std::int64_t>>::read(Row const& row, int column)
{
    auto values = std::vector<std::int64_t>{};
    for (auto const& text : elements(row.text(column))) values.push_back(number<std::int64_t>(text, "a bigint"));
    return values;
}
std::vector<Uuid> Column<std::vector<Uuid>>::read(Row const& row, int column)
{
    auto values = std::vector<Uuid>{};
    for (auto const& text : elements(row.text(column))) {
        auto const uuid = parse_uuid(text);
        if (!uuid) not_a("a uuid");
        values.push_back(*uuid);
    }
    return values;
}

} // namespace assay::storage
