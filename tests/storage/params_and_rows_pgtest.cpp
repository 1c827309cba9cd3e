#include "tests/storage/postgres_fixture.hpp"

#include <limits>

namespace assay::storage::test {
namespace {

// What goes in comes out, judged by PostgreSQL's own comparison and by the value read back.
struct ParamsAndRows : testing::Test {
    BlockingConnection database{cluster().access().owner};
};

TEST_F(ParamsAndRows, CarryEveryScalarTypeThereAndBack)
{
    auto const uuid = parse_uuid("123e4567-e89b-12d3-a456-426614174000").value();
    auto const at = parse_rfc3339("2026-11-23T09:30:00.123456Z").value();
    auto const bytes = Bytes{std::byte{0}, std::byte{0xff}, std::byte{'\\'}, std::byte{0}};
    auto const rows = database.execute(
        "SELECT $1::uuid AS u, $2::bigint AS i, $3::float8 AS d, $4::bool AS b, $5::text AS t, $6::bytea AS y, $7::timestamptz AS s, $8::jsonb AS j,"
        " $2 = -9223372036854775808 AND $3 = 0.1::float8 AND octet_length($6) = 4 AND $7 = '2026-11-23 10:30:00.123456+01' AND $8 ->> 'k' = 'v' AS same",
        params(uuid, std::numeric_limits<std::int64_t>::min(), 0.1, true, "naïve'; --", bytes, at, json::object{{"k", "v"}}));
    auto const row = rows.one();
    EXPECT_TRUE(row.get<bool>("same"));
    EXPECT_EQ(row.get<Uuid>("u"), uuid);
    EXPECT_EQ(row.get<std::int64_t>("i"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(row.get<double>("d"), 0.1);
    EXPECT_TRUE(row.get<bool>("b"));
    EXPECT_EQ(row.get<std::string>("t"), "naïve'; --");
    EXPECT_EQ(row.get<Bytes>("y"), bytes);
    EXPECT_EQ(row.get<Timestamp>("s"), at);
    EXPECT_EQ(row.get<json::value>("j"), (json::value{{"k", "v"}}));
}

TEST_F(ParamsAndRows, CarryArraysWithNullsAndAwkwardText)
{
    auto const a = random_uuid(), b = random_uuid();
    auto const texts = std::vector<std::optional<std::string>>{"", "comma, \"quote\" \\ {brace}", std::nullopt, "NULL"};
    auto const rows = database.execute(
        "SELECT $1::uuid[] AS u, $2::bigint[] AS i, array_remove($3::text[], NULL) AS t, cardinality($3) AS n, ($3::text[])[3] IS NULL AS hole,"
        " ($4::bytea[])[2] AS y, cardinality($5::bigint[]) AS none",
        params(std::vector{a, b}, std::vector<std::int64_t>{-1, 7}, texts, std::vector{to_bytes("x"), to_bytes("yz")}, std::vector<std::int64_t>{}));
    auto const row = rows.one();
    EXPECT_EQ(row.get<std::vector<Uuid>>("u"), (std::vector{a, b}));
    EXPECT_EQ(row.get<std::vector<std::int64_t>>("i"), (std::vector<std::int64_t>{-1, 7}));
    EXPECT_EQ(row.get<std::vector<std::string>>("t"), (std::vector<std::string>{"", "comma, \"quote\" \\ {brace}", "NULL"}));
    EXPECT_EQ(row.get<std::int32_t>("n"), 4);
    EXPECT_TRUE(row.get<bool>("hole"));
    EXPECT_EQ(row.get<Bytes>("y"), to_bytes("yz"));
    EXPECT_EQ(row.get<std::int32_t>("none"), 0);
}

TEST_F(ParamsAndRows, KeepNullApartFromEmpty)
{
    auto const row = database.execute("SELECT $1::text AS null_text, $2::text AS empty_text", params(std::optional<std::string>{}, "")).one();
    EXPECT_EQ(row.get<std::optional<std::string>>("null_text"), std::nullopt);
    EXPECT_EQ(row.get<std::optional<std::string>>("empty_text"), "");
    EXPECT_THROW(row.get<std::string>("null_text"), ContractViolation);
}

TEST_F(ParamsAndRows, RefuseAColumnOfAnotherKindAndAnUnknownOne)
{
    auto const row = database.execute("SELECT 'x'::text AS t, -1 AS minus, '2026-11-23'::date AS day").one();
    EXPECT_THROW(row.get<Uuid>("t"), DatabaseError);
    EXPECT_THROW(row.get<bool>("t"), DatabaseError);
    EXPECT_THROW(row.get<std::uint64_t>("minus"), DatabaseError);
    EXPECT_THROW(row.get<Timestamp>("day"), DatabaseError);
    EXPECT_THROW(row.get<std::string>("absent"), ContractViolation);
}

TEST_F(ParamsAndRows, RefuseANumberThatBigintDoesNotHold)
{
    EXPECT_THROW(params(std::numeric_limits<std::uint64_t>::max()), ContractViolation);
}

} // namespace
} // namespace assay::storage::test
