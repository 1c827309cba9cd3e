#pragma once
// What comes back. Getters are typed and strict: a column that does not hold what is asked for is a bug or a broken
// world, so they throw (ContractViolation for an unknown column or unexpected null, DatabaseError for another kind of text).
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/uuid.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

struct pg_result; // libpq's PGresult; no header of ours shows libpq

namespace assay::storage {

template <class T>
struct Column; // how T is read from PostgreSQL's text form; below

/// One row; keeps the Rows it is of alive, so `(co_await …).one()` is safe.
class Row {
public:
    Row(std::shared_ptr<pg_result> rows, int index) noexcept : rows_{std::move(rows)}, index_{index} {}

    /// T: Uuid, Id<…>, std::int64_t, std::int32_t, std::int16_t, std::uint64_t, double, bool, std::string, Bytes (bytea), Sha256Digest (bytea),
    /// Timestamp (timestamptz), json::value (json/jsonb), std::vector<Uuid | std::int64_t | std::string>, or std::optional of these.
    template <class T>
    T get(std::string_view column) const { return Column<T>::read(*this, column_named(column)); }
    template <class T>
    T get(int column) const { return Column<T>::read(*this, column); }

    bool is_null(int column) const;
    /// PostgreSQL's text of a column that is not null, valid as long as this Row.
    std::string_view text(int column) const;

private:
    int column_named(std::string_view name) const;
    std::shared_ptr<pg_result> rows_;
    int index_;
};

/// The outcome of one statement. Copies share it.
class Rows {
public:
    Rows() = default;
    explicit Rows(std::shared_ptr<pg_result> rows) noexcept : rows_{std::move(rows)} {}

    int size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    Row operator[](int index) const;
    /// The only row. Expects exactly one.
    Row one() const;
    /// The number of rows that an INSERT, UPDATE or DELETE changed.
    std::int64_t affected() const noexcept;
    /// PostgreSQL's command tag: "INSERT 0 1", "COMMIT".
    std::string_view command() const noexcept;

    class Iterator {
    public:
        Iterator(std::shared_ptr<pg_result> rows, int index) noexcept : rows_{std::move(rows)}, index_{index} {}
        Row operator*() const { return {rows_, index_}; }
        Iterator& operator++() noexcept { ++index_; return *this; }
        friend bool operator==(Iterator const&, Iterator const&) = default;
    private:
        std::shared_ptr<pg_result> rows_;
        int index_;
    };
    Iterator begin() const noexcept { return {rows_, 0}; }
    Iterator end() const noexcept { return {rows_, size()}; }

private:
    std::shared_ptr<pg_result> rows_;
};

#define ASSAY_STORAGE_COLUMN(Type) \
    template <> struct Column<Type> { static Type read(Row const& row, int column); }
ASSAY_STORAGE_COLUMN(Uuid);
ASSAY_STORAGE_COLUMN(std::int64_t);
ASSAY_STORAGE_COLUMN(std::int32_t);
ASSAY_STORAGE_COLUMN(std::int16_t);
ASSAY_STORAGE_COLUMN(std::uint64_t);
ASSAY_STORAGE_COLUMN(double);
ASSAY_STORAGE_COLUMN(bool);
ASSAY_STORAGE_COLUMN(std::string);
ASSAY_STORAGE_COLUMN(Bytes);
ASSAY_STORAGE_COLUMN(Sha256Digest);
ASSAY_STORAGE_COLUMN(Timestamp);
ASSAY_STORAGE_COLUMN(json::value);
ASSAY_STORAGE_COLUMN(std::vector<Uuid>);
ASSAY_STORAGE_COLUMN(std::vector<std::int64_t>);
ASSAY_STORAGE_COLUMN(std::vector<std::string>);
#undef ASSAY_STORAGE_COLUMN

template <class Tag>
struct Column<Id<Tag>> {
    static Id<Tag> read(Row const& row, int column) { return Id<Tag>{Column<Uuid>::read(row, column)}; }
};
template <class T>
struct Column<std::optional<T>> {
    static std::optional<T> read(Row const& row, int column)
    {
        if (row.is_null(column)) return std::nullopt;
        return Column<T>::read(row, column);
    }
};

} // namespace assay::storage
