#pragma once
#include <boost/system/error_code.hpp>
#include <stdexcept>
#include <string>

namespace assay::storage {

/// What a caller of storage must expect.
enum class errc {
    stale = 1,    ///< the stream's version is not the expected one: somebody else appended; load again and decide again
    conflicting,  ///< this idempotency key was used before with another request hash
    too_large,    ///< an entry over 65,535 bytes, or an append over its bounds
    not_found,    ///< no such row or file for this tenant (a foreign one is no different)
    erased,       ///< the person's key was destroyed: the bytes can't be read by anybody
    altered,      ///< stored bytes don't open, or don't match the hash that names them
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

/// The world is broken: PostgreSQL is gone, refuses, or answered what it never should. Answered 503 at the request boundary.
/// `sqlstate` is PostgreSQL's five characters, or empty when the server never said any (connection lost, deadline passed);
/// then whether the transaction was committed is unknown.
class DatabaseError : public std::runtime_error {
public:
    DatabaseError(std::string sqlstate, std::string const& message, std::string constraint = {})
        : std::runtime_error(message), sqlstate_{std::move(sqlstate)}, constraint_{std::move(constraint)} {}

    std::string const& sqlstate() const noexcept { return sqlstate_; }
    /// The violated constraint's name, when there is one.
    std::string const& constraint() const noexcept { return constraint_; }

    bool is_unique_violation() const noexcept { return sqlstate_ == "23505"; }
    bool is_foreign_key_violation() const noexcept { return sqlstate_ == "23503"; }
    /// The connection is gone, the server is restarting, or a deadlock was broken: the same work may succeed when tried again.
    bool is_transient() const noexcept;
    /// The server refused these very values (classes 22, 23, P0): trying again gives the same.
    bool is_refusal_of_values() const noexcept;

private:
    std::string sqlstate_;
    std::string constraint_;
};

/// Files, processes and permissions that are not as they must be: said to the operator in one line.
class StorageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace assay::storage

template <>
struct boost::system::is_error_code_enum<assay::storage::errc> : std::true_type {};
