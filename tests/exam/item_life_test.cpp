#include "exam/errors.hpp"
#include "exam/item_life.hpp"

#include <gtest/gtest.h>
#include <set>

namespace assay::exam {
namespace {

ItemActor const author{{"staff:1", "Ada Author", "ada@example.org"}};
ItemActor const colleague{{"staff:2", "Carl Colleague", "carl@example.org"}};

constexpr ItemState states[] = {ItemState::draft,       ItemState::in_review, ItemState::approved, ItemState::pretest,
                                ItemState::operational, ItemState::suspended, ItemState::retired};
constexpr ItemAction actions[] = {ItemAction::submit,  ItemAction::send_back, ItemAction::approve,   ItemAction::pretest,
                                  ItemAction::operate, ItemAction::suspend,   ItemAction::reinstate, ItemAction::retire};

TEST(ItemLife, GoesFromDraftToOperationalThroughSomebodyElsesApproval)
{
    auto item = ItemStanding{ItemState::draft, "Ada Author", false};
    item.state = decide_item(item, ItemAction::submit, author, "").value();
    EXPECT_EQ(item.state, ItemState::in_review);
    item.state = decide_item(item, ItemAction::approve, colleague, "").value();
    EXPECT_EQ(item.state, ItemState::approved);
    item.approved = true;
    item.state = decide_item(item, ItemAction::operate, author, "").value();
    EXPECT_EQ(item.state, ItemState::operational);
}

TEST(ItemLife, RefusesTheAuthorsOwnApprovalUnderEveryName)
{
    for (auto const* name : {"staff:1", "Ada Author", "ada author", "ADA@example.org"}) {
        auto const item = ItemStanding{ItemState::in_review, name, false};
        EXPECT_EQ(decide_item(item, ItemAction::approve, author, "").error(), errc::author_may_not_approve) << name;
        EXPECT_TRUE(decide_item(item, ItemAction::approve, colleague, "").has_value()) << name;
    }
}

TEST(ItemLife, MakesNothingOperationalThatNobodyApproved)
{
    for (auto const state : states)
        for (auto const action : actions) {
            auto const next = decide_item({state, "x", false}, action, colleague, "because");
            if (next) {
                EXPECT_NE(*next, ItemState::operational) << to_string(state) << ' ' << to_string(action);
            }
        }
}

TEST(ItemLife, KeepsTheRetiredRetiredAndReachesEveryState)
{
    auto reached = std::set<ItemState>{ItemState::draft};
    for (auto round = 0; round < 8; ++round)
        for (auto const state : std::set<ItemState>{reached})
            for (auto const action : actions)
                if (auto const next = decide_item({state, "x", true}, action, colleague, "because")) reached.insert(*next);
    EXPECT_EQ(reached.size(), std::size(states));
    EXPECT_TRUE(allowed_actions({ItemState::retired, "x", true}, colleague).empty());
}

TEST(ItemLife, AsksForAReasonWhereSomethingIsTakenAway)
{
    EXPECT_EQ(decide_item({ItemState::operational, "x", true}, ItemAction::suspend, colleague, "").error(), errc::reason_missing);
    EXPECT_EQ(decide_item({ItemState::in_review, "x", false}, ItemAction::send_back, colleague, "").error(), errc::reason_missing);
    EXPECT_EQ(decide_item({ItemState::draft, "x", false}, ItemAction::retire, colleague, "").error(), errc::reason_missing);
}

TEST(ItemLife, ReadsTheWordsThatItWrites)
{
    for (auto const state : states) EXPECT_EQ(parse_item_state(to_string(state)).value(), state);
    for (auto const action : actions) EXPECT_EQ(parse_item_action(to_string(action)).value(), action);
    EXPECT_FALSE(parse_item_state("published").has_value());
}

} // namespace
} // namespace assay::exam
