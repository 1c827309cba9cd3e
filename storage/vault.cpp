#include "storage/vault.hpp"

#include "core/random.hpp"
#include "core/sealing.hpp"
#include "storage/detail/files.hpp"
#include "storage/pool.hpp"

#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr auto cached_for = std::chrono::seconds{60};
constexpr auto cached_max = std::size_t{4'096}; // each lies in a locked page of its own
constexpr auto tenant_itself = Uuid{};

constexpr auto read_keys = Statement{"vault_read_keys", R"sql(
    SELECT t.sealed_key, d.sealed_key, d.subject IS NOT NULL
      FROM tenant_key t LEFT JOIN data_key d ON d.tenant_id = t.tenant_id AND d.subject = $2
     WHERE t.tenant_id = $1)sql"};
// Two nodes may make a key at once: the first one stays, and both read it back.
constexpr auto add_tenant_key = Statement{"vault_add_tenant_key",
    "INSERT INTO tenant_key (tenant_id, sealed_key) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING"};
constexpr auto add_data_key = Statement{"vault_add_data_key",
    "INSERT INTO data_key (tenant_id, subject, sealed_key) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, subject) DO NOTHING"};
constexpr auto destroy_key = Statement{"vault_destroy_key", R"sql(
    INSERT INTO data_key (tenant_id, subject, sealed_key, erased_at) VALUES ($1, $2, NULL, clock_timestamp())
    ON CONFLICT (tenant_id, subject) DO UPDATE
       SET sealed_key = NULL, erased_at = coalesce(data_key.erased_at, excluded.erased_at))sql"};
constexpr auto destroy_details = Statement{"vault_destroy_details", "DELETE FROM entry_detail WHERE tenant_id = $1 AND person_id = $2"};

std::string tenant_key_context(TenantId tenant) { return "tenant-key:" + to_string(tenant); }
std::string data_key_context(TenantId tenant, Uuid subject) { return "data-key:" + to_string(tenant) + ":" + to_string(subject); }

Bytes new_sealed_key(SecretBytes const& under, std::string_view context)
{
    auto key = SecretBytes{sealing_key_size};
    randombytes_buf(key.expose_secret_for_writing().data(), key.size());
    return seal(under, key.expose_secret(), context, random_array<sealing_nonce_size>());
}

SecretBytes read_master_key(detail::File const& file, std::filesystem::path const& path)
{
    struct stat about {};
    if (fstat(file.number(), &about) != 0) throw StorageError{detail::system_message("cannot look at the master key", path)};
    if ((about.st_mode & 077) != 0) throw StorageError{"the master key " + path.string() + " can be read by others (chmod 600 it, and think about who did)"};
    auto key = SecretBytes{sealing_key_size};
    auto const got = ::read(file.number(), key.expose_secret_for_writing().data(), key.size());
    if (about.st_size != static_cast<off_t>(sealing_key_size) || got != static_cast<ssize_t>(sealing_key_size))
        throw StorageError{"the master key " + path.string() + " is not 32 bytes long"};
    return key;
}

} // namespace

SecretBytes load_or_create_master_key(std::filesystem::path const& path)
{
    if (auto const file = detail::File::open(path, O_RDONLY)) return read_master_key(*file, path);
    if (errno != ENOENT) throw StorageError{detail::system_message("cannot read the master key", path)};

    auto key = SecretBytes{sealing_key_size};
    randombytes_buf(key.expose_secret_for_writing().data(), key.size());
    // Whole or not at all, and never over another one: link() refuses when a second process was quicker, whose key then counts.
    auto const fresh = path.string() + "." + std::to_string(getpid());
    detail::write_durably(fresh, key.expose_secret());
    auto const linked = ::link(fresh.c_str(), path.c_str());
    auto const error = errno;
    ::unlink(fresh.c_str());
    if (linked != 0 && error != EEXIST) {
        errno = error;
        throw StorageError{detail::system_message("cannot write the master key", path)};
    }
    detail::sync_directory(path.parent_path());
    auto const file = detail::File::open(path, O_RDONLY);
    if (!file) throw StorageError{detail::system_message("cannot read the master key", path)};
    return read_master_key(*file, path);
}

