#include "proctor/observation.hpp"

#include <gtest/gtest.h>

namespace assay::proctor {
namespace {

Signature filled(int value)
{
    auto signature = Signature{};
    signature.fill(static_cast<std::uint8_t>(value));
    return signature;
}

TEST(Difference, OfAPictureAndItselfIsZero) { EXPECT_EQ(difference(filled(90), filled(90)), 0); }

TEST(Difference, DoesNotSeeALampSwitchedOn) { EXPECT_EQ(difference(filled(90), filled(140)), 0); }

TEST(Difference, IsTheMeanOverAllCellsOfTheChangeLessItsMean)
{
    auto moved = filled(100);
    moved[0] = 232; // + 132; mean change 132/432; |132 − m| + 431 m over 432
    auto const mean = 132.0 / 432.0;
    EXPECT_NEAR(difference(moved, filled(100)), ((132.0 - mean) + 431.0 * mean) / 432.0, 1e-12);
}

TEST(FrameFault, OnlyOurOwnFailuresAreOurs)
{
    EXPECT_FALSE(is_our_fault(FrameFault::too_many_bytes));
    EXPECT_FALSE(is_our_fault(FrameFault::undecodable));
    EXPECT_TRUE(is_our_fault(FrameFault::worker_lost));
    EXPECT_TRUE(is_our_fault(FrameFault::late));
    EXPECT_TRUE(is_our_fault(FrameFault::superseded));
}

} // namespace
} // namespace assay::proctor
