#include "server/psychometrics/commands.hpp"
#include "core/json.hpp"
#include "tests/support/shared_data.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>
#include <unistd.h>

namespace assay::server::psychometrics {
namespace {

struct Answer {
    int status = 0;
    std::string out;
    std::string error;
    json::value document() const { return json::parse(out); }
};

class Commands : public testing::Test {
protected:
    Commands() : folder{std::filesystem::temp_directory_path() / ("assay-psychometrics-" + std::to_string(::getpid()))} { std::filesystem::create_directories(folder); }
    ~Commands() override { std::filesystem::remove_all(folder); }

    std::string file(std::string const& name, std::string const& text)
    {
        std::ofstream{folder / name} << text;
        return (folder / name).string();
    }
    /// Views, not strings: a list of twenty strings with their clean-up costs the sanitizing compiler minutes.
    Answer run(std::vector<std::string_view> const& given)
    {
        auto arguments = std::vector<std::string>{given.begin(), given.end()};
        auto app = CLI::App{};
        app.require_subcommand(1);
        auto answer = Answer{};
        auto out = std::ostringstream{}, progress = std::ostringstream{};
        add_psychometrics_commands(app, answer.status, out, progress);
        std::reverse(arguments.begin(), arguments.end());
        try {
            app.parse(arguments);
        } catch (CLI::ParseError const& error) {
            answer.status = 2;
            answer.error = error.what();
        } catch (std::exception const& error) {
            answer.status = 1;
            answer.error = error.what();
        }
        answer.out = out.str();
        return answer;
    }
    std::string bank() { return file("bank.csv", "item,model,a,b,c,d,area\n1,2PL,1.2,-0.4,,,x\n2,3PL,1.6,0.8,0.25,,x\n3,GRM,1.3,-1;0.2;1.1,,,y\n4,1PL,1,0.3,,,y\n48,2PL,1.9,0.1,,,y\n"); }

