#include "exam/selection.hpp"

#include "exam/errors.hpp"
#include "tests/exam/support.hpp"

#include <map>
#include <set>

namespace assay::exam {
namespace {

using namespace test;

ExamVersion without_random_start()
{
    auto version = demo_version();
    version.settings.randomesque = {.candidates = 1, .items = 0};
    return version;
}

result<ItemId> select_next_item(ExamVersion const& version, std::span<ItemId const> administered, std::span<ItemId const> banned, Theta theta,
                                Seed const& seed)
{
    auto const exam = prepared(version);
    auto const nobody = Ineligible{};
    auto const posterior = adaptive::NodePosterior{exam->tables(), {}};
    return exam::select_next_item(
        *exam, {.administered = administered, .banned = banned, .ineligible = nobody, .posterior = posterior, .theta = theta, .seed = seed});
}

std::string const& area_of(ExamVersion const& version, ItemId id) { return find_item(version, id)->area; }

TEST(Draw, AgreesWithPythonsHashlib)
{
    // hashlib.sha256(b"assay.exam.selection.v1\0" + seed + struct.pack(">Q", ordinal)), python 3.11
    auto counting = Seed{};
    for (auto i = std::size_t{0}; i < counting.size(); ++i) counting[i] = static_cast<std::byte>(i);
    EXPECT_EQ(draw(Seed{}, 1, 65536), 8778u);
    EXPECT_EQ(draw(Seed{}, 2, 65536), 6507u);
    EXPECT_EQ(draw(Seed{}, 300, 5), 3u);
    EXPECT_EQ(draw(counting, 1, 1000), 469u);
    EXPECT_EQ(draw(counting, 2, 5), 1u);
    EXPECT_EQ(draw(counting, 300, 65536), 35657u);
    EXPECT_EQ(draw(counting, 300, 1), 0u);
}

TEST(SelectNextItem, TakesTheMostInformativeOneOfTheAreaFurthestBehind)
{
    auto const version = without_random_start();
    for (auto const theta : {-2.0, -0.3, 0.0, 1.7}) {
        auto const* best = static_cast<PoolItem const*>(nullptr);
        for (auto const& item : version.pool)
            if (item.area == "network" && // the largest share comes first
                (best == nullptr || information(item.model, {theta}) > information(best->model, {theta})))
                best = &item;
        EXPECT_EQ(select_next_item(version, {}, {}, {theta}, {}).value(), best->id) << theta;
    }
}

TEST(SelectNextItem, GivesTiesToTheLowerId)
{
    auto version = without_random_start();
    for (auto& item : version.pool) item.model = PoolItem{}.model;
    auto const chosen = select_next_item(version, {}, {}, {0}, {}).value();
    for (auto const& item : version.pool)
        EXPECT_TRUE(item.area != "network" || chosen <= item.id) << item.identifier;
}

TEST(SelectNextItem, KeepsEveryFormWithinOneItemOfTheSharesWhereNoMinimumIsInTheWay)
{
    auto version = without_random_start();
    for (auto& area : version.settings.blueprint) area.minimum = 0;
    auto taken = std::vector<ItemId>{};
    for (auto n = 1; n <= 60; ++n) {
        taken.push_back(select_next_item(version, taken, {}, {0.4}, {}).value());
        auto counts = std::map<std::string, int>{};
        for (auto const& id : taken) ++counts[area_of(version, id)];
        for (auto const& area : version.settings.blueprint)
            EXPECT_LT(std::abs(counts[area.area] - area.share / 100.0 * n), 1.0) << area.area << " after " << n;
    }
    EXPECT_EQ(std::set<ItemId>(taken.begin(), taken.end()).size(), 60u);
}

TEST(SelectNextItem, MeetsTheMinimaByTheMinimumLengthEvenAgainstTheShares)
{
    auto version = without_random_start();
    version.settings.length = {.minimum = 12, .maximum = 20};
    version.settings.blueprint = {{"backup", 1, 4}, {"network", 1000, 0}, {"queries", 1, 3}, {"security", 1, 1}, {"tuning", 1, 2}};
    ASSERT_TRUE(findings(version).empty());
    auto taken = std::vector<ItemId>{};
    auto counts = std::map<std::string, int>{};
    while (taken.size() < 12) {
        taken.push_back(select_next_item(version, taken, {}, {0}, {}).value());
        ++counts[area_of(version, taken.back())];
    }
    for (auto const& area : version.settings.blueprint) EXPECT_GE(counts[area.area], area.minimum) << area.area;
}

TEST(SelectNextItem, DrawsAmongTheBestOnlyAtTheStart)
{
    auto version = demo_version();
    version.settings.blueprint = {{"network", 1, 0}};
    std::erase_if(version.pool, [](PoolItem const& item) { return item.area != "network"; });
    auto ranked = version.pool;
    std::sort(ranked.begin(), ranked.end(), [](auto const& a, auto const& b) {
        return information(a.model, {0}) > information(b.model, {0});
    });
    auto seen = std::map<ItemId, int>{};
    for (auto seed = std::uint64_t{0}; seed < 500; ++seed) ++seen[select_next_item(version, {}, {}, {0}, seed_from(seed)).value()];
    ASSERT_EQ(seen.size(), 5u);
    for (auto i = 0; i < 5; ++i) {
        EXPECT_GT(seen[ranked[i].id], 60); // 100 expected of 500, SD 9
        EXPECT_LT(seen[ranked[i].id], 140);
    }

    auto taken = std::vector<ItemId>{};
    for (auto i = 10; i < 15; ++i) taken.push_back(ranked[i].id);
    for (auto seed = std::uint64_t{0}; seed < 20; ++seed)
        EXPECT_EQ(select_next_item(version, taken, {}, {0}, seed_from(seed)).value(), ranked[0].id);
}

TEST(SelectNextItem, NeverTakesABannedItem)
{
    auto const version = without_random_start();
    auto const first = select_next_item(version, {}, {}, {0}, {}).value();
    auto const second = select_next_item(version, {}, std::vector{first}, {0}, {}).value();
    EXPECT_NE(first, second);
    auto everything = std::vector<ItemId>{};
    for (auto const& item : version.pool) everything.push_back(item.id);
    EXPECT_EQ(select_next_item(version, {}, everything, {0}, {}).error(), errc::bank_exhausted);
    EXPECT_EQ(select_next_item(version, everything, {}, {0}, {}).error(), errc::bank_exhausted);
}

TEST(SelectNextItem, RefusesAFormWithAnItemThatThePoolDoesNotHave)
{
    auto const stranger = std::vector{ItemId{uuid_from_name("item", "stranger")}};
    EXPECT_EQ(select_next_item(demo_version(), stranger, {}, {0}, {}).error(), errc::item_not_in_pool);
}

} // namespace
} // namespace assay::exam
