#pragma once
// What our blocking and non-blocking connections share. Only sources of storage/ include this.
#include "storage/pg/connection.hpp"

#include <libpq-fe.h>

namespace assay::storage::detail {

using Result = std::shared_ptr<PGresult>;
inline Result own(PGresult* rows) { return {rows, PQclear}; }

/// The address taken apart, with what every connection of ours sets: role, UTC, the text forms that rows.cpp reads.
class ConnectParameters {
public:
    ConnectParameters(Endpoint const& endpoint, std::chrono::milliseconds timeout);
    char const* const* keywords() const noexcept { return keyword_pointers_.data(); }
    char const* const* values() const noexcept { return value_pointers_.data(); }

private:
    std::vector<std::string> keywords_, values_;
    std::vector<char const*> keyword_pointers_, value_pointers_;
};

DatabaseError error_of(PGresult const* failed);
DatabaseError connection_lost(PGconn const* connection, std::string const& doing);

} // namespace assay::storage::detail
