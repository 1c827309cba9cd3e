#include "server/proctoring/worker_pool.hpp"

#include "core/random.hpp"
#include "proctor/vision/jpeg_encode.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <thread>

// The real program, killed and stopped from outside: it has no way in for tests.
namespace assay::server::proctoring {
namespace {

using proctor::FrameFault;
using proctor::Observation;
using namespace std::chrono_literals;

WorkerProgram program()
{
    auto const* path = std::getenv("ASSAY_PROCTOR_WORKER");
    return {.executable = path != nullptr ? path : "assay-proctor-worker", .model = std::nullopt, .model_sha256 = std::nullopt};
}

Bytes picture(int grey) { return proctor::vision::encode_jpeg(cv::Mat(120, 160, CV_8UC3, cv::Scalar::all(grey)), 70); }
SittingId sitting(int number) { return SittingId{uuid_from_name("sitting", std::to_string(number))}; }

/// A pool on its own thread, as the service runs it.
class PoolTest : public ::testing::Test {
protected:
    void start(WorkerPoolSettings settings)
    {
        pool_ = std::make_unique<WorkerPool>(io_.get_executor(), std::move(settings));
        auto ended = [this](std::exception_ptr problem) { failure_ = problem; };
        asio::co_spawn(io_, pool_->run(), ended);
        thread_ = std::thread{[this] { io_.run(); }};
    }
    void start() { start(WorkerPoolSettings{.program = program()}); }

    void TearDown() override
    {
        if (!pool_) return;
        pool_->stop();
        thread_.join();
        EXPECT_EQ(failure_, nullptr);
        EXPECT_TRUE(pool_->process_ids().empty()); // nobody is left behind
    }

    /// From another thread than the pool's, as connections do.
    result<Observation> analyse(SittingId of, Bytes jpeg, std::uint64_t sequence = 1)
    {
        auto mine = asio::io_context{};
        auto answer = std::optional<result<Observation>>{};
        auto ask = [&]() -> asio::awaitable<void> {
            auto meta = proctor::FrameMeta{.sequence = sequence};
            answer = co_await pool_->analyse(of, std::move(jpeg), meta);
        };
        auto heard = [](std::exception_ptr problem) { if (problem) std::rethrow_exception(problem); };
        asio::co_spawn(mine, ask(), heard);
        mine.run();
        return *answer;
    }

    bool eventually(auto condition, std::chrono::seconds within = 60s)
    {
        for (auto const until = std::chrono::steady_clock::now() + within; std::chrono::steady_clock::now() < until;) {
            if (condition()) return true;
            std::this_thread::sleep_for(5ms);
        }
        return false;
    }
    void wait_until_ready(std::size_t count = 1) { ASSERT_TRUE(eventually([&] { return pool_->counters().ready >= count; })); }

