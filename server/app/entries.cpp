#include "server/app/entries.hpp"

namespace assay::server {

storage::Append single_entry(Uuid stream, std::uint64_t version, std::string type, std::string who, json::object body)
{
    auto append = storage::Append{};
    append.stream = stream;
    append.expected_version = version;
    auto entry = storage::Entry{};
    entry.type = std::move(type);
    entry.actor = std::move(who);
    entry.body = std::move(body);
    append.entries.push_back(std::move(entry));
    return append;
}

void attach_detail(storage::Append& append, std::optional<PersonId> person, json::value detail)
{
    auto& hidden = append.entries.front().detail.emplace();
    hidden.person = person;
    hidden.value = std::move(detail);
}

void stored_or_stale(result<storage::Appended> const& stored)
{
    if (!stored && stored.error() != storage::errc::stale) stored.value();
}

asio::awaitable<std::uint64_t> stream_version(Services& services, TenantId tenant, Uuid stream)
{
    auto const entries = co_await services.journal.read_stream(tenant, stream);
    co_return entries.size();
}

} // namespace assay::server
