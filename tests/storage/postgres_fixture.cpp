#include "tests/storage/postgres_fixture.hpp"

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::storage::test {
namespace {

struct RunCluster {
    TemporaryDirectory directory;
    PrivateCluster cluster = PrivateCluster::start(options_for_tests(directory.path() / "state"));
    ~RunCluster() { cluster.stop(); }
};

} // namespace

TemporaryDirectory::TemporaryDirectory()
{
    auto name = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error{"no temporary directory"};
    path_ = name;
    chmod(name.c_str(), 0755);
}
TemporaryDirectory::~TemporaryDirectory()
{
    auto ignored = std::error_code{};
    std::filesystem::remove_all(path_, ignored);
}

ClusterOptions options_for_tests(std::filesystem::path const& state)
{
    auto options = ClusterOptions{};
    options.state = state;
    if (geteuid() == 0) options.user = "postgres";
    options.durable = false;
    options.owner_may_create_databases = true;
    return options;
}

PrivateCluster& cluster()
{
    static auto the = RunCluster{};
    return the.cluster;
}

DatabaseAccess fresh_database()
{
    static auto count = 0;
    auto const name = "test_" + std::to_string(++count);
    BlockingConnection{cluster().access().owner}.script("CREATE DATABASE " + name);
    auto access = cluster().access(name);
    migrate(access.owner);
    return access;
}

Bench::Bench(DatabaseAccess to, PoolOptions options)
    : access{std::move(to)}, pool{context.get_executor(), access.app, options}, vault{pool, SecretBytes::copy_of(random_array<32>())},
      journal{context.get_executor(), pool, vault, clock}
{
}

TenantId Bench::add_tenant(std::string const& slug)
{
    auto const tenant = random_id<TenantId>();
    auto database = BlockingConnection{access.app};
    database.script("BEGIN");
    database.execute("SELECT set_config('assay.tenant', $1, true)", params(tenant));
    database.execute("INSERT INTO tenant (tenant_id, slug, name, kind, public_origin) VALUES ($1, $2, $2, 'demo', 'https://localhost:8443')",
        params(tenant, slug));
    database.script("COMMIT");
    return tenant;
}

} // namespace assay::storage::test