    asio::io_context io_;
    std::unique_ptr<WorkerPool> pool_;
    std::thread thread_;
    std::exception_ptr failure_;
};

TEST_F(PoolTest, MeasuresAPictureInASandboxedProcess)
{
    start();
    auto const seen = analyse(sitting(1), picture(57), 9);
    ASSERT_TRUE(seen.has_value());
    ASSERT_TRUE(seen->measured.has_value());
    EXPECT_NEAR(seen->measured->brightness, 57, 1);
    EXPECT_EQ(seen->frame.sequence, 9u);
    EXPECT_EQ(seen->payload, sha256(picture(57)));
    EXPECT_EQ(seen->measured->detector, *pool_->detector());

    auto status = std::ifstream{"/proc/" + std::to_string(pool_->process_ids().at(0)) + "/status"};
    auto const text = std::string{std::istreambuf_iterator<char>{status}, {}};
    EXPECT_NE(text.find("Seccomp:\t2"), std::string::npos) << text; // 2: a filter is in force
    EXPECT_NE(text.find("NoNewPrivs:\t1"), std::string::npos);
    EXPECT_NE(text.find("Threads:\t1"), std::string::npos);
}

TEST_F(PoolTest, ABrokenPictureIsRefusedAndTheWorkerLivesOn)
{
    start();
    EXPECT_EQ(analyse(sitting(1), to_bytes("no picture"))->fault, FrameFault::not_jpeg);
    EXPECT_EQ(analyse(sitting(1), Bytes(proctor::frame_bytes_max + 1))->fault, FrameFault::too_many_bytes);
    EXPECT_TRUE(analyse(sitting(1), picture(90))->measured.has_value());
    EXPECT_EQ(pool_->counters().started, 1u);
    EXPECT_EQ(pool_->counters().refused, 1u); // the oversized one never reached it
}

TEST_F(PoolTest, AWorkerKilledOverAPictureCostsThatPictureAlone)
{
    start();
    wait_until_ready();
    auto const victim = pool_->process_ids().at(0);
    ASSERT_EQ(::kill(victim, SIGSTOP), 0); // so that it surely holds the picture when it dies
    auto killer = std::thread{[&] {
        eventually([&] { return pool_->counters().waiting == 0; });
        std::this_thread::sleep_for(200ms);
        ::kill(victim, SIGKILL);
    }};
    auto const lost = analyse(sitting(1), picture(90), 1);
    killer.join();
    ASSERT_TRUE(lost.has_value());
    EXPECT_EQ(lost->fault, FrameFault::worker_lost);
    EXPECT_TRUE(analyse(sitting(1), picture(90), 2)->measured.has_value());
    EXPECT_EQ(pool_->counters().lost, 1u);
    EXPECT_EQ(pool_->counters().started, 2u);
}

TEST_F(PoolTest, AWorkerThatHangsIsKilledAtTheDeadline)
{
    start(WorkerPoolSettings{.program = program(), .frame_deadline = 500ms});
    wait_until_ready();
    auto const hung = pool_->process_ids().at(0);
    ASSERT_EQ(::kill(hung, SIGSTOP), 0);
    auto const began = std::chrono::steady_clock::now();
    EXPECT_EQ(analyse(sitting(1), picture(90), 1)->fault, FrameFault::late);
    auto const took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 500ms);
    EXPECT_TRUE(eventually([&] { return ::kill(hung, 0) != 0; })); // reaped
    wait_until_ready();
    EXPECT_EQ(pool_->counters().late, 1u);
}

TEST_F(PoolTest, AWorkerThatDiesInItsSleepCostsNothing)
{
    start();
    wait_until_ready();
    auto const victim = pool_->process_ids().at(0);
    ASSERT_EQ(::kill(victim, SIGKILL), 0);
    std::this_thread::sleep_for(200ms);
    EXPECT_TRUE(analyse(sitting(1), picture(90))->measured.has_value());
    EXPECT_EQ(pool_->counters().lost, 0u);
}

TEST_F(PoolTest, TheNewestPictureOfASittingWins)
{
    start(WorkerPoolSettings{.program = program(), .frame_deadline = 60s});
    wait_until_ready();
    auto const worker = pool_->process_ids().at(0);
    ASSERT_EQ(::kill(worker, SIGSTOP), 0);
    auto answers = std::array<result<Observation>, 4>{asio::error::eof, asio::error::eof, asio::error::eof, asio::error::eof};
    auto threads = std::vector<std::thread>{};
    auto send = [&](std::size_t index, SittingId of, std::size_t waiting_after, std::uint64_t superseded_after) {
        threads.emplace_back([&, index, of] { answers[index] = analyse(of, picture(90), index); });
        ASSERT_TRUE(eventually([&] { return pool_->counters().waiting == waiting_after && pool_->counters().superseded == superseded_after; }));
        std::this_thread::sleep_for(50ms);
    };
    send(0, sitting(1), 0, 0); // in the worker's hands
    send(1, sitting(1), 1, 0); // waits
    send(2, sitting(2), 2, 0); // another sitting's waits beside it
    send(3, sitting(1), 2, 1); // takes the place of the second
    ASSERT_EQ(::kill(worker, SIGCONT), 0);
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(answers[0]->measured.has_value());
    EXPECT_EQ(answers[1]->fault, FrameFault::superseded);
    EXPECT_TRUE(answers[2]->measured.has_value());
    EXPECT_TRUE(answers[3]->measured.has_value());
}

TEST_F(PoolTest, AProgramThatIsNotThereIsTriedAgainWithoutHaste)
{
    start(WorkerPoolSettings{.program = {.executable = "/nonexistent/worker"}, .backoff_min = 50ms, .backoff_max = 200ms});
    std::this_thread::sleep_for(1s);
    auto const tries = pool_->counters().failed_starts;
    EXPECT_GE(tries, 2u);
    EXPECT_LE(tries, 8u); // 0, 100, 300, 500, 700, 900 ms
}

TEST_F(PoolTest, StoppingAnswersWhatStillWaits)
{
    start(WorkerPoolSettings{.program = {.executable = "/nonexistent/worker"}});
    auto stopper = std::thread{[&] {
        eventually([&] { return pool_->counters().waiting == 1; });
        pool_->stop();
    }};
    auto const answer = analyse(sitting(1), picture(90));
    stopper.join();
    EXPECT_EQ(answer.error(), asio::error::operation_aborted);
}

TEST_F(PoolTest, AModelWithAnotherHashIsNotedAndHogServes)
{
    ASSAY_NEEDS_SHARED("models/face_detection_yunet_2022mar.onnx");
    auto with = program();
    with.model = test::shared_directory() / "models/face_detection_yunet_2022mar.onnx";
    with.model_sha256 = sha256("another file");
    start(WorkerPoolSettings{.program = with});
    wait_until_ready();
    EXPECT_EQ(pool_->detector()->kind, proctor::DetectorKind::hog);
    EXPECT_NE(pool_->notice().find("SHA-256"), std::string::npos) << pool_->notice();
}

TEST_F(PoolTest, YunetServesWhenItsModelIsConfigured)
{
    ASSAY_NEEDS_SHARED("models/face_detection_yunet_2022mar.onnx");
    ASSAY_NEEDS_SHARED("testdata/faces/two_people.jpg");
    auto with = program();
    with.model = test::shared_directory() / "models/face_detection_yunet_2022mar.onnx";
    start(WorkerPoolSettings{.program = with});
    auto const jpeg = test::read_file(test::shared_directory() / "testdata/faces/two_people.jpg");
    auto const seen = analyse(sitting(1), to_bytes(jpeg));
    ASSERT_TRUE(seen.has_value() && seen->measured.has_value());
    EXPECT_EQ(seen->measured->detector.kind, proctor::DetectorKind::yunet);
    EXPECT_EQ(seen->measured->faces.size(), 2u); // labels.json
}

} // namespace
} // namespace assay::server::proctoring
