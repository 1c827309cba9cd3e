// `assay calibrate` and `assay analyse` as scripts call them: files in, JSON out, errors that name file, line and what was expected.
#include "server/psychometrics/calibration_commands.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

using namespace assay;

namespace {

class Commands : public testing::Test {
protected:
    Commands() { std::filesystem::create_directories(folder_); }
    ~Commands() override { std::filesystem::remove_all(folder_); }

    std::string file(std::string const& name, std::string const& text) const
    {
        std::ofstream{folder_ / name} << text;
        return (folder_ / name).string();
    }
    std::string path(std::string const& name) const { return (folder_ / name).string(); }

    /// What the command printed; throws what it throws.
    std::string run(std::vector<std::string> arguments)
    {
        auto app = CLI::App{"assay"};
        auto out = std::ostringstream{}, progress = std::ostringstream{};
        server::psychometrics::add_calibration_commands(app, status_, out, progress);
        std::reverse(arguments.begin(), arguments.end());
        app.parse(arguments);
        progress_ = progress.str();
        return out.str();
    }
    json::value document(std::vector<std::string> arguments)
    {
        arguments.push_back("--json");
        return json::parse(run(std::move(arguments)));
    }
    std::string failure(std::vector<std::string> arguments)
    {
        try {
            run(std::move(arguments));
        } catch (std::exception const& error) {
            return error.what();
        }
        return "";
    }

    /// All 16 patterns of four items, each as often as its number of right answers and one more.
    std::string responses() const
    {
        auto text = std::string{"A,B,C,D\n"};
        for (int pattern = 0; pattern < 16; ++pattern)
            for (int copy = 0; copy <= __builtin_popcount(static_cast<unsigned>(pattern)) * (pattern % 3 + 1); ++copy)
                text += std::to_string(pattern & 1) + "," + std::to_string(pattern >> 1 & 1) + "," + std::to_string(pattern >> 2 & 1) + "," + std::to_string(pattern >> 3 & 1) + "\n";
        return file("responses.csv", text);
    }

    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("assay_calibration_commands_" + std::to_string(getpid()));
    int status_ = 0;
    std::string progress_;
};

} // namespace

TEST_F(Commands, CalibrateWritesTheDocumentAndABankThatAnalyseReads)
{
    auto const answers = responses();
    auto const result = document({"calibrate", "--responses", answers, "--model", "2PL", "--se", "-o", path("bank.csv")});
    EXPECT_TRUE(result.at("converged").as_bool());
    EXPECT_LT(result.at("log_likelihood").as_double(), 0);
    EXPECT_EQ(result.at("log_prior").to_number<double>(), 0);
    ASSERT_EQ(result.at("items").as_array().size(), 4u);
    auto const& item = result.at("items").at(0);
    EXPECT_EQ(item.at("item").as_string(), "A");
    EXPECT_EQ(item.at("b").as_array().size(), 1u);
    EXPECT_GT(item.at("se").at("a").to_number<double>(), 0);
    EXPECT_TRUE(item.at("se").at("c").is_null());
    EXPECT_EQ(item.at("d").to_number<double>(), 1);

    auto const persons = document({"analyse", "personfit", "--bank", path("bank.csv"), "--responses", answers});
    EXPECT_TRUE(persons.at("persons").at(0).at("lz_star").is_number());
    EXPECT_TRUE(persons.at("persons").at(0).at("outfit").is_number());
    auto const items = document({"analyse", "itemfit", "--bank", path("bank.csv"), "--responses", answers});
    EXPECT_EQ(items.at("items").at(3).at("item").as_string(), "D");
    EXPECT_TRUE(items.at("items").at(3).at("s_x2").at("statistic").is_number());
    auto const model = document({"analyse", "modelfit", "--bank", path("bank.csv"), "--responses", answers});
    EXPECT_EQ(model.at("m2").at("df").as_int64(), 2);
    EXPECT_EQ(model.at("q3").at("pairs").as_array().size(), 6u);
    auto const classical = document({"analyse", "classical", "--responses", answers});
    EXPECT_TRUE(classical.at("alpha").is_number());
    EXPECT_EQ(classical.at("items").at(0).at("categories").as_array().size(), 2u);
    EXPECT_EQ(status_, 0);
    EXPECT_NE(run({"calibrate", "--responses", answers}).find("converged"), std::string::npos); // for people
}

TEST_F(Commands, CalibrateKeepsFixedItemsAndEstimatesThePopulation)
{
    auto const bank = file("old.csv", "item,model,a,b,c,d\nA,2PL,1.2,-0.3,,\nB,2PL,0.9,0.2,,\nX,2PL,1,0,,\n");
    auto const result = document({"calibrate", "--responses", responses(), "--fixed", bank, "--se", "-o", path("new.csv")});
    EXPECT_EQ(result.at("items").at(0).at("status").as_string(), "fixed");
    EXPECT_EQ(result.at("items").at(0).at("a").to_number<double>(), 1.2);
    EXPECT_NE(result.at("population").at("mean").to_number<double>(), 0);
    auto text = std::ostringstream{};
    text << std::ifstream{path("new.csv")}.rdbuf();
    for (auto const* item : {"A,2PL", "X,2PL", "C,2PL", "D,2PL"}) EXPECT_NE(text.str().find(item), std::string::npos) << item;
}

TEST_F(Commands, CalibrateTakesAModelAndPriorsForEachItem)
{
    auto const models = file("models.csv", "item,model\nA,3PL\nB,GRM\nC,NRM\nD,1PL\n");
    auto const result = document({"calibrate", "--responses", responses(), "--model", models, "--prior", "c=-1.5,0.4", "--prior", "b=0,3"});
    EXPECT_EQ(result.at("items").at(0).at("model").as_string(), "3PL");
    EXPECT_EQ(result.at("items").at(2).at("a").as_array().size(), 2u);
    EXPECT_NE(result.at("log_prior").to_number<double>(), 0);
    EXPECT_EQ(result.at("conventions").at("priors").at("3PL").at("logit_c").at("mean").to_number<double>(), -1.5);
}

TEST_F(Commands, ErrorsNameTheFileThePlaceAndWhatWasExpected)
{
    auto const answers = responses();
    EXPECT_NE(failure({"calibrate", "--responses", file("bad.csv", "A,B\n0,1\n1,x\n")}).find("bad.csv: line 3, column 2"), std::string::npos);
    EXPECT_NE(failure({"calibrate", "--responses", file("three.csv", "A,B\n0,1\n1,2\n0,0\n")}).find("item B, person 2: category 2, but 2PL allows categories 0 to 1"), std::string::npos);
    EXPECT_NE(failure({"calibrate", "--responses", answers, "--model", file("m.csv", "item,model\nA,5PL\n")}).find("m.csv: line 2, column 2: a model is expected"), std::string::npos);
    EXPECT_NE(failure({"calibrate", "--responses", answers, "--prior", "e=1"}).find("NAME=MEAN,SD is expected"), std::string::npos);
    EXPECT_NE(failure({"calibrate", "--responses", answers, "--fixed", file("o.csv", "item,model,a,b,c,d\nZ,2PL,1,0,,\n")}).find("nothing holds the scale"), std::string::npos);
    EXPECT_NE(failure({"analyse", "classical", "--responses", answers, "--key", file("k.csv", "item,key\nA,x\n")}).find("k.csv: line 2, column 2"), std::string::npos);
}
