#include "tests/storage/postgres_fixture.hpp"

#include <fstream>
#include <sys/stat.h>

namespace assay::storage::test {
namespace {

struct VaultTest : testing::Test {
    result<Bytes> seal(TenantId tenant, std::optional<PersonId> who, std::string const& text, std::string context = "c")
    {
        return run(bench.context, bench.vault.seal(tenant, who, to_bytes(text), std::move(context)));
    }
    result<Bytes> open(TenantId tenant, std::optional<PersonId> who, Bytes sealed, std::string context = "c")
    {
        return run(bench.context, bench.vault.open(tenant, who, std::move(sealed), std::move(context)));
    }
    Bench bench;
    TenantId const mine = bench.add_tenant("mine"), theirs = bench.add_tenant("theirs");
    PersonId const person = random_id<PersonId>();
};

TEST_F(VaultTest, OpensWhatItSealedForThatPersonTenantAndContextOnly)
{
    auto const sealed = seal(mine, person, "text").value();
    EXPECT_EQ(text_of(open(mine, person, sealed).value()), "text");
    EXPECT_EQ(open(mine, person, sealed, "another context").error(), errc::altered);
    EXPECT_EQ(open(theirs, person, sealed).error(), errc::not_found) << "the other tenant never had a key";
    auto const neighbour = random_id<PersonId>();
    ASSERT_TRUE(seal(mine, neighbour, "x"));
    EXPECT_EQ(open(mine, neighbour, sealed).error(), errc::altered);
    auto changed = sealed;
    changed.back() ^= std::byte{1};
    EXPECT_EQ(open(mine, person, changed).error(), errc::altered);
}

TEST_F(VaultTest, NeverOpensNorSealsForAnErasedPersonAgain)
{
    auto const sealed = seal(mine, person, "text").value();
    run(bench.context, bench.vault.erase(mine, person));
    run(bench.context, bench.vault.erase(mine, person));
    EXPECT_EQ(open(mine, person, sealed).error(), errc::erased);
    EXPECT_EQ(seal(mine, person, "more").error(), errc::erased);
    EXPECT_TRUE(seal(theirs, person, "in the other tenant nothing was asked for"));
}

TEST_F(VaultTest, RefusesKeysThatAnotherMasterKeySealed)
{
    ASSERT_TRUE(seal(mine, person, "text"));
    auto other = Vault{bench.pool, SecretBytes::copy_of(random_array<32>())};
    EXPECT_THROW(run(bench.context, other.seal(mine, person, to_bytes("x"), "c")), StorageError);
}

TEST_F(VaultTest, AgreesOnOneKeyWhenTwoNodesMakeItAtOnce)
{
    auto const key = random_array<32>();
    auto first = Vault{bench.pool, SecretBytes::copy_of(key)}, second = Vault{bench.pool, SecretBytes::copy_of(key)};
    auto sealed = std::vector<Bytes>{};
    auto one = [&](Vault& vault) -> asio::awaitable<void> {
        auto bytes = co_await vault.seal(mine, person, to_bytes("text"), "c");
        sealed.push_back(std::move(bytes.value()));
    };
    for (auto* vault : {&first, &second}) asio::co_spawn(bench.context, one(*vault), [](std::exception_ptr error) { EXPECT_FALSE(error); });
    bench.context.restart();
    while (sealed.size() < 2 && bench.context.run_one_for(std::chrono::seconds{5})) {}
    ASSERT_EQ(sealed.size(), 2u);
    EXPECT_EQ(text_of(run(bench.context, first.open(mine, person, sealed[1], "c")).value()), "text");
    EXPECT_EQ(text_of(run(bench.context, second.open(mine, person, sealed[0], "c")).value()), "text");
}

TEST(MasterKey, IsMadeOnceAndReadAgain)
{
    auto const directory = TemporaryDirectory{};
    auto const path = directory.path() / "master.key";
    auto const made = load_or_create_master_key(path);
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    EXPECT_EQ(about.st_size, 32);
    auto const again = load_or_create_master_key(path);
    EXPECT_TRUE(equal_constant_time(made.expose_secret(), again.expose_secret()));
}

TEST(MasterKey, IsRefusedWhenOthersMayReadItOrItIsCut)
{
    auto const directory = TemporaryDirectory{};
    auto const path = directory.path() / "master.key";
    load_or_create_master_key(path);
    chmod(path.c_str(), 0640);
    EXPECT_THROW(load_or_create_master_key(path), StorageError);
    chmod(path.c_str(), 0600);
    std::filesystem::resize_file(path, 31);
    EXPECT_THROW(load_or_create_master_key(path), StorageError);
}

} // namespace
} // namespace assay::storage::test
