#include "server/app/people.hpp"

#include "core/random.hpp"

namespace assay::server {
namespace {

std::string profile_context(PersonId person) { return "person-profile/" + to_string(person); }

} // namespace

asio::awaitable<std::optional<storage::PersonProfile>> read_profile(Services& services, TenantId tenant, PersonId person)
{
    auto row = co_await storage::find_person(services.pool, tenant, person);
    if (!row || row->erased_at) co_return std::nullopt;
    auto const opened = co_await services.vault.open(tenant, person, std::move(row->sealed_profile), profile_context(person));
    if (!opened) co_return std::nullopt;
    auto const value = parse_json(text_of(*opened));
    auto profile = value ? storage::person_profile_from_json(*value) : result<storage::PersonProfile>{value.error()};
    if (!profile) throw std::runtime_error{"the profile of person " + to_string(person) + " can't be read: " + profile.error().message()};
    co_return std::move(*profile);
}

asio::awaitable<result<Bytes>> seal_profile(Services& services, TenantId tenant, PersonId person, storage::PersonProfile profile)
{
    auto plain = to_bytes(canonical_json(storage::to_json(profile)));
    co_return co_await services.vault.seal(tenant, person, std::move(plain), profile_context(person));
}

asio::awaitable<result<storage::PersonRow>> new_person(Services& services, TenantId tenant, storage::PersonProfile profile)
{
    auto row = storage::PersonRow{};
    row.id = random_id<PersonId>();
    row.created_at = services.now();
    auto sealed = co_await seal_profile(services, tenant, row.id, std::move(profile));
    if (!sealed) co_return sealed.error();
    row.sealed_profile = std::move(*sealed);
    co_return row;
}

json::array strings(std::vector<std::string> const& texts)
{
    auto array = json::array{};
    for (auto const& text : texts) array.emplace_back(text);
    return array;
}

std::string const& shown_name(storage::PersonProfile const& profile)
{
    return profile.preferred_name.empty() ? profile.full_name : profile.preferred_name;
}

} // namespace assay::server
