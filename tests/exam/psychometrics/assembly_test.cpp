// Own solver against exhaustive search, and against GLPK's program glpsol where it is installed (Debian: glpk-utils).
#include "exam/assembly/shadow.hpp"
#include "support.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>
#include <unistd.h>

namespace assay::exam::assembly {
namespace {

/// Items with every attribute a blueprint may speak of.
ItemBank attributed_bank(std::size_t count, std::uint64_t seed)
{
    auto random = adaptive::Random{seed};
    auto const models = synthetic_3pl(count, seed);
    auto bank = ItemBank{};
    for (auto i = std::size_t{0}; i < count; ++i) {
        auto item = BankItem{.item = "q" + std::to_string(i), .model = models[i]};
        item.area = std::string(1, static_cast<char>('a' + random.below(4)));
        item.type = random.uniform() < 0.7 ? "choice" : "order";
        item.key = std::string(1, static_cast<char>('A' + random.below(4)));
        item.words = 20 + static_cast<double>(random.below(80));
        item.seconds = 30 + static_cast<double>(random.below(90));
        if (random.uniform() < 0.25) item.passage = "p" + std::to_string(random.below(std::max<std::size_t>(1, count / 12)));
        if (random.uniform() < 0.2) item.enemies = {"e" + std::to_string(random.below(std::max<std::size_t>(1, count / 10)))};
        if (random.uniform() < 0.08) item.friends = "f" + std::to_string(random.below(std::max<std::size_t>(1, count / 30)));
        bank.items.push_back(std::move(item));
    }
    return bank;
}

Blueprint blueprint_of(std::string_view json)
{
    auto blueprint = read_blueprint(json);
    EXPECT_TRUE(blueprint.has_value()) << to_string(blueprint.error());
    return std::move(*blueprint);
}

std::vector<double> values_at(ItemBank const& bank, double theta)
{
    auto values = std::vector<double>{};
    for (auto const& item : bank.items) values.push_back(information(item.model, {theta}));
    return values;
}

/// The largest objective of all forms, by trying every subset; nothing when there is none.
std::optional<double> exhaustive(Program const& program, std::vector<double> const& values)
{
    auto best = std::optional<double>{};
    auto chosen = std::vector<std::uint8_t>(program.items);
    for (auto bits = 0u; bits < 1u << program.items; ++bits) {
        auto sum = 0.0;
        auto allowed = true;
        for (auto i = std::size_t{0}; i < program.items; ++i) {
            chosen[i] = bits >> i & 1;
            if (chosen[i] != 0) sum += values[i];
            allowed = allowed && chosen[i] >= program.low[i] && chosen[i] <= program.high[i];
        }
        if (allowed && (!best || sum > *best) && broken_rows(program, chosen).empty()) best = sum;
    }
    return best;
}

TEST(Assembly, FindsTheBestOfAllSubsetsOrProvesThatThereIsNone)
{
    auto feasible = 0, infeasible = 0;
    for (auto seed = std::uint64_t{1}; seed <= 40; ++seed) {
        auto const bank = attributed_bank(12, seed);
        auto const blueprint = blueprint_of(seed % 2 == 0 ? R"({"length":6,"areas":{"a":{"min":1,"max":3},"b":{"min":1}},"words":{"max":400},"passages":{"max":1,"items":{"min":2,"max":3}},"keys":{"A":{"max":2}}})"
                                                          : R"({"length":{"min":4,"max":7},"types":{"order":{"min":2}},"seconds":{"min":300,"max":480},"areas":{"c":{"min":2,"max":2}},"passages":{"min":1,"items":{"min":2}}})");
        auto const program = make_program(bank, blueprint).value();
        auto const values = values_at(bank, 0.3);
        auto solver = FormSolver{program};
        solver.set_values(values);
        auto const solution = solver.solve();
        auto const best = exhaustive(program, values);
        if (!best) {
            ++infeasible;
            EXPECT_EQ(solution.outcome, SolveOutcome::infeasible) << seed;
            EXPECT_THAT(explain_infeasibility(program), testing::Not(testing::IsEmpty())) << seed;
            continue;
        }
        ++feasible;
        EXPECT_EQ(solution.outcome, SolveOutcome::optimal) << seed;
        EXPECT_NEAR(solution.objective, *best, 1e-8) << seed;
        EXPECT_THAT(broken_rows(program, solution.chosen), testing::IsEmpty()) << seed;
        EXPECT_THAT(explain_infeasibility(program), testing::IsEmpty()) << seed;
    }
    EXPECT_GT(feasible, 8);
    EXPECT_GT(infeasible, 2); // the test must see both
}

/// The program as CPLEX LP text, from its rows.
std::string lp_text(Program const& program, std::vector<double> const& values)
{
    auto text = std::ostringstream{};
    text.precision(17);
    text << "Maximize\n obj:";
    for (auto i = std::size_t{0}; i < program.items; ++i) text << "\n + " << values[i] << " x" << i;
    text << "\nSubject To\n";
    for (auto r = std::size_t{0}; r < program.rows.size(); ++r) {
        auto const& row = program.rows[r];
        if (row.terms.empty()) continue;
        auto sum = std::ostringstream{};
        for (auto const& term : row.terms) sum << "\n " << (term.coefficient < 0 ? "- " : "+ ") << std::abs(term.coefficient) << " x" << term.variable;
        if (row.low > -1e9) text << " l" << r << ":" << sum.str() << " >= " << row.low << "\n";
        if (row.high < 1e9) text << " h" << r << ":" << sum.str() << " <= " << row.high << "\n";
    }
    text << "Bounds\n";
    for (auto v = std::size_t{0}; v < program.variables; ++v) text << " " << int{program.low[v]} << " <= x" << v << " <= " << int{program.high[v]} << "\n";
    text << "Binary\n";
    for (auto v = std::size_t{0}; v < program.variables; ++v)
        if (program.low[v] == 0 && program.high[v] == 1) text << " x" << v << "\n";
    text << "End\n";
    return text.str();
}

TEST(Assembly, AgreesWithGlpsolOnBanksOfRealSize)
{
    if (std::system("glpsol --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "skipped: needs glpsol (Debian package glpk-utils)";
    auto const folder = std::filesystem::temp_directory_path() / ("assay-assembly-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    auto const blueprint = blueprint_of(R"({"length":30,"areas":{"a":{"min":6,"max":9},"b":{"min":6,"max":9},"c":{"min":5},"d":{"min":4,"max":8}},"types":{"order":{"min":6,"max":12}},
        "keys":{"A":{"min":5,"max":10},"B":{"min":5,"max":10},"C":{"min":5,"max":10},"D":{"min":5,"max":10}},"words":{"max":1750},"seconds":{"max":2300},"passages":{"min":1,"max":3,"items":{"min":2,"max":4}}})");
    for (auto const seed : {21u, 22u, 23u}) {
        auto const bank = attributed_bank(seed == 23 ? 300 : 120, seed);
        auto const program = make_program(bank, blueprint).value();
        auto const values = values_at(bank, -0.2);
        std::ofstream{folder / "form.lp"} << lp_text(program, values);
        auto const command = "timeout 60 glpsol --lp " + (folder / "form.lp").string() + " --tmlim 50 --write " + (folder / "form.sol").string() + " >/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
        auto answer = std::ifstream{folder / "form.sol"};
        auto oracle = -1.0;
        auto status = std::string{};
        for (auto line = std::string{}; std::getline(answer, line);) { // "s mip ROWS COLS STATUS OBJECTIVE"
            auto words = std::istringstream{line};
            auto kind = std::string{}, rows = std::string{}, columns = std::string{};
            words >> kind;
            if (kind == "s") words >> kind >> rows >> columns >> status >> oracle;
        }
        auto solver = FormSolver{program};
        solver.set_values(values);
        auto const solution = solver.solve();
        ASSERT_FALSE(solution.chosen.empty());
        EXPECT_THAT(broken_rows(program, solution.chosen), testing::IsEmpty());
        ASSERT_EQ(status, "o"); // glpsol proved its optimum
        EXPECT_NEAR(solution.objective, oracle, 1e-6 * oracle + (solution.bound - solution.objective)) << seed;
        EXPECT_GE(solution.bound, oracle - 1e-6) << seed;
        EXPECT_LE((solution.bound - solution.objective) / solution.objective, 1e-3) << seed;
    }
    std::filesystem::remove_all(folder);
}

TEST(Assembly, ExplainsInWordsWhyThereIsNoForm)
{
    auto bank = ItemBank{};
    for (auto i = 0; i < 10; ++i) bank.items.push_back({.item = "q" + std::to_string(i), .model = {}, .area = i < 4 ? "sql" : "security"});
    for (auto& item : bank.items) item.words = 50;
    auto const reasons = [&](std::string_view json) { return explain_infeasibility(make_program(bank, blueprint_of(json)).value()); };
    EXPECT_THAT(reasons(R"({"length":6,"areas":{"sql":{"min":2}}})"), testing::IsEmpty());
    EXPECT_THAT(reasons(R"({"length":6,"areas":{"sql":{"min":5}}})"), testing::ElementsAre("area sql: at least 5 items, but all the items that may be used give 4"));
    EXPECT_THAT(reasons(R"({"length":12})"), testing::ElementsAre("length: exactly 12 items, but all the items that may be used give 10"));
    EXPECT_THAT(reasons(R"({"length":8,"words":{"max":300},"areas":{"sql":{"max":3}}})"),
                testing::ElementsAre("these requirements can't hold together:", "length: exactly 8 items", "reading: at most 300 words"));
    EXPECT_THAT(reasons(R"({"length":8,"areas":{"sql":{"max":2},"security":{"max":5}}})"),
                testing::ElementsAre("these requirements can't hold together:", "length: exactly 8 items", "area security: at most 5 items", "area sql: at most 2 items"));
}

TEST(Assembly, NamesWhatABlueprintGetsWrong)
{
    auto const error = [](std::string_view json) { return to_string(read_blueprint(json).error()); };
    EXPECT_EQ(error("{"), "the blueprint is no JSON document: " + read_blueprint("{").error().what.substr(35));
    EXPECT_EQ(error("{}"), "blueprint: length: missing");
    EXPECT_EQ(error(R"({"length":0})"), "blueprint: length: a number from 1 to 10000 is expected");
    EXPECT_EQ(error(R"({"length":5,"areas":{"sql":{"min":3,"max":2}}})"), "blueprint: areas.sql: min is above max");
    EXPECT_EQ(error(R"({"length":5,"area":{}})"), "blueprint: area: unknown member of a blueprint");
    EXPECT_EQ(error(R"({"length":5,"areas":{"sql":{"least":3}}})"), "blueprint: areas.sql.least: unknown; min and max are possible");
    auto const bank = attributed_bank(5, 1);
    EXPECT_EQ(to_string(make_program(bank, blueprint_of(R"({"length":2,"include":["zz"]})")).error()), "blueprint: include names item zz, which the bank does not have");
    EXPECT_EQ(to_string(make_program(bank, blueprint_of(R"({"length":2,"include":["q1"],"exclude":["q1"]})")).error()), "blueprint: item q1 is both included and excluded");
    EXPECT_EQ(read_blueprint(canonical_json(to_json(blueprint_of(R"({"length":5,"areas":{"sql":{"min":2}},"words":{"max":9}})")))).value(), blueprint_of(R"({"length":5,"areas":{"sql":{"min":2}},"words":{"max":9}})"));
}

TEST(ShadowTest, EndsAsAFormWhateverIsWanted)
{
    auto const blueprint = blueprint_of(R"({"length":20,"areas":{"a":{"min":4,"max":6},"b":{"min":4,"max":6},"c":{"min":3},"d":{"min":3,"max":6}},"words":{"max":1150},"passages":{"max":2,"items":{"min":2,"max":4}}})");
    for (auto seed = std::uint64_t{1}; seed <= 12; ++seed) {
        auto const bank = attributed_bank(120, seed);
        auto const program = make_program(bank, blueprint).value();
        auto shadow = ShadowTest{program, {}};
        ASSERT_TRUE(shadow.feasible()) << seed;
        auto random = adaptive::Random{seed};
        auto chosen = std::vector<std::uint8_t>(bank.items.size());
        auto previous = std::string{};
        for (auto step = 0; step < 20; ++step) {
            auto const next = shadow.next(values_at(bank, 1.5 * random.normal()));
            ASSERT_EQ(next.size(), 1u) << seed;
            EXPECT_EQ(chosen[next[0]], 0) << seed;
            EXPECT_THAT(broken_rows(program, shadow.form()), testing::IsEmpty()) << seed;
            chosen[next[0]] = 1;
            EXPECT_TRUE(shadow.administer(next[0]));
        }
        EXPECT_TRUE(shadow.next(values_at(bank, 0)).empty());
        EXPECT_TRUE(shadow.may_stop());
        EXPECT_THAT(broken_rows(program, chosen), testing::IsEmpty()) << seed;
    }
}

TEST(ShadowTest, LeavesOutASuspendedItemAndRefusesOneThatNoFormHas)
{
    auto bank = ItemBank{};
    for (auto i = 0; i < 6; ++i) bank.items.push_back({.item = "q" + std::to_string(i), .model = ItemModel::dichotomous(ModelKind::two_parameter, 1 + 0.1 * i, 0), .area = i < 3 ? "a" : "b"});
    auto const program = make_program(bank, blueprint_of(R"({"length":3,"areas":{"a":{"min":2,"max":2}}})")).value();
    auto shadow = ShadowTest{program, {}};
    auto const values = values_at(bank, 0);
    EXPECT_EQ(shadow.next(values), (std::vector<std::size_t>{5}));
    EXPECT_TRUE(shadow.exclude(5)); // suspended in mid-exam
    EXPECT_EQ(shadow.next(values), (std::vector<std::size_t>{4}));
    EXPECT_TRUE(shadow.administer(3)); // another one than proposed
    EXPECT_FALSE(shadow.administer(4)); // a second of area b leaves no room for two of a
    EXPECT_TRUE(shadow.exclude(0));
    EXPECT_FALSE(shadow.exclude(1)); // only one of area a is left: no form any more, but q1 is not presented
    EXPECT_EQ(shadow.next(values), (std::vector<std::size_t>{2}));
    EXPECT_TRUE(shadow.administer(2));
    EXPECT_TRUE(shadow.next(values).empty());
}

} // namespace
} // namespace assay::exam::assembly
