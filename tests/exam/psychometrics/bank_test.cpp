#include "exam/bank/responses.hpp"
#include "support.hpp"
#include "tests/support/shared_data.hpp"

#include <gmock/gmock.h>

namespace assay::exam {
namespace {

std::string error_of(std::string_view csv)
{
    auto const bank = read_item_bank(csv);
    return bank ? "" : to_string(bank.error());
}

TEST(ItemBank, ReadsEveryModelWithDefaultsAreasAndScaling)
{
    auto const bank = read_item_bank("item,model,a,b,c,d,area,D\n"
                                     "q1,1PL,,0.5,,,sql,\n"
                                     "\"q,2\",3PL,1.2,-0.4,0.2,NA,sql,1.7\n"
                                     "q3,GRM,1.1,-1;0.2;1.1,,,security,1\r\n"
                                     "q4,PCM,NA,-0.5;0.5,,,,\n"
                                     "q5,NRM,0;0.7,0;0.2,,,,\n");
    ASSERT_TRUE(bank.has_value()) << to_string(bank.error());
    ASSERT_EQ(bank->items.size(), 5u);
    EXPECT_EQ(bank->items[0].model, ItemModel::dichotomous(ModelKind::one_parameter, 1, 0.5));
    EXPECT_EQ(bank->items[1].item, "q,2");
    EXPECT_EQ(bank->items[1].model, ItemModel::dichotomous(ModelKind::three_parameter, 1.2 * 1.7, -0.4, 0.2)); // D = 1 inside
    EXPECT_EQ(bank->items[1].scaling, 1.7);
    EXPECT_EQ(bank->items[2].area, "security");
    EXPECT_EQ(bank->items[2].model.categories(), 4u);
    EXPECT_EQ(bank->items[3].model.slope(), 1);
    EXPECT_EQ(bank->items[4].model.categories(), 2u);
    EXPECT_THAT(bank->warnings, testing::IsEmpty());
}

TEST(ItemBank, WritesWhatItReadsBack)
{
    auto const bank = vector_bank();
    auto const again = read_item_bank(write_item_bank(bank.items));
    ASSERT_TRUE(again.has_value()) << to_string(again.error());
    EXPECT_EQ(again->items, bank.items);
}

TEST(ItemBank, NamesLineAndColumnOfWhatIsWrong)
{
    EXPECT_EQ(error_of(""), "line 1: the table is empty: a header is expected");
    EXPECT_EQ(error_of("item,model,a\nq,2PL,1\n"), "line 1: no column b (columns: item,model,a,b,c,d,area,D; or mirt's a1,d,g,u)");
    EXPECT_EQ(error_of("item,model,a,b\nq1,2PL,1,0\nq2,5PL,1,0\n"), "line 3, column 2: \"5PL\" is no model: 1PL, 2PL, 3PL, 4PL, GRM, GPCM, PCM or NRM");
    EXPECT_EQ(error_of("item,model,a,b\nq1,2PL,one,0\n"), "line 2, column 3: a is no number: \"one\"");
    EXPECT_EQ(error_of("item,model,a,b\nq1,2PL,,0\n"), "line 2, column 3: a is missing");
    EXPECT_EQ(error_of("item,model,a,b\nq1,GRM,1,0;x\n"), "line 2, column 4: b is no number: \"x\"");
    EXPECT_EQ(error_of("item,model,a,b\nq1,GRM,1,0;inf\n"), "line 2, column 4: b is no number: \"inf\"");
    EXPECT_EQ(error_of("item,model,a,b\nq1,2PL,1,0\nq1,2PL,1,0\n"), "line 3, column 1: item q1 appears twice");
    EXPECT_EQ(error_of("item,model,a,b\nq1,2PL,1\n"), "line 2: the row has 3 fields, the header 4");
    EXPECT_EQ(error_of("item,model,a,b,c\nq1,3PL,1,0,1.2\n"), "line 2, column 2: item q1: c must be at least 0 and below 1 but is 1.2");
    EXPECT_EQ(error_of("item,model,a,b\n\"q1,2PL,1,0\n"), "line 2, column 1: a control character");
    EXPECT_EQ(error_of("item,model,a,b\nq\xff,2PL,1,0\n"), "line 2, column 1: not valid UTF-8");
    EXPECT_EQ(error_of("item,model,a,b,D\nq1,2PL,1,0,0\n"), "line 2, column 5: D must lie within 0.1 … 10");
}

TEST(ItemBank, ReadsMirtsParameters)
{
    auto const bank = read_item_bank("\"\",a1,d,g,u\nItem.1,0.9879,1.8560,0,1\nItem.2,1.2,-0.6,0.2,1\nItem.3,0.8,0.4,0.1,0.9\n");
    ASSERT_TRUE(bank.has_value()) << to_string(bank.error());
    EXPECT_EQ(bank->items[0].model, ItemModel::dichotomous(ModelKind::two_parameter, 0.9879, -1.8560 / 0.9879));
    EXPECT_EQ(bank->items[1].model, ItemModel::dichotomous(ModelKind::three_parameter, 1.2, 0.5, 0.2));
    EXPECT_EQ(bank->items[2].model.kind(), ModelKind::four_parameter);
}

TEST(ItemBank, ReadsMirtsGradedPartialCreditAndNominalItems)
{
    auto const bank = read_item_bank("item,a1,d1,d2,d0,ak0,ak1,ak2,d\n"
                                     "graded,1.5,2.0,-1.0,NA,NA,NA,NA,NA\n"
                                     "gpcm,0.8,0.5,-0.3,0,0,1,2,NA\n"
                                     "nominal,0.9,0.5,-0.3,0,0,1.7,2,NA\n"
                                     "binary,1.1,NA,NA,NA,NA,NA,NA,0.4\n");
    ASSERT_TRUE(bank.has_value()) << to_string(bank.error());
    // P(X >= k) = s(a1 theta + d_k)
    auto const graded = bank->items[0].model;
    EXPECT_EQ(graded.kind(), ModelKind::graded);
    EXPECT_NEAR(response_probability(graded, {0.7}), 1 / (1 + std::exp(-(1.5 * 0.7 - 1.0))), 1e-15);
    // P_k ∝ exp(ak_k a1 theta + d_k)
    for (auto const& [item, second] : {std::pair{1, 1.0}, std::pair{2, 1.7}}) {
        auto const& model = bank->items[static_cast<std::size_t>(item)].model;
        auto const slope = item == 1 ? 0.8 : 0.9;
        auto const z1 = std::exp(second * slope * 0.7 + 0.5);
        auto const z2 = std::exp(2 * slope * 0.7 - 0.3);
        EXPECT_NEAR(category_terms(model, 1, {0.7}).probability, z1 / (1 + z1 + z2), 1e-14);
        EXPECT_NEAR(category_terms(model, 2, {0.7}).probability, z2 / (1 + z1 + z2), 1e-14);
    }
    EXPECT_EQ(bank->items[1].model.kind(), ModelKind::generalized_partial_credit);
    EXPECT_EQ(bank->items[2].model.kind(), ModelKind::nominal);
    EXPECT_EQ(bank->items[3].model.kind(), ModelKind::two_parameter);
}

TEST(ItemBank, TakesTheFirstCategoryOfANominalItemAsLeftOutWithAWarning)
{
    auto const bank = read_item_bank("item,model,a,b\nq,NRM,0.7;1.4,0.2;-0.5\n");
    ASSERT_TRUE(bank.has_value());
    EXPECT_EQ(bank->items[0].model.categories(), 3u);
    EXPECT_THAT(bank->warnings, testing::ElementsAre(testing::HasSubstr("left out")));
}

TEST(Responses, ReadsCategoriesAndWhatWasNotAdministered)
{
    auto const table = read_responses("a,b,c\n1,0,NA\n,2,.\n");
    ASSERT_TRUE(table.has_value()) << to_string(table.error());
    EXPECT_EQ(table->persons, 2u);
    EXPECT_THAT(table->categories, testing::ElementsAre(1, 0, -1, -1, 2, -1));
}

TEST(Responses, LeavesOutRowNames)
{
    auto const table = read_responses("\"\",\"a\",\"b\"\n\"1\",1,0\n\"2\",0,1\n");
    ASSERT_TRUE(table.has_value());
    EXPECT_THAT(table->items, testing::ElementsAre("a", "b"));
    EXPECT_THAT(table->categories, testing::ElementsAre(1, 0, 0, 1));
}

TEST(Responses, NamesLineAndColumnOfWhatIsNoCategory)
{
    auto const error = [](std::string_view csv) { return to_string(read_responses(csv).error()); };
    EXPECT_EQ(error("a,b\n1,0\n1,x\n"), "line 3, column 2: \"x\" is no category: an integer from 0 to 1000, or empty or NA");
    EXPECT_EQ(error("a,b\n1,-1\n"), "line 2, column 2: \"-1\" is no category: an integer from 0 to 1000, or empty or NA");
    EXPECT_EQ(error("a,b\n1,0.5\n"), "line 2, column 2: \"0.5\" is no category: an integer from 0 to 1000, or empty or NA");
    EXPECT_EQ(error("a,a\n1,0\n"), "line 1, column 2: item a has two columns");
    EXPECT_EQ(error(""), "line 1: the table is empty: a header with item names is expected");
}

TEST(Responses, RecodesCodesThatStartAboveZeroBySubtractingTheSmallest)
{
    auto const recoded = recode(read_responses("a,b\n1,4\n3,2\n").value(), {});
    ASSERT_TRUE(recoded.has_value());
    EXPECT_THAT(recoded->categories, testing::ElementsAre(0, 3, 2, 1));
    EXPECT_THAT(recoded->warnings, testing::SizeIs(1));
}

TEST(Responses, LeavesATableOfRightAnswersAlone)
{
    EXPECT_THAT(recode(read_responses("a,b\n1,1\n1,1\n").value(), {})->categories, testing::ElementsAre(1, 1, 1, 1));
    auto const counts = std::vector<std::size_t>{2, 4};
    EXPECT_THAT(recode(read_responses("a,b\n1,3\n1,2\n").value(), counts)->categories, testing::ElementsAre(1, 3, 1, 2)); // fits as it stands
}

TEST(Responses, RecodesOnlyTheItemThatDoesNotFitItsCategories)
{
    auto const counts = std::vector<std::size_t>{2, 3};
    auto const recoded = recode(read_responses("a,b\n1,3\n0,1\n").value(), counts);
    ASSERT_TRUE(recoded.has_value());
    EXPECT_THAT(recoded->categories, testing::ElementsAre(1, 2, 0, 0));
    auto const never = recode(read_responses("a,b\n1,3\n0,0\n").value(), counts);
    EXPECT_EQ(to_string(never.error()), "column 2: item b has 3 categories, but its codes go up to 3");
}

TEST(Csv, BoundsWhatItReads)
{
    EXPECT_EQ(to_string(read_csv("a,b\n1,2\n", {.size_max = 4}).error()), "the table has more than 4 bytes");
    EXPECT_EQ(to_string(read_csv("a\n1\n2\n", {.rows_max = 2}).error()), "line 3: more than 2 rows");
    EXPECT_EQ(to_string(read_csv("a,b,c\n", {.columns_max = 2}).error()), "line 1, column 3: more than 2 columns");
    EXPECT_EQ(to_string(read_csv("abc\n", {.field_max = 2}).error()), "line 1, column 1: a field longer than 2 bytes");
    EXPECT_EQ(to_string(read_csv("\"a\"b\n").error()), "line 1, column 1: a quoted field is followed by text");
    EXPECT_EQ(to_string(read_csv("\"a").error()), "line 1, column 1: a quoted field does not end");
    EXPECT_EQ(read_csv("\xef\xbb\xbf" "a,\"b \"\"q\"\"\"\n").value().front().fields, (std::vector<std::string>{"a", "b \"q\""}));
}

} // namespace
} // namespace assay::exam
