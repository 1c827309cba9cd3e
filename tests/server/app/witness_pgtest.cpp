#include "credentials/log/witness.hpp"
#include "credentials/verify_main/journal_check.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/witness_client.hpp"
#include "server/app/witnesses.hpp"
#include "tests/server/app/app_bench.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace assay::server::test {
namespace {

using namespace std::chrono_literals;
namespace tlog = credentials::tlog;

struct Answer {
    int status = 200;
    std::string body;
};

/// One HTTP request a connection, on a port of loopback; `answer` is called on its thread.
class Peer {
public:
    explicit Peer(std::function<Answer(std::string const& body)> answer) : answer_{std::move(answer)}
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto address = sockaddr_in{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        auto size = socklen_t{sizeof address};
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"no port for the peer"};
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/watch";
        thread_ = std::thread{[this] { serve(); }};
    }
    ~Peer()
    {
        ::shutdown(listener_, SHUT_RDWR); // wakes accept
        thread_.join();
        ::close(listener_);
    }
    Peer(Peer const&) = delete;
    Peer& operator=(Peer const&) = delete;

    std::string url;
    std::atomic<int> asked = 0;

private:
    void serve()
    {
        for (auto at = -1; (at = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(at)) {
            auto request = std::string{};
            auto body_at = std::string::npos, size = std::size_t{};
            for (char buffer[4096]; body_at == std::string::npos || request.size() < body_at + size;) {
                auto const got = ::recv(at, buffer, sizeof buffer, 0);
                if (got <= 0) break;
                request.append(buffer, static_cast<std::size_t>(got));
                if (body_at != std::string::npos) continue;
                auto const end = request.find("\r\n\r\n");
                if (end == std::string::npos) continue;
                body_at = end + 4;
                auto const length = request.find("Content-Length: ");
                size = length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
            }
            if (body_at == std::string::npos) continue;
            ++asked;
            auto const given = request.starts_with("POST /watch/add-checkpoint ") ? answer_(request.substr(body_at)) : Answer{404, ""};
            auto const text = "HTTP/1.1 " + std::to_string(given.status) + " Said\r\nConnection: close\r\nContent-Length: " + std::to_string(given.body.size()) + "\r\n\r\n" + given.body;
            if (::send(at, text.data(), text.size(), MSG_NOSIGNAL) < 0) continue;
        }
    }

    std::function<Answer(std::string const&)> answer_;
    int listener_ = -1;
    std::thread thread_;
};

credentials::KeyPair key_pair(int fill)
{
    auto seed = std::array<std::byte, 32>{};
    seed.fill(static_cast<std::byte>(fill));
    return credentials::KeyPair::from_seed(SecretBytes::copy_of(seed));
}

/// As `assay witness cosign` is one: it remembers the last checkpoint, and cosigns what extends it.
struct Witness {
    explicit Witness(std::string name, int fill = 7)
        : pair{key_pair(fill)}, key{tlog::make_verifier_key(std::move(name), tlog::KeyType::cosignature, pair.public_key().octets)}
    {
    }
    Answer operator()(std::string const& body)
    {
        auto const asked = tlog::parse_add_checkpoint(body);
        if (!asked) return {400, ""};
        auto const verdict = tlog::judge(*asked, latest, log_keys);
        if (auto const* refusal = std::get_if<tlog::Refusal>(&verdict))
            return {tlog::http_status(*refusal), *refusal == tlog::Refusal::other_size ? std::to_string(latest ? latest->size : 0) + "\n" : ""};
        latest = std::get<tlog::Checkpoint>(verdict);
        auto const sign = [this](ByteView message) { return pair.sign(message); };
        return {200, tlog::cosignature_line(asked->checkpoint, key, 1'795'000'000, sign)};
    }

    credentials::KeyPair pair;
    tlog::VerifierKey key;
    std::vector<tlog::VerifierKey> log_keys;
    std::optional<tlog::Checkpoint> latest;
};

struct Witnesses : testing::Test {
    App& app = the_app();

    storage::TenantRow watched(std::string slug)
    {
        auto const tenant = app.add_tenant(std::move(slug), storage::TenantKind::production);
        grow(tenant);
        return tenant;
    }
    /// A few entries more, and a checkpoint over them.
    void grow(storage::TenantRow const& tenant)
    {
        for (auto i = 0; i < 3; ++i) app.add_staff(tenant, "Member " + std::to_string(i), "auditor");
        while (app.run(publish(app.services(), tenant))) {}
    }
    std::vector<tlog::VerifierKey> log_keys(storage::TenantRow const& tenant) { return app.run(load_keys(app.services(), tenant))->log_keys; }
    void add(storage::TenantRow const& tenant, Witness const& witness, std::string const& url)
    {
        app.run(add_witness(app.services(), tenant, tlog::to_string(witness.key), url, "operator"));
        while (app.run(publish(app.services(), tenant))) {} // this was an entry too
    }
    void ask(storage::TenantRow const& tenant) { app.run(ask_witnesses(app.services(), tenant)); }
    storage::WitnessRow row_of(storage::TenantRow const& tenant) { return app.run(storage::list_witnesses(app.services().pool, tenant.id)).at(0); }
    std::uint64_t size_of(storage::TenantRow const& tenant) { return app.run(storage::find_checkpoint(app.services().pool, tenant.id))->tree_size; }
    void ask_again_at_once(storage::TenantRow const& tenant)
    {
        app.sql(tenant, "WITH changed AS (UPDATE witness SET next_at = '-infinity' RETURNING 1) SELECT count(*) FROM changed");
    }

    std::string published(storage::TenantRow const& tenant, std::string const& below)
    {
        auto request = net::Request{};
        request.target = net::Target::parse("/t/" + tenant.slug + below).value();
        return std::string{app.handle(std::move(request)).content()};
    }
    bool is_cosigned(storage::TenantRow const& tenant, Witness const& witness)
    {
        auto const verified = tlog::verify_note(published(tenant, "/log/checkpoint"), {&witness.key, 1});
        return verified && verified->size() == 1;
    }
    bool counted(std::string const& outcome)
    {
        return app.services().shared.metrics.exposition().find("assay_witness_requests_total{outcome=\"" + outcome + "\"}") != std::string::npos;
    }
    void expect_failure(storage::TenantRow const& tenant, Witness const& witness, std::string const& outcome)
    {
        ask(tenant);
        EXPECT_FALSE(is_cosigned(tenant, witness)) << outcome;
        EXPECT_TRUE(counted(outcome)) << outcome;
        auto const row = row_of(tenant);
        EXPECT_GE(row.failures, 1) << outcome;
        EXPECT_GT(row.next_at, app.services().now() + 5s) << outcome;
    }
};

TEST_F(Witnesses, CosignWhatIsPublishedAndReceiptsCarryIt)
{
    auto const tenant = app.demo();
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Wanda Witnessed", "wanda@example.org")));
    auto first = Witness{"witness.example/w1", 7}, second = Witness{"witness.example/w2", 8};
    first.log_keys = second.log_keys = log_keys(tenant);
    auto const one = Peer{std::ref(first)}, two = Peer{std::ref(second)};
    add(tenant, first, one.url);
    add(tenant, second, two.url);
    EXPECT_FALSE(is_cosigned(tenant, first)) << "published before anybody was asked";
    ask(tenant);
    EXPECT_TRUE(is_cosigned(tenant, first));
    EXPECT_TRUE(is_cosigned(tenant, second));
    ask(tenant);
    EXPECT_EQ(one.asked, 1) << "once a checkpoint";

    // What `assay verify receipt.json --log-key … --witness … --witness …` says.
    auto trust = credentials::JournalTrust{};
    trust.keys = log_keys(tenant);
    trust.witnesses = {first.key, second.key};
    auto const path = "/c/" + to_string(certificate.id) + "/receipt.json";
    auto const check = [&] { return credentials::check_receipt(parse_json(published(tenant, path)).value().as_object(), trust).verdict(); };
    EXPECT_EQ(check(), credentials::Verdict::valid);
    EXPECT_TRUE(credentials::recorded_by(published(tenant, path), trust));
    app.add_staff(tenant, "Later", "auditor");
    while (app.run(publish(app.services(), tenant))) {}
    EXPECT_FALSE(is_cosigned(tenant, first)) << "the newest is not yet";
    EXPECT_EQ(check(), credentials::Verdict::valid) << "a receipt keeps to a checkpoint that is";
    EXPECT_TRUE(app.run(remove_witness(app.services(), tenant, first.key.name, "operator")));
    EXPECT_TRUE(app.run(remove_witness(app.services(), tenant, second.key.name, "operator")));
    EXPECT_FALSE(app.run(remove_witness(app.services(), tenant, second.key.name, "operator"))) << "gone";
    EXPECT_EQ(check(), credentials::Verdict::valid) << "what they cosigned stays";
}

TEST_F(Witnesses, ThatAreDownDelayNothingAndAreAskedAgain)
{
    auto const tenant = watched("witness-down");
    auto witness = Witness{"witness.example/down"};
    witness.log_keys = log_keys(tenant);
    add(tenant, witness, "http://127.0.0.1:1"); // nobody listens there
    expect_failure(tenant, witness, "unreachable");
    auto const before = size_of(tenant);
    grow(tenant);
    EXPECT_GT(size_of(tenant), before) << "the log goes on";
    EXPECT_TRUE(app.run(receipt_for(app.services(), tenant, before)));
    ask(tenant);
    EXPECT_EQ(row_of(tenant).failures, 1) << "not before its time";
    ask_again_at_once(tenant);
    ask(tenant);
    EXPECT_EQ(row_of(tenant).failures, 2);
    EXPECT_GT(row_of(tenant).next_at, app.services().now() + 15s) << "longer each time";

    auto const peer = Peer{std::ref(witness)};
    add(tenant, witness, peer.url); // it has moved: asked at once
    ask(tenant);
    EXPECT_TRUE(is_cosigned(tenant, witness));
    EXPECT_EQ(row_of(tenant).failures, 0);
}

TEST_F(Witnesses, ThatAreElsewhereSayWhereAndAreAskedFromThere)
{
    auto const tenant = watched("witness-lags");
    auto witness = Witness{"witness.example/lags"};
    witness.log_keys = log_keys(tenant);
    auto const peer = Peer{std::ref(witness)};
    add(tenant, witness, peer.url);
    ask(tenant);
    ASSERT_TRUE(is_cosigned(tenant, witness));
    auto const early = *witness.latest;
    grow(tenant);
    ask(tenant);
    EXPECT_EQ(witness.latest->size, size_of(tenant));
    EXPECT_EQ(peer.asked, 2) << "from where we left it";

    witness.latest = early; // restored from a backup: 409, then from there
    grow(tenant);
    ask(tenant);
    EXPECT_TRUE(is_cosigned(tenant, witness));
    EXPECT_EQ(peer.asked, 4);
    add(tenant, witness, peer.url); // we have forgotten how far it is
    ask(tenant);
    EXPECT_TRUE(is_cosigned(tenant, witness));
    EXPECT_EQ(peer.asked, 6);
}

TEST_F(Witnesses, ThatAnswerNonsenseArePublishedNowhere)
{
    auto const tenant = watched("witness-nonsense");
    auto witness = Witness{"witness.example/odd"}, impostor = Witness{"witness.example/odd", 9};
    witness.log_keys = impostor.log_keys = log_keys(tenant);
    auto answer = std::function<Answer(std::string const&)>{};
    auto const peer = Peer{[&](std::string const& body) { return answer(body); }};
    add(tenant, witness, peer.url);
    auto const with = [&](char const* outcome, std::function<Answer(std::string const&)> how) {
        answer = std::move(how);
        ask_again_at_once(tenant);
        expect_failure(tenant, witness, outcome);
    };
    with("nonsense", [](auto const&) { return Answer{200, "<html>welcome</html>"}; });
    with("nonsense", [](auto const&) { return Answer{200, ""}; });
    with("nonsense", std::ref(impostor));
    with("nonsense", [](auto const&) { return Answer{409, "many\n"}; });
    with("refused", [](auto const&) { return Answer{409, "0\n"}; }); // and again, from 0
    with("refused", [](auto const&) { return Answer{409, "1000000\n"}; }); // more than the journal has
    with("refused", [](auto const&) { return Answer{503, ""}; });
    with("refused", [](auto const&) { return Answer{302, ""}; });
    with("unreachable", [](auto const&) { return Answer{200, std::string(100'000, 'x')}; }); // cut off at 16 KiB
    answer = std::ref(witness);
    ask_again_at_once(tenant);
    ask(tenant);
    EXPECT_TRUE(is_cosigned(tenant, witness)) << "and nothing of it lasts";
}

TEST(WitnessUrl, IsHttpsOrThisMachine)
{
    for (auto const* good : {"https://witness.example", "https://witness.example:8080/a/b", "http://127.0.0.1:8080", "http://localhost/x", "http://[::1]:1"})
        EXPECT_TRUE(is_witness_url(good)) << good;
    for (auto const* bad : {"", "https://", "http://witness.example", "http://127.0.0.1.example", "http://localhost.example", "http://127.0.0.1@witness.example",
                            "https://user@witness.example", "file:///etc/passwd", "https://a b", "https://a/?q", "https://a/#f", "HTTPS://A"})
        EXPECT_FALSE(is_witness_url(bad)) << bad;
}

} // namespace
} // namespace assay::server::test
