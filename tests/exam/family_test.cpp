// Families: items made from one template are enemies in every sitting, and seen together by whoever has seen one.
#include "tests/exam/form_support.hpp"

#include <gmock/gmock.h>
#include <map>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expect_no_siblings(SittingRun const& run, std::string const& what)
{
    for (auto const& [family, members] : run.version.settings.families) {
        auto count = 0;
        for (auto const& item : run.sitting.items) count += static_cast<int>(std::ranges::count(members, find_presentable(run.version, item.item)->identifier));
        EXPECT_LE(count, 1) << what << ": " << family;
    }
}

TEST(Families, NeverHaveTwoItemsInASitting)
{
    auto const plain = with_families_of(demo_version(), 4);
    ASSERT_THAT(findings(plain), IsEmpty());
    for (auto seed = std::uint64_t{1}; seed <= 20; ++seed) {
        auto const run = simulated_run(plain, {0.1 * static_cast<double>(seed) - 1}, seed);
        expect_no_siblings(run, std::to_string(seed));
        EXPECT_GE(run.sitting.items.size(), 15u);
        if (seed <= 2) expect_identical_replay(run, "families");
    }
    auto formed = form_version();
    formed.settings.length = {.minimum = 15, .maximum = 18};
    formed.settings.families = {{"a", {"backup-6", "backup-7", "backup-8", "backup-9", "backup-10"}}, {"b", {"tuning-10", "tuning-11", "tuning-12", "tuning-13"}},
                                {"c", {"security-12", "network-12", "queries-12"}}};
    ASSERT_THAT(findings(formed), IsEmpty());
    for (auto seed = std::uint64_t{1}; seed <= 4; ++seed) {
        auto const run = simulated_run(formed, {0.2}, seed);
        expect_no_siblings(run, "with form rules " + std::to_string(seed));
        EXPECT_THAT(broken(run), IsEmpty());
        if (seed == 1) expect_identical_replay(run, "families with form rules");
    }
}

TEST(Families, KeepAPretestItemFromASittingWithItsSibling)
{
    auto version = demo_version();
    version.settings.pretest.slots = 1;
    version.pretest = {pool_item("new", "backup", {})};
    auto& family = version.settings.families["everybody in backup and network"] = {"new"};
    for (auto const& item : version.pool)
        if (item.area == "network") family.push_back(item.identifier);
    // The family leaves one item of network, or the new one: never both.
    version.settings.blueprint[1].minimum = 0;
    ASSERT_THAT(findings(version), IsEmpty());
    auto const sit = [](ExamVersion const& exam, std::uint64_t seed) {
        auto run = SittingRun{.version = exam};
        auto open = opening(exam, seed);
        open.pretest = {{exam.pretest[0].id, 1}};
        EXPECT_FALSE(run.send(open, noon));
        EXPECT_FALSE(run.send(Attach{1}, noon));
        EXPECT_FALSE(run.send(Start{1}, noon));
        for (auto i = 0; !run.sitting.ended; ++i) EXPECT_FALSE(run.answer(i % 2 != 0 ? right() : wrong(), noon + seconds{i}));
        return run;
    };
    auto with_new = 0;
    for (auto seed = std::uint64_t{1}; seed <= 30; ++seed) {
        auto const run = sit(version, seed);
        expect_no_siblings(run, std::to_string(seed));
        with_new += static_cast<int>(std::ranges::count(run.sitting.items, false, &AdministeredItem::scored));
    }
    EXPECT_GT(with_new, 0) << "where its slot comes first";
    EXPECT_LT(with_new, 30) << "where an item of network does";
    version.settings.blueprint[1].minimum = 1;
    for (auto seed = std::uint64_t{1}; seed <= 30; ++seed)
        EXPECT_THAT(sit(version, seed).sitting.outcome->reasons, ::testing::Not(Contains(OutcomeReason::blueprint_minimum_not_reached))) << "a scored form comes first; " << seed;
}

TEST(Families, AreSeenWhole)
{
    auto const version = with_families_of(demo_version(), 4);
    auto const exam = prepared(version);
    auto const id_of = [&](std::string const& name) { return std::ranges::find(version.pool, name, &PoolItem::identifier)->id; };
    auto expected = std::vector<ItemId>{};
    for (auto const* name : {"backup-4", "backup-5", "backup-6", "backup-7", "tuning-36", "tuning-37", "tuning-38", "tuning-39"}) expected.push_back(id_of(name));
    std::ranges::sort(expected);
    EXPECT_EQ(with_families(*exam, std::vector{id_of("tuning-39"), id_of("backup-5")}), expected);
    EXPECT_EQ(with_families(*prepared(demo_version()), std::vector{id_of("backup-5")}), std::vector{id_of("backup-5")});
}

TEST(Families, CountOnceWhereAPoolMustSuffice)
{
    // 200 items: families of 4 are 50 items to choose from, 10 an area; of 8 they are 25.
    auto version = demo_version();
    version.settings.retake_excludes_seen = true;
    version.settings.length = {.minimum = 15, .maximum = 30};
    EXPECT_THAT(warnings(version), IsEmpty());
    auto const fours = with_families_of(version, 4);
    EXPECT_EQ(supply_of(fours, {}).items, 50);
    EXPECT_EQ(supply_of(fours, {}).areas, (std::vector<int>{10, 10, 10, 10, 10}));
    ASSERT_THAT(findings(fours), IsEmpty());
    EXPECT_THAT(warnings(fours), Contains(HasSubstr("The pool (50 items, siblings counted once) is too small for a retake"))) << "60 would be needed";
    EXPECT_THAT(findings(with_families_of(version, 8)), Contains("The pool (25 items, siblings counted once) is smaller than the maximum length (30)."));
    auto const seen = with_families(*prepared(fours), std::vector{fours.pool[0].id});
    EXPECT_TRUE(suffices_without(*prepared(fours), seen));
}

TEST(Families, AreFoundFaultWithWhereTheyNameNobodyOrOneTwice)
{
    auto version = demo_version();
    version.settings.families = {{"a", {"backup-1", "backup-2"}}, {"b", {"backup-2", "nobody"}}};
    EXPECT_THAT(findings(version), Contains("Family 'b' names item 'nobody', which the exam does not have."));
    EXPECT_THAT(findings(version), Contains("Item 'backup-2' stands in the families 'a' and 'b'."));
    auto linear = demo_version();
    linear.settings.selection.mode = SelectionMode::linear;
    linear.settings.length = {.minimum = 15, .maximum = 15};
    linear.settings.fixed_form.items = best_form(linear);
    ASSERT_THAT(findings(linear), IsEmpty());
    linear.settings.families = {{"a", {linear.settings.fixed_form.items[3], linear.settings.fixed_form.items[7]}}};
    EXPECT_THAT(findings(linear), Contains("The fixed form has more than one item of family 'a'."));
}

} // namespace
} // namespace assay::exam
