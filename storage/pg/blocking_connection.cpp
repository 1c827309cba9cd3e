#include "storage/pg/blocking_connection.hpp"

#include "storage/detail/libpq.hpp"

namespace assay::storage {
namespace {

PGconn* connect(Endpoint const& endpoint, std::chrono::milliseconds timeout)
{
    auto const parameters = detail::ConnectParameters{endpoint, timeout};
    return PQconnectdbParams(parameters.keywords(), parameters.values(), 0);
}

Rows checked(PGconn* pg, PGresult* raw)
{
    auto rows = detail::own(raw);
    auto const status = PQresultStatus(rows.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return Rows{std::move(rows)};
    if (!rows || PQstatus(pg) != CONNECTION_OK) throw detail::connection_lost(pg, "the connection to PostgreSQL was lost");
    throw detail::error_of(rows.get());
}

} // namespace

BlockingConnection::BlockingConnection(Endpoint const& endpoint, std::chrono::milliseconds timeout)
    : pg_{connect(endpoint, timeout), PQfinish}
{
    if (PQstatus(pg_.get()) != CONNECTION_OK) throw detail::connection_lost(pg_.get(), "no connection to PostgreSQL");
    PQsetNoticeProcessor(pg_.get(), [](void*, char const*) {}, nullptr); // "relation exists, skipping" is no news
}

Rows BlockingConnection::execute(std::string const& sql, Params const& parameters)
{
    auto const wire = parameters.wire();
    return checked(pg_.get(), PQexecParams(pg_.get(), sql.c_str(), static_cast<int>(parameters.size()), nullptr, wire.values.data(),
                                  wire.lengths.data(), wire.formats.data(), 0));
}

void BlockingConnection::script(std::string const& sql) { checked(pg_.get(), PQexec(pg_.get(), sql.c_str())); }

std::string BlockingConnection::quoted_name(std::string_view name) const
{
    auto const quoted = std::unique_ptr<char, decltype(&PQfreemem)>{PQescapeIdentifier(pg_.get(), name.data(), name.size()), PQfreemem};
    if (!quoted) throw detail::connection_lost(pg_.get(), "a name could not be quoted");
    return quoted.get();
}

} // namespace assay::storage
