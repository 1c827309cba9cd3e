#include "core/errors.hpp"
#include "credentials/foreign/answer.hpp"

#include <gtest/gtest.h>

namespace assay::credentials::foreign {
namespace {

TEST(Answer, ComesBackAsItWas)
{
    for (auto const& opened : {Opened{Contents{"{}", {}}}, Opened{Contents{"", {"", "r"}}}, Opened{Contents{std::string(1 << 20, 'x'), std::vector<std::string>(8, "r")}},
                               Opened{Unreadable{Fault::not_readable, "a png: nothing inside"}}})
        EXPECT_EQ(parse_answer(to_answer(opened)).value(), opened);
}

TEST(Answer, IsRefusedWhenOneByteIsMissingOrTooMany)
{
    auto const whole = to_answer(Contents{"{}", {"receipt"}});
    for (auto size = std::size_t{}; size < whole.size(); ++size) {
        auto const cut = parse_answer(ByteView{whole}.first(size));
        // After the credential the receipts may end: that is an answer of its own, and says something else.
        if (cut) EXPECT_EQ(std::get<Contents>(*cut).receipts.size(), 0u);
        else EXPECT_EQ(cut.error(), core::errc::malformed);
    }
    auto longer = whole;
    longer.push_back(std::byte{});
    EXPECT_FALSE(parse_answer(longer));
    EXPECT_FALSE(parse_answer(to_bytes("X")));
}

TEST(Answer, SaysWhatDoesNotFitInstead)
{
    auto const why = [](Contents const& contents) { return std::get<Unreadable>(parse_answer(to_answer(contents)).value()).why; };
    EXPECT_NE(why({std::string(answer_size_max, 'x'), {}}).find("longer"), std::string::npos);
    EXPECT_NE(why({"{}", std::vector<std::string>(receipts_max + 1)}).find("receipts"), std::string::npos);
}

TEST(Answer, MovesNoCursorAndIsNoStory)
{
    auto const said = std::get<Unreadable>(parse_answer(to_answer(Unreadable{Fault::not_readable, "\x1b[2Jé" + std::string(1000, 'x')})).value());
    EXPECT_EQ(said.why.size(), why_max);
    EXPECT_TRUE(said.why.starts_with("?[2J??xx")) << said.why;
    EXPECT_FALSE(parse_answer(to_bytes(std::string_view{"U\0\0\0\1\x1b", 6}))) << "an answer that was not made by to_answer";
}

} // namespace
} // namespace assay::credentials::foreign
