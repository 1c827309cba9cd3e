#include "storage/evidence_store.hpp"
#include "tests/storage/postgres_fixture.hpp"

#include <fstream>

namespace assay::storage::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct EvidenceStoreTest : testing::Test {
    Sha256Digest put(std::string const& text) { return run(bench.context, store.put(tenant, person, to_bytes(text))).value(); }
    result<Bytes> get(Sha256Digest name) { return run(bench.context, store.get(tenant, person, name)); }
    fs::path file(Sha256Digest const& name) const
    {
        for (auto const& entry : fs::recursive_directory_iterator{directory.path()})
            if (entry.path().filename() == to_string(name)) return entry.path();
        return {};
    }
    Bench bench;
    TenantId const tenant = bench.add_tenant("one");
    PersonId const person = random_id<PersonId>();
    TemporaryDirectory directory;
    EvidenceStore store{directory.path() / "evidence", bench.vault};
};

TEST_F(EvidenceStoreTest, KeepsWhatItWasGivenUnderTheHashOfTheFile)
{
    auto const name = put("a picture");
    EXPECT_EQ(text_of(get(name).value()), "a picture");
    auto stream = std::ifstream{file(name), std::ios::binary};
    auto const content = std::string{std::istreambuf_iterator<char>{stream}, {}};
    EXPECT_EQ(sha256(content), name);
    EXPECT_EQ(content.find("picture"), std::string::npos);
    EXPECT_EQ(fs::status(file(name)).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(EvidenceStoreTest, NoticesAChangedByteAndAMissingFile)
{
    auto const name = put("a picture");
    {
        auto stream = std::fstream{file(name), std::ios::in | std::ios::out | std::ios::binary};
        stream.seekp(30);
        stream.put('!');
        stream.put('?');
    }
    EXPECT_EQ(get(name).error(), errc::altered);
    EXPECT_EQ(get(sha256("nothing")).error(), errc::not_found);
}

TEST_F(EvidenceStoreTest, GivesAnotherTenantNothing)
{
    auto const other = bench.add_tenant("two");
    auto const name = put("a picture");
    EXPECT_EQ(run(bench.context, store.get(other, person, name)).error(), errc::not_found);
}

TEST_F(EvidenceStoreTest, IsUnreadableAfterThePersonIsErased)
{
    auto const name = put("a picture");
    run(bench.context, bench.vault.erase(tenant, person));
    EXPECT_EQ(get(name).error(), errc::erased);
    EXPECT_TRUE(store.remove(tenant, name));
    EXPECT_FALSE(store.remove(tenant, name));
}

TEST_F(EvidenceStoreTest, SweepsWhatNoEntryNamesOnceItIsOld)
{
    auto const named = put("named"), unnamed = put("unnamed");
    auto const left_over = file(named).parent_path() / ".new-left-over", foreign = file(named).parent_path() / "README";
    std::ofstream{left_over} << "half";
    std::ofstream{foreign} << "not ours";
    auto const is_named = [&](Sha256Digest const& name) { return name == named; };
    EXPECT_EQ(store.sweep(tenant, is_named, 1h), 0u) << "what is young may be waiting for its entry";
    EXPECT_EQ(store.sweep(tenant, is_named, 0s), 2u);
    EXPECT_TRUE(get(named));
    EXPECT_EQ(get(unnamed).error(), errc::not_found);
    EXPECT_FALSE(fs::exists(left_over));
    EXPECT_TRUE(fs::exists(foreign));
}

TEST_F(EvidenceStoreTest, RefusesMoreThan16MiB)
{
    EXPECT_EQ(run(bench.context, store.put(tenant, person, Bytes((16 << 20) + 1))).error(), errc::too_large);
}

} // namespace
} // namespace assay::storage::test
