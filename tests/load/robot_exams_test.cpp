#include "core/json.hpp"
#include "tests/load/robot.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <sstream>
#include <thread>

namespace assay::robot {
namespace {

namespace asio = boost::asio;

constexpr auto robots_at_once = 8;

std::uint64_t number_from_environment(char const* name, std::uint64_t otherwise)
{
    auto const* text = std::getenv(name);
    return text != nullptr ? std::stoull(text) : otherwise;
}

struct Plan {
    std::string invitation;
    double theta = 0;
    std::uint64_t seed = 0;
    Sat sat;
};

asio::awaitable<void> invite_all(std::uint16_t port, std::string password, std::vector<Plan>& plans)
{
    auto staff = Staff{port};
    co_await staff.sign_in("manager@demo.example", std::move(password));
    for (auto i = std::size_t{}; i < plans.size(); ++i) plans[i].invitation = co_await staff.invite("robot" + std::to_string(i) + "@example.org");
}

asio::awaitable<void> sit_in_turn(std::uint16_t port, Bank const& bank, std::vector<Plan>& plans, std::size_t& next)
{
    while (next < plans.size()) {
        auto& plan = plans[next++];
        auto const theta = exam::Theta{plan.theta};
        plan.sat = co_await sit_exam(port, plan.invitation, bank, theta, plan.seed);
    }
}

void run_all(std::vector<asio::awaitable<void>> work)
{
    auto context = asio::io_context{1};
    auto failure = std::exception_ptr{};
    auto const on_end = [&](std::exception_ptr e) {
        if (!e || failure) return;
        failure = e;
        context.stop();
    };
    for (auto& one : work) asio::co_spawn(context, std::move(one), on_end);
    context.run();
    if (failure) std::rethrow_exception(failure);
}

TEST(RobotExams, EstimatesCoverTheTrueThetasAndTheJournalReplaysBitForBit)
{
    auto const seed = number_from_environment("ASSAY_ROBOT_SEED", std::random_device{}());
    auto const count = number_from_environment("ASSAY_ROBOT_EXAMS", 200);
    std::cout << "seed " << seed << ", " << count << " exams" << std::endl;
    auto const bank = read_demo_bank();
    auto server = ServerProcess{};
    server.start();

    auto random = std::mt19937_64{seed};
    auto normal = std::normal_distribution<double>{};
    auto plans = std::vector<Plan>(count);
    for (auto& plan : plans) {
        plan.theta = normal(random);
        plan.seed = random();
    }
    auto inviting = std::vector<asio::awaitable<void>>{};
    inviting.push_back(invite_all(server.port(), server.password_of("manager@demo.example"), plans));
    run_all(std::move(inviting));
    auto next = std::size_t{};
    auto sitting = std::vector<asio::awaitable<void>>{};
    for (auto i = 0; i < robots_at_once; ++i) sitting.push_back(sit_in_turn(server.port(), bank, plans, next));
    auto const began = std::chrono::steady_clock::now();
    run_all(std::move(sitting));
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    auto theta_of = std::map<std::string, double>{};
    for (auto const& plan : plans) {
        theta_of[plan.sat.sitting] = plan.theta;
        EXPECT_EQ(plan.sat.run_state, "submitted") << plan.sat.sitting;
        EXPECT_GE(plan.sat.answered, 20) << plan.sat.sitting;
        EXPECT_LE(plan.sat.answered, 30) << plan.sat.sitting;
    }
    ASSERT_EQ(theta_of.size(), plans.size());

    std::this_thread::sleep_for(std::chrono::seconds{6}); // checkpoints are published every 2 s
    server.terminate();
    auto const bundle = server.state() / "bundle";
    auto const out = server.state() / "out.json";
    ASSERT_EQ(server.run("audit export demo " + bundle.string() + " --open --state " + server.state().string(), out), 0);
    EXPECT_EQ(server.run("audit verify " + bundle.string(), out), 0);
    EXPECT_EQ(server.run("replay all --json --bundle " + bundle.string(), out), 0) << "not all sittings came out as recorded";
    auto file = std::ifstream{out};
    auto const text = std::string{std::istreambuf_iterator<char>{file}, {}};
    auto const report = parse_json(text, {.size_max = 64 << 20, .depth_max = 64});
    ASSERT_TRUE(report.has_value());

    auto covered = 0, compared = 0;
    auto bias = 0.0;
    for (auto const& row : report->at("sittings").as_array()) {
        EXPECT_TRUE(row.at("identical").as_bool());
        auto const theta = theta_of.at(std::string{std::string_view{row.at("sitting").as_string()}});
        auto const& estimate = row.at("outcome");
        auto const error = estimate.at("standard_error").to_number<double>();
        auto const z = (estimate.at("theta").to_number<double>() - theta) / error;
        ++compared;
        bias += z;
        if (z > -1.96 && z < 1.96) ++covered;
    }
    ASSERT_EQ(compared, static_cast<int>(plans.size()));
    auto const share = 1.0 * covered / compared;
    bias /= compared;
    std::cout << "covered by the 95 % interval: " << covered << " of " << compared << " (" << 100 * share << " %), mean of (estimate - theta)/SE: " << bias << ", "
              << seconds << " s for all exams" << std::endl;
    EXPECT_GE(share, 0.90);
    EXPECT_LE(share, 0.99);
    EXPECT_GE(bias, -0.25);
    EXPECT_LE(bias, 0.25);

    // What later calibrates the items: every answer that the robots gave, and nothing else.
    auto const answers = server.state() / "answers.csv";
    ASSERT_EQ(server.run("audit answers " + bundle.string() + " -o " + answers.string(), out), 0);
    auto table = std::ifstream{answers};
    auto line = std::string{};
    auto rows = 0, given = 0, wanted = 0;
    std::getline(table, line);
    while (std::getline(table, line)) {
        ++rows;
        auto cells = std::istringstream{line};
        for (auto cell = std::string{}; std::getline(cells, cell, ',');) given += !cell.empty() && cell != "NA" ? 1 : 0;
    }
    for (auto const& plan : plans) wanted += plan.sat.answered;
    EXPECT_EQ(rows, static_cast<int>(plans.size()));
    EXPECT_EQ(given, wanted);
    EXPECT_EQ(server.run("calibrate --model 1PL --json --responses " + answers.string(), out), 0);
}

} // namespace
} // namespace assay::robot
