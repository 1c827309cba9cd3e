#pragma once
// What goes to PostgreSQL: named static SQL and typed parameters. SQL is never put together at run time.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/uuid.hpp"

#include <concepts>
#include <optional>
#include <string_view>
#include <vector>

namespace assay::storage {

/// Static SQL with a name of its own: prepared on its first use on each connection. Two statements never share a name.
/// Write array parameters with their type, `$1::uuid[]`: they travel in binary and PostgreSQL checks that the types agree.
struct Statement {
    std::string_view name;
    std::string_view sql;
};

/// The parameters $1, $2, … of one execution, built by params(…). Owns its bytes.
class Params {
public:
    // uuid, bigint/integer/smallint, double precision, boolean, text/varchar, bytea, timestamptz, json/jsonb.
    void add(Uuid const& value);
    void add(std::signed_integral auto value) { add_integer(value); }
    /// Expects value < 2^63: bigint has no more.
    void add(std::unsigned_integral auto value) { add_unsigned(value); }
    void add(double value);                 ///< shortest text that reads back to the same bits
    void add(bool value);
    void add(std::string_view value);       ///< text; expects no NUL inside
    void add(char const* value) { add(std::string_view{value}); }
    void add(std::string const& value) { add(std::string_view{value}); }
    void add(ByteView value);               ///< bytea, in binary
    void add(Bytes const& value) { add(ByteView{value}); }
    void add(Sha256Digest const& value) { add(ByteView{value.octets}); }
    void add(Timestamp value);
    void add(json::value const& value);     ///< canonical JSON; jsonb
    void add(json::object const& value);
    template <class Tag>
    void add(Id<Tag> const& id) { add(id.uuid); }
    void add(std::nullopt_t) { add_null(); }
    template <class T>
    void add(std::optional<T> const& value) { value ? add(*value) : add_null(); }

    // Arrays, in binary: uuid[], bigint[], text[], bytea[], one dimension; elements may be null.
    void add(std::vector<Uuid> const& values);
    void add(std::vector<std::optional<Uuid>> const& values);
    void add(std::vector<std::int64_t> const& values);
    void add(std::vector<std::uint64_t> const& values);
    void add(std::vector<std::string> const& values);
    void add(std::vector<std::optional<std::string>> const& values);
    void add(std::vector<Bytes> const& values);
    void add(std::vector<std::optional<Bytes>> const& values);
    void add(std::vector<Sha256Digest> const& values);
    template <class Tag>
    void add(std::vector<Id<Tag>> const& ids)
    {
        auto uuids = std::vector<Uuid>{};
        uuids.reserve(ids.size());
        for (auto const& id : ids) uuids.push_back(id.uuid);
        add(uuids);
    }

    // As libpq takes them; the pointers live as long as this object is neither changed nor moved.
    struct Wire {
        std::vector<char const*> values;
        std::vector<int> lengths;
        std::vector<int> formats;
    };
    Wire wire() const;
    std::size_t size() const noexcept { return slots_.size(); }

private:
    struct Slot {
        std::optional<std::string> bytes;
        bool binary = false;
    };
    void add_null() { slots_.push_back({}); }
    void add_integer(std::int64_t value);
    void add_unsigned(std::uint64_t value);
    std::vector<Slot> slots_;
};

/// params(tenant, "name", 7, std::optional<PersonId>{}): the parameters in order.
template <class... Values>
Params params(Values const&... values)
{
    auto built = Params{};
    (built.add(values), ...);
    return built;
}

} // namespace assay::storage
