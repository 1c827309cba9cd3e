// Two services on one database: a sitting moves between them, and what happens at one is heard at the other.
#include "storage/notifications.hpp"
#include "storage/pg/blocking_connection.hpp"
#include "tests/fault/arena.hpp"
#include "tests/storage/somebodys_postgres.hpp"

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::fault {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr auto patience = 20s;
constexpr auto told_within = 1s; ///< what happens at one node reaches a connection at the other

/// Started once: a service needs seconds.
struct Nodes {
    storage::test::SomebodysPostgres postgres;
    std::string const url = postgres.url("admin");
    robot::Bank const bank = robot::read_demo_bank();
    robot::ServerProcess one{"demo", {"--database", url}};
    robot::ServerProcess two{"serve", {"--database", url}};
    Arena arena;
    robot::Staff staff{one.port()};
    std::vector<robot::Seat> seats;

    Nodes()
    {
        one.start();
        // One key seals for all nodes; it comes to each as the operator sees fit.
        auto const key = one.state() / "master.key", copy = two.state() / "master.key";
        std::filesystem::copy_file(key, copy);
        struct stat about {};
        if (::stat(key.c_str(), &about) != 0 || ::chown(copy.c_str(), about.st_uid, about.st_gid) != 0) throw std::runtime_error{"can't copy the master key"};
        two.start();
        auto taking = take_seats(one.port(), one.password_of("manager@demo.example"), 8, 1);
        seats = arena.run(std::move(taking));
        arena.at([] {});
        auto signing_in = staff.sign_in("manager@demo.example", one.password_of("manager@demo.example"));
        arena.run(std::move(signing_in));
    }
};

struct TwoNodes : testing::Test {
    static void SetUpTestSuite() { nodes = std::make_unique<Nodes>(); }
    static void TearDownTestSuite() { nodes.reset(); }
    static inline std::unique_ptr<Nodes> nodes;

    robot::Seat take_seat()
    {
        auto seat = std::move(nodes->seats.back());
        nodes->seats.pop_back();
        return seat;
    }
    Candidate& seated(std::uint16_t port, robot::Seat seat)
    {
        return nodes->arena.at([&]() -> std::reference_wrapper<Candidate> {
            auto const pace = Pace{.think_min = 100ms, .think_max = 400ms, .heartbeat = 200ms};
            candidates.emplace_back(port, nodes->bank, std::move(seat), exam::Theta{0.0}, 7, pace);
            nodes->arena.spawn(candidates.back().sit());
            return candidates.back();
        });
    }
    template <class Condition>
    bool soon(Condition condition, std::chrono::milliseconds within = patience)
    {
        return eventually(nodes->arena, within, condition);
    }
    Diary diary_of(Candidate const& candidate)
    {
        return nodes->arena.at([&] { return candidate.diary(); });
    }
    void act(Candidate const& candidate, char const* action, int minutes = 0)
    {
        auto acting = nodes->staff.act(candidate.diary().sitting, action, minutes);
        nodes->arena.run(std::move(acting));
    }
    void TearDown() override
    {
        nodes->arena.at([&] {
            for (auto& candidate : candidates) candidate.stop();
        });
        std::this_thread::sleep_for(200ms);
        for (auto const& candidate : candidates)
            for (auto const& complaint : candidate.diary().complaints) ADD_FAILURE() << complaint;
        for (auto const& failure : nodes->arena.failures()) ADD_FAILURE() << failure;
        // Those that still run in the arena refer to their candidates: they stay until it is gone.
        static auto gone = std::list<Candidate>{};
        nodes->arena.at([&] { gone.splice(gone.end(), candidates); });
    }

    std::list<Candidate> candidates;
};

TEST_F(TwoNodes, CarryASittingOnAfterTheOtherWasKilled)
{
    auto& candidate = seated(nodes->one.port(), take_seat());
    ASSERT_TRUE(soon([&] { return candidate.diary().acknowledged.size() >= 3; }));
    nodes->arena.at([&] { candidate.move_to(nodes->two.port()); });
    nodes->one.kill_hard();
    auto const before = diary_of(candidate).acknowledged.size();
    ASSERT_TRUE(soon([&] { return candidate.diary().attached && candidate.diary().acknowledged.size() >= before + 3; }));
    std::this_thread::sleep_for(600ms);
    auto const diary = diary_of(candidate);
    EXPECT_EQ(diary.run_state, "running");
    // The other node was there all the time: no outage, but a disconnect, which is given back up to a minute.
    auto const wrong = *diary.closes - *diary.first_closes - owed({}, diary.disconnects, diary.started);
    std::cout << "moved after " << std::chrono::duration<double>(diary.disconnects.at(0).to - diary.disconnects.at(0).from).count() << " s; remaining time off by "
              << std::chrono::duration<double>(wrong).count() << " s" << std::endl;
    EXPECT_LT(std::chrono::abs(wrong), 1s);
    nodes->one.start();
}

TEST_F(TwoNodes, CutTheOlderDeviceOffWhereverItIs)
{
    auto const seat = take_seat();
    auto& older = seated(nodes->one.port(), seat);
    ASSERT_TRUE(soon([&] { return older.diary().acknowledged.size() >= 2; }));
    auto another_device = seat;
    another_device.device_secret = std::string(32, 'x');
    auto& newer = seated(nodes->two.port(), another_device);
    ASSERT_TRUE(soon([&] { return newer.diary().attached; }));
    auto const from = Clock::now();
    EXPECT_TRUE(soon([&] { return older.diary().cut_off; }, told_within));
    std::cout << "cut off after " << std::chrono::duration<double>(Clock::now() - from).count() << " s" << std::endl;
    EXPECT_TRUE(soon([&] { return newer.diary().acknowledged.size() >= 2; }));
    EXPECT_EQ(diary_of(newer).run_state, "running");
}

TEST_F(TwoNodes, LeaveASittingToItsDeviceWhenTheNodeThatTookItForLostIsGone)
{
    auto const seat = take_seat();
    auto& here = seated(nodes->one.port(), seat);
    ASSERT_TRUE(soon([&] { return here.diary().acknowledged.size() >= 2; }));
    // Another device at the other node: that stores the loss of the connection here, and then can't take over, as if killed in between.
    auto database = storage::BlockingConnection{{nodes->url, {}}};
    database.script(R"sql(
        CREATE FUNCTION refuse_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$;
        CREATE TRIGGER no_attachment BEFORE INSERT ON journal_entry FOR EACH ROW
            WHEN (convert_from(NEW.entry, 'UTF8') LIKE '%"attachment_changed"%') EXECUTE FUNCTION refuse_entry())sql");
    auto const take_over = [](std::uint16_t port, robot::Seat who) -> asio::awaitable<std::string> {
        auto const opened = co_await robot::open_exam(port, who);
        if (!opened) co_return opened.error().message();
        auto const connection = *opened;
        robot::send(*connection, robot::attach_message(who, 0));
        auto const received = co_await connection->receive();
        if (!received) co_return "closed";
        auto const message = robot::parse_message(*received);
        co_return message.has_problem() ? message.problem().code() : "no problem";
    };
    auto another_device = seat;
    another_device.device_secret = std::string(32, 'y');
    auto taking_over = take_over(nodes->two.port(), another_device);
    EXPECT_EQ(nodes->arena.run(std::move(taking_over)), "unavailable");
    database.script("DROP TRIGGER no_attachment ON journal_entry; DROP FUNCTION refuse_entry()");
    auto const lost = database.execute(
        "SELECT count(*) FROM journal_entry WHERE convert_from(entry, 'UTF8') LIKE '%\"connection_lost\"%' AND convert_from(entry, 'UTF8') LIKE '%' || $1 || '%'",
        storage::params(here.diary().sitting));
    EXPECT_EQ(lost.one().get<std::int64_t>(0), 1);

    auto const before = diary_of(here).acknowledged.size();
    EXPECT_TRUE(soon([&] { return here.diary().acknowledged.size() >= before + 2; }));
    auto const diary = diary_of(here);
    EXPECT_EQ(diary.run_state, "running");
    EXPECT_FALSE(diary.cut_off);
}

TEST_F(TwoNodes, LetADeviceMoveWhileItsOldConnectionStillStands)
{
    auto const seat = take_seat();
    auto& there = seated(nodes->one.port(), seat);
    ASSERT_TRUE(soon([&] { return there.diary().acknowledged.size() >= 2; }));
    // The same device, with the same attachment, appears at the other node: the old connection is a ghost, and may not say that it is lost.
    auto const moved = [](std::uint16_t port, robot::Seat who, std::uint32_t attachment) -> asio::awaitable<std::string> {
        auto const opened = co_await robot::open_exam(port, who);
        if (!opened) co_return opened.error().message();
        auto const connection = *opened;
        robot::send(*connection, robot::attach_message(who, attachment));
        auto timer = asio::steady_timer{co_await asio::this_coro::executor, 2500ms};
        co_await timer.async_wait(asio::use_awaitable);
        auto said = std::string{};
        auto heartbeat = v1::ExamClientMessage{};
        heartbeat.mutable_heartbeat()->set_client_time_us(1);
        robot::send(*connection, heartbeat);
        for (;;) {
            auto const received = co_await connection->receive();
            if (!received) co_return "closed";
            auto const message = robot::parse_message(*received);
            if (message.has_welcome()) said = std::to_string(message.welcome().attachment()) + " " + message.welcome().state().run_state();
            if (message.has_state()) said += " " + message.state().run_state();
            if (message.has_clock() && said.size() > 2 && message.sequence() > 1) co_return said;
        }
    };
    auto const attachment = diary_of(there).attachment;
    auto moving = moved(nodes->two.port(), seat, attachment);
    EXPECT_EQ(nodes->arena.run(std::move(moving)), std::to_string(attachment) + " running");
    EXPECT_TRUE(diary_of(there).cut_off);
}

TEST_F(TwoNodes, TellAConnectionElsewhereOfPauseMinutesAndStopWithinASecond)
{
    auto& candidate = seated(nodes->two.port(), take_seat()); // the staff is at the first one
    ASSERT_TRUE(soon([&] { return candidate.diary().acknowledged.size() >= 1; }));
    auto const closes = *diary_of(candidate).closes;
    auto const told = [&](char const* what, auto condition) {
        auto const from = Clock::now();
        EXPECT_TRUE(soon(condition, told_within)) << what;
        std::cout << what << " told after " << std::chrono::duration<double>(Clock::now() - from).count() << " s" << std::endl;
    };
    act(candidate, "minutes", 10);
    told("minutes", [&] { return candidate.diary().minutes_added == 10; });
    EXPECT_EQ(*diary_of(candidate).closes - closes, microseconds{10min});
    act(candidate, "pause");
    told("pause", [&] { return candidate.diary().paused_by == "staff"; });
    std::this_thread::sleep_for(700ms); // an answer that was under way meets the pause
    nodes->arena.at([&] { candidate.forgive("sitting_paused"); });
    act(candidate, "resume");
    told("resume", [&] { return candidate.diary().run_state == "running"; });
    act(candidate, "terminate");
    told("stop", [&] { return candidate.diary().run_state == "terminated"; });
    std::this_thread::sleep_for(700ms); // an answer that was under way meets the end
    nodes->arena.at([&] { candidate.forgive("sitting_has_ended"); });
}

TEST_F(TwoNodes, SayThatTheDatabaseIsAwayAndGoOnWhenItIsBack)
{
    auto& candidate = seated(nodes->one.port(), take_seat());
    ASSERT_TRUE(soon([&] { return candidate.diary().acknowledged.size() >= 2; }));
    std::this_thread::sleep_for(500ms);
    auto const before = diary_of(candidate);
    auto const from = Clock::now();
    nodes->postgres.stop("immediate");

    auto const ask = [](std::uint16_t port, std::string target) -> asio::awaitable<net::ClientResponse> {
        auto client = net::HttpClient{robot::client_settings(port)};
        auto const answer = co_await client.get(std::move(target));
        co_return answer.value();
    };
    for (auto const* target : {"/t/demo", "/readyz", "/t/demo/staff/sittings"}) {
        auto asking = ask(nodes->one.port(), target);
        auto const answer = nodes->arena.run(std::move(asking));
        EXPECT_EQ(answer.status, 503) << target;
        EXPECT_TRUE(answer.headers.find("Retry-After")) << target;
    }
    // The answer that is under way is tried again for ten seconds; then the page hears that it is not stored yet.
    EXPECT_TRUE(soon([&] { return candidate.diary().problems.contains("unavailable"); }, 25s));
    auto const diary = diary_of(candidate);
    EXPECT_TRUE(diary.attached) << "the connection need not end because the database is away";

    nodes->postgres.start();
    ASSERT_TRUE(soon([&] { return candidate.diary().acknowledged.size() >= diary.acknowledged.size() + 2; }));
    auto const back = Clock::now();
    std::this_thread::sleep_for(1500ms);
    auto const after = diary_of(candidate);
    auto const wrong = (*after.closes - *before.closes) - std::chrono::duration_cast<microseconds>(back - from);
    std::cout << "away " << std::chrono::duration<double>(back - from).count() << " s; remaining time off by " << std::chrono::duration<double>(wrong).count() << " s" << std::endl;
    // `back` is the second answer after it, so up to a second of thinking and waiting is counted too much here.
    EXPECT_LT(wrong, 1s);
    EXPECT_GT(wrong, -3s);
}

TEST_F(TwoNodes, SayNothingToEachOtherAboutOrdinaryAnswers)
{
    auto& candidate = seated(nodes->one.port(), take_seat());
    ASSERT_TRUE(soon([&] { return candidate.diary().acknowledged.size() >= 1; }));
    auto heard = std::make_shared<std::vector<std::string>>();
    auto listening = std::make_shared<bool>(false);
    auto handlers = storage::NotificationHandlers{};
    handlers.heard = [heard](std::string_view payload) { heard->emplace_back(payload); };
    handlers.listening = [listening] { *listening = true; };
    handlers.deaf = [](std::string const&) {};
    nodes->arena.spawn(storage::hear_notifications(nodes->arena.context().get_executor(), {nodes->url, {}}, handlers));
    ASSERT_TRUE(soon([&] { return *listening; }));
    auto const from = diary_of(candidate).acknowledged.size();
    ASSERT_TRUE(soon([&] { return candidate.diary().acknowledged.size() >= from + 5; }));
    EXPECT_EQ(nodes->arena.at([&] { return heard->size(); }), 0u);
    act(candidate, "minutes", 1);
    EXPECT_TRUE(soon([&] { return heard->size() == 1; })) << "the listener hears nothing at all";
    EXPECT_NE(nodes->arena.at([&] { return heard->empty() ? std::string{} : heard->front(); }).find(candidate.diary().sitting), std::string::npos);
}

} // namespace
} // namespace assay::fault