struct Vault::State {
    using Key = std::shared_ptr<SecretBytes const>;
    struct Cached {
        Key key;
        SteadyClock::time_point until;
    };
    enum class Make { yes, no };

    asio::awaitable<result<Key>> key_of(TenantId tenant, Uuid subject, Make make);

    Pool& pool;
    SecretBytes master_key;
    std::map<std::pair<TenantId, Uuid>, Cached> cache;
};

asio::awaitable<result<Vault::State::Key>> Vault::State::key_of(TenantId tenant, Uuid subject, Make make)
{
    auto const name = std::pair{tenant, subject};
    if (auto const found = cache.find(name); found != cache.end() && SteadyClock::now() < found->second.until) co_return found->second.key;

    while (true) {
        auto const rows = co_await pool.query(tenant, read_keys, params(tenant, subject));
        if (rows.empty()) {
            if (make == Make::no) co_return errc::not_found;
            auto const sealed = new_sealed_key(master_key, tenant_key_context(tenant));
            co_await pool.query(tenant, add_tenant_key, params(tenant, sealed));
            continue;
        }
        auto const row = rows.one();
        auto tenant_key = open_sealed_secret(master_key, row.get<Bytes>(0), tenant_key_context(tenant));
        if (!tenant_key) throw StorageError{"the keys in the database were sealed with another master key"};
        if (!row.get<bool>(2)) {
            if (make == Make::no) co_return errc::not_found;
            auto const sealed = new_sealed_key(*tenant_key, data_key_context(tenant, subject));
            co_await pool.query(tenant, add_data_key, params(tenant, subject, sealed));
            continue;
        }
        if (row.is_null(1)) co_return errc::erased;
        auto data_key = open_sealed_secret(*tenant_key, row.get<Bytes>(1), data_key_context(tenant, subject));
        if (!data_key) co_return errc::altered;
        auto const key = std::make_shared<SecretBytes const>(std::move(*data_key));
        if (cache.size() >= cached_max) cache.clear();
        cache[name] = {key, SteadyClock::now() + cached_for};
        co_return key;
    }
}

Vault::Vault(Pool& pool, SecretBytes master_key) : state_{new State{pool, std::move(master_key), {}}}
{
    EXPECTS(state_->master_key.size() == sealing_key_size);
}
Vault::~Vault() = default;

asio::awaitable<result<Bytes>> Vault::seal(TenantId tenant, std::optional<PersonId> person, Bytes plain, std::string context)
{
    auto const subject = person ? person->uuid : tenant_itself;
    auto const key = co_await state_->key_of(tenant, subject, State::Make::yes);
    if (!key) co_return key.error();
    co_return assay::seal(**key, plain, context, random_array<sealing_nonce_size>());
}

asio::awaitable<result<Bytes>> Vault::open(TenantId tenant, std::optional<PersonId> person, Bytes sealed, std::string context)
{
    auto const subject = person ? person->uuid : tenant_itself;
    auto const key = co_await state_->key_of(tenant, subject, State::Make::no);
    if (!key) co_return key.error();
    auto plain = open_seal(**key, sealed, context);
    if (!plain) co_return errc::altered;
    co_return std::move(*plain);
}

asio::awaitable<void> Vault::erase(TenantId tenant, PersonId person)
{
    auto transaction = co_await state_->pool.begin(tenant);
    co_await transaction.query(destroy_key, params(tenant, person));
    co_await transaction.query(destroy_details, params(tenant, person));
    co_await transaction.commit();
    state_->cache.erase({tenant, person.uuid});
}

asio::awaitable<result<Bytes>> Vault::seal_detail(TenantId tenant, std::optional<PersonId> person, Bytes plain, std::string context)
{
    return seal(tenant, person, std::move(plain), std::move(context));
}
asio::awaitable<result<Bytes>> Vault::open_detail(TenantId tenant, std::optional<PersonId> person, Bytes sealed, std::string context)
{
    return open(tenant, person, std::move(sealed), std::move(context));
}

} // namespace assay::storage
