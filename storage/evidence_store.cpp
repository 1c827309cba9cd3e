#include "storage/evidence_store.hpp"

#include "storage/detail/files.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/stat.h>

namespace assay::storage {
namespace {

namespace fs = std::filesystem;
constexpr auto evidence_size_max = std::size_t{16} << 20;
constexpr auto file_size_max = evidence_size_max + 4096; // sealed: nonce and tag more

std::string context_of(TenantId tenant) { return "evidence:" + to_string(tenant); }

void make_private_directory(fs::path const& directory)
{
    if (::mkdir(directory.c_str(), 0700) == 0) return detail::sync_directory(directory.parent_path());
    if (errno != EEXIST || !fs::is_directory(directory)) throw StorageError{detail::system_message("cannot make the directory", directory)};
}

// Run on the store's own thread; everything by value, since they outlive nothing but themselves.
asio::awaitable<void> write_file(fs::path path, Bytes content)
{
    make_private_directory(path.parent_path().parent_path());
    make_private_directory(path.parent_path());
    if (!fs::exists(path)) detail::replace_durably(path, content);
    co_return;
}
asio::awaitable<std::optional<Bytes>> read_file(fs::path path) { co_return detail::read_whole(path, file_size_max); }

} // namespace

EvidenceStore::EvidenceStore(fs::path directory, Vault& vault) : directory_{std::move(directory)}, vault_{vault}
{
    make_private_directory(directory_);
}

/// directory/tenant/first two digits/all 64 digits
fs::path EvidenceStore::file_of(TenantId tenant, Sha256Digest const& name) const
{
    auto const digits = to_string(name);
    return directory_ / to_string(tenant) / digits.substr(0, 2) / digits;
}

asio::awaitable<result<Sha256Digest>> EvidenceStore::put(TenantId tenant, std::optional<PersonId> person, Bytes content)
{
    if (content.size() > evidence_size_max) co_return errc::too_large;
    auto sealed = co_await vault_.seal(tenant, person, std::move(content), context_of(tenant));
    if (!sealed) co_return sealed.error();
    auto const name = sha256(*sealed);
    co_await asio::co_spawn(files_, write_file(file_of(tenant, name), std::move(*sealed)), asio::use_awaitable);
    co_return name;
}

asio::awaitable<result<Bytes>> EvidenceStore::get(TenantId tenant, std::optional<PersonId> person, Sha256Digest name)
{
    auto sealed = co_await asio::co_spawn(files_, read_file(file_of(tenant, name)), asio::use_awaitable);
    if (!sealed) co_return errc::not_found;
    if (sha256(*sealed) != name) co_return errc::altered;
    co_return co_await vault_.open(tenant, person, std::move(*sealed), context_of(tenant));
}

bool EvidenceStore::remove(TenantId tenant, Sha256Digest const& name)
{
    auto const path = file_of(tenant, name);
    if (!fs::remove(path)) return false;
    detail::sync_directory(path.parent_path());
    return true;
}

std::size_t EvidenceStore::sweep(TenantId tenant, std::function<bool(Sha256Digest const&)> const& is_named, std::chrono::seconds age_min) const
{
    auto const root = directory_ / to_string(tenant);
    if (!fs::exists(root)) return 0;
    auto const young = fs::file_time_type::clock::now() - age_min;
    auto removed = std::size_t{0};
    for (auto const& entry : fs::recursive_directory_iterator{root}) {
        if (!entry.is_regular_file() || entry.last_write_time() > young) continue;
        auto const name = entry.path().filename().string();
        auto const digest = parse_sha256(name);
        auto const left_over = name.starts_with(".new-");
        // What is neither ours nor a left-over of ours is nobody's to delete.
        if ((digest && !is_named(*digest)) || left_over) removed += fs::remove(entry.path()) ? 1 : 0;
    }
    return removed;
}

} // namespace assay::storage