    std::filesystem::path folder;
};

TEST_F(Commands, ScoreGivesPersonsWithAllDigitsConventionsAndWarnings)
{
    auto const responses = file("r.csv", "1,2,3,4,note\n1,1,3,1,9\n0,,2,NA,\n,,,,\n");
    auto const answer = run({"score", "--bank", bank(), "--responses", responses, "--estimator", "mle", "--json"});
    ASSERT_EQ(answer.error, "");
    auto const document = answer.document();
    auto const& persons = document.at("persons").as_array();
    ASSERT_EQ(persons.size(), 3u);
    EXPECT_EQ(persons[0].at("person").as_int64(), 1);
    EXPECT_EQ(persons[0].at("status").as_string(), "at_bound");
    EXPECT_EQ(persons[0].at("theta").to_number<double>(), 6.0);
    EXPECT_EQ(persons[1].at("status").as_string(), "ok");
    EXPECT_TRUE(persons[2].at("theta").is_null());
    EXPECT_EQ(persons[2].at("status").as_string(), "no_responses");
    EXPECT_EQ(document.at("warnings").as_array().size(), 2u); // item 48 has no column, column note is no item
    EXPECT_EQ(document.at("conventions").at("quadrature").at("nodes").as_int64(), 121);
    EXPECT_THAT(answer.out, testing::ContainsRegex("\"theta\":-?[0-9]\\.[0-9]{15,17}"));
}

TEST_F(Commands, ScoreTakesEveryEstimatorAndQuadratureOption)
{
    auto const responses = file("r.csv", "1,2,3,4\n1,0,2,1\n");
    auto previous = std::string{};
    for (auto const* estimator : {"mle", "map", "eap", "wle", "jeffreys"}) {
        auto const answer = run({"score", "--bank", bank(), "--responses", responses, "--estimator", estimator, "--prior-mean", "0.1", "--prior-sd", "1.2", "--nodes", "61", "--range", "-5:5", "--rule", "trapezoid", "--json"});
        ASSERT_EQ(answer.error, "") << estimator;
        EXPECT_NE(answer.out, previous);
        previous = answer.out;
    }
    EXPECT_THAT(run({"score", "--bank", bank(), "--responses", responses}).out, testing::StartsWith("person"));
}

TEST_F(Commands, ScoreSaysInOneLineWhatIsWrong)
{
    EXPECT_EQ(run({"score", "--bank", "/nowhere.csv", "--responses", "r"}).error, "can't read /nowhere.csv");
    auto const bad = file("bad.csv", "item,model,a,b\nq,2PL,x,0\n");
    EXPECT_EQ(run({"score", "--bank", bad, "--responses", bad}).error, bad + ": line 2, column 3: a is no number: \"x\"");
    auto const responses = file("r.csv", "1,2\n1,4\n0,0\n");
    EXPECT_EQ(run({"score", "--bank", bank(), "--responses", responses}).error, responses + ": item 2 has 2 categories, but its codes go up to 4");
    EXPECT_EQ(run({"score", "--bank", bank(), "--responses", responses, "--range", "5:-5"}).error, "the range of theta must ascend and lie within -100 … 100");
    EXPECT_EQ(run({"score", "--bank", bank(), "--responses", file("o.csv", "z\n1\n")}).error, (folder / "o.csv").string() + ": no column of its header is an item of the bank");
}

TEST_F(Commands, ScoreReadsQtiUsageData)
{
    auto const usage = test::source_directory() / "exam/demo_bank/usage-data.xml";
    auto const answer = run({"information", "--bank", usage.string(), "--theta", "0", "--json"});
    ASSERT_EQ(answer.error, "");
    auto const document = answer.document();
    EXPECT_GT(document.at("items").as_array().size(), 50u);
    EXPECT_EQ(document.at("items").as_array().front().at("item").as_string(), "queries-001");
    EXPECT_THAT(std::string{document.at("warnings").as_array().back().as_string()}, testing::HasSubstr("provisional"));
}

TEST_F(Commands, InformationGivesItemsAndTotalAlongTheta)
{
    auto const document = run({"information", "--bank", bank(), "--theta", "-1:1:0.5", "--json"}).document();
    EXPECT_EQ(document.at("theta").as_array().size(), 5u);
    auto sum = 0.0;
    for (auto const& item : document.at("items").as_array()) sum += item.at("information").as_array()[4].to_number<double>();
    EXPECT_NEAR(document.at("total").as_array()[4].to_number<double>(), sum, 1e-14);
}

TEST_F(Commands, SelectRanksWhatIsLeftByEachCriterion)
{
    for (auto const* criterion : {"mfi", "cut", "kl", "kl-interval", "klp", "mlwi", "mpwi", "mei", "mepv", "a-stratified", "randomesque", "progressive", "progressive-restricted", "random"}) {
        auto const answer = run({"select", "--bank", bank(), "--administered", "1,3", "--responses", "1,2", "--criterion", criterion, "--json"});
        ASSERT_EQ(answer.error, "") << criterion;
        auto const document = answer.document();
        EXPECT_GE(document.at("ranking").as_array().size(), 1u);
        if (std::string_view{criterion} != "randomesque") {
            EXPECT_EQ(document.at("item"), document.at("ranking").as_array().front().at("item"));
        }
        for (auto const& entry : document.at("ranking").as_array()) EXPECT_THAT(std::string{entry.at("item").as_string()}, testing::AnyOf("2", "4", "48"));
    }
    EXPECT_EQ(run({"select", "--bank", bank(), "--theta", "0.1", "--json"}).document().at("item").as_string(), "48");
}

TEST_F(Commands, SelectRefusesAnswersThatDoNotFit)
{
    EXPECT_EQ(run({"select", "--bank", bank(), "--administered", "1,3", "--responses", "1"}).error, "2 items are administered, but 1 responses given");
    EXPECT_EQ(run({"select", "--bank", bank(), "--administered", "99", "--responses", "1"}).error, "--administered: the bank has no item \"99\"");
    EXPECT_EQ(run({"select", "--bank", bank(), "--administered", "1,1", "--responses", "1,1"}).error, "--administered: item \"1\" is named twice");
    EXPECT_EQ(run({"select", "--bank", bank(), "--administered", "1", "--responses", "2"}).error, "--responses: item \"1\" has the categories 0 to 1, not 2");
    EXPECT_EQ(run({"select", "--bank", bank(), "--administered", "1,2,3,4,48", "--responses", "1,1,1,1,1"}).error, "no item of the bank is left to select");
}

TEST_F(Commands, SimulateMeasuresAndReports)
{
    auto const report = (folder / "report.html").string();
    auto const answer = run({"simulate", "--bank", bank(), "--thetas", "-1:1:0.1", "--max", "4", "--se-stop", "0.2", "--cut", "0", "--seed", "3", "--report", report, "--json"});
    ASSERT_EQ(answer.error, "");
    auto const document = answer.document();
    EXPECT_EQ(document.at("persons").as_array().size(), 21u);
    EXPECT_EQ(document.at("mean_length").to_number<double>(), 4);
    for (auto const* member : {"bias", "rmse", "max_exposure", "overlap", "pass_rate", "decision_accuracy"}) EXPECT_TRUE(document.at(member).is_number()) << member;
    EXPECT_EQ(document.at("persons").as_array()[0].at("items").as_array().size(), 4u);
    EXPECT_EQ(answer.out, run({"simulate", "--bank", bank(), "--thetas", "-1:1:0.1", "--max", "4", "--se-stop", "0.2", "--cut", "0", "--seed", "3", "--json"}).out);
    EXPECT_THAT(test::read_file(report), testing::HasSubstr("<svg"));
    EXPECT_EQ(run({"simulate", "--bank", bank()}).error, "either --thetas or --responses is needed");
    EXPECT_EQ(run({"simulate", "--bank", bank(), "--thetas", "0", "--sprt", "0.2"}).error, "--cut is missing: a rule or criterion about passing needs one");
}

TEST_F(Commands, SimulateDecidesAtACutWhereNothingElseIsAskedFor)
{
    auto const items = bank();
    auto const conventions = [&](std::vector<std::string_view> const& more) {
        auto arguments = std::vector<std::string_view>{"simulate", "--bank", items, "--thetas", "-1:1:0.5", "--cut", "0", "--json", "--summary"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments).document().at("conventions").as_object();
    };
    EXPECT_EQ(conventions({}).at("criterion").as_string(), "cut");
    EXPECT_EQ(conventions({}).at("curtailment_z").as_double(), 1.96);
    EXPECT_EQ(conventions({"--class-probability", "0.95"}).at("criterion").as_string(), "cut");
    EXPECT_TRUE(conventions({"--class-probability", "0.95"}).at("curtailment_z").is_null()) << "one rule is named: no other";
    EXPECT_EQ(conventions({"--se-stop", "0.3"}).at("criterion").as_string(), "mfi") << "precision of theta is asked for";
    EXPECT_TRUE(conventions({"--se-stop", "0.3"}).at("curtailment_z").is_null());
    EXPECT_EQ(conventions({"--se-stop", "0.3", "--curtailment-z", "2.5"}).at("curtailment_z").as_double(), 2.5);
    EXPECT_EQ(conventions({"--criterion", "mpwi"}).at("criterion").as_string(), "mpwi");
}

TEST_F(Commands, SimulateTakesRecordedAnswersAndABlueprint)
{
    auto const responses = file("r.csv", "1,2,3,4,48\n1,1,3,1,1\n0,0,0,0,0\n1,0,2,1,0\n");
    auto const blueprint = file("b.json", R"({"length":3,"areas":{"x":{"min":1,"max":1}}})");
    auto const answer = run({"simulate", "--bank", bank(), "--responses", responses, "--blueprint", blueprint, "--json"});
    ASSERT_EQ(answer.error, "");
    auto const document = answer.document();
    EXPECT_EQ(document.at("blueprint_violations").as_int64(), 0);
    EXPECT_EQ(document.at("mean_length").to_number<double>(), 3);
    auto const impossible = file("c.json", R"({"length":4,"areas":{"x":{"min":3}}})");
    EXPECT_EQ(run({"simulate", "--bank", bank(), "--thetas", "0", "--blueprint", impossible}).error,
              impossible + ": no form satisfies the blueprint: area x: at least 3 items, but all the items that may be used give 2");
}

TEST_F(Commands, AssembleGivesAFormOrWhyThereIsNone)
{
    auto const good = run({"assemble", "--bank", bank(), "--blueprint", file("b.json", R"({"length":3,"areas":{"x":{"min":1,"max":1}},"theta":[0]})"), "--json"});
    ASSERT_EQ(good.error, "");
    EXPECT_EQ(good.status, 0);
    EXPECT_TRUE(good.document().at("proven").as_bool());
    EXPECT_EQ(good.document().at("form").as_array().size(), 3u);
    auto const bad = run({"assemble", "--bank", bank(), "--blueprint", file("c.json", R"({"length":3,"areas":{"x":{"min":3}}})"), "--json"});
    EXPECT_EQ(bad.status, 3);
    EXPECT_EQ(bad.document().at("outcome").as_string(), "infeasible");
    EXPECT_EQ(bad.document().at("why_not").as_array().front().as_string(), "area x: at least 3 items, but all the items that may be used give 2");
    auto const two = run({"assemble", "--bank", bank(), "--blueprint", file("d.json", R"({"length":2})"), "--forms", "3", "--json"});
    EXPECT_EQ(two.document().at("forms").as_array().size(), 2u); // five items hold two forms of two
    EXPECT_EQ(two.status, 3);
}

} // namespace
} // namespace assay::server::psychometrics
