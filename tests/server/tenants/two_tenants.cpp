#include "tests/server/tenants/two_tenants.hpp"

#include "async/with_deadline.hpp"
#include "core/random.hpp"

#include "assay/v1/proctor.pb.h"

#include <cstdio>
#include <jpeglib.h>
#include <thread>

namespace assay::server::test {
namespace {

using namespace std::chrono_literals;

/// A camera behind a piece of tape.
std::string black_picture()
{
    auto errors = jpeg_error_mgr{};
    auto encoder = jpeg_compress_struct{};
    encoder.err = jpeg_std_error(&errors);
    jpeg_create_compress(&encoder);
    unsigned char* memory = nullptr;
    auto size = 0ul;
    jpeg_mem_dest(&encoder, &memory, &size);
    encoder.image_width = 640;
    encoder.image_height = 480;
    encoder.input_components = 3;
    encoder.in_color_space = JCS_RGB;
    jpeg_set_defaults(&encoder);
    jpeg_start_compress(&encoder, TRUE);
    auto row = std::vector<JSAMPLE>(640 * 3, 0);
    auto* pointer = row.data();
    while (encoder.next_scanline < encoder.image_height) jpeg_write_scanlines(&encoder, &pointer, 1);
    jpeg_finish_compress(&encoder);
    auto picture = std::string(reinterpret_cast<char const*>(memory), size);
    jpeg_destroy_compress(&encoder);
    std::free(memory);
    return picture;
}

asio::awaitable<std::vector<std::string>> invite_all(std::uint16_t port, std::string tenant, std::string password, std::vector<bool> cameras)
{
    auto staff = robot::Staff{port, tenant};
    co_await staff.sign_in("owner@" + tenant + ".example", std::move(password));
    auto links = std::vector<std::string>{};
    for (auto i = std::size_t{}; i < cameras.size(); ++i) {
        auto link = co_await staff.invite("somebody" + std::to_string(i) + "@" + tenant + ".example", cameras[i]);
        links.push_back(std::move(link));
    }
    co_return links;
}

asio::awaitable<robot::Seat> seat_of(std::uint16_t port, std::string invitation, std::mt19937_64& random, bool camera)
{
    co_return co_await robot::take_seat(port, std::move(invitation), random, camera);
}

/// The run begins with the first connection.
asio::awaitable<std::shared_ptr<net::Connection>> begin(std::uint16_t port, robot::Seat seat)
{
    auto opened = co_await robot::open_exam(port, seat);
    auto connection = std::move(opened.value());
    robot::send(*connection, robot::attach_message(seat, 0));
    auto const welcome = co_await connection->receive();
    welcome.value();
    co_return connection;
}

/// Black pictures and a hidden tab, for a while.
asio::awaitable<bool> be_watched(std::uint16_t port, robot::Seat seat)
{
    auto const exam = co_await begin(port, seat);
    auto settings = net::WebSocketSettings{};
    settings.client = robot::client_settings(port);
    settings.target = "/t/" + seat.tenant + "/ws/proctor/" + seat.sitting;
    settings.subprotocol = "assay.proctor.v1";
    settings.origin = "https://localhost:" + std::to_string(port);
    settings.headers.set("Cookie", seat.cookie);
    auto opened = co_await net::connect_websocket(settings);
    auto const connection = opened.value();
    auto const say = [&](v1::ProctorClientMessage const& message) {
        auto bytes = Bytes(message.ByteSizeLong());
        message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
        return connection->send(std::move(bytes)).has_value();
    };
    auto const picture = black_picture();
    auto hidden = v1::ProctorClientMessage{};
    hidden.mutable_signal()->set_kind(v1::PageSignal::TAB_HIDDEN);
    say(hidden);
    auto timer = asio::steady_timer{co_await asio::this_coro::executor};
    for (auto sequence = 1; sequence <= 24; ++sequence) {
        auto message = v1::ProctorClientMessage{};
        message.mutable_frame()->set_sequence(static_cast<std::uint64_t>(sequence));
        message.mutable_frame()->set_captured_at_us(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
        message.mutable_frame()->set_jpeg(picture);
        if (!say(message)) co_return false;
        timer.expires_after(500ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return true;
}

} // namespace

TwoTenants::TwoTenants()
{
    fill_the_victim();
    fill_the_other();
    nobodys.sitting = to_string(random_uuid());
    nobodys.running_sitting = to_string(random_uuid());
    nobodys.certificate = to_string(random_uuid());
    nobodys.decision = to_string(random_uuid());
    nobodys.incident = to_string(random_uuid());
    nobodys.person = to_string(random_uuid());
    nobodys.item = to_string(random_uuid());
    nobodys.mail = to_string(random_uuid());
    nobodys.credit = to_string(random_uuid());
    nobodys.exam = to_string(random_uuid());
    nobodys.evidence = to_string(sha256(nobodys.sitting));
    nobodys.token = theirs.token;
    std::ranges::reverse(nobodys.token);
    nobodys.list = "987";
    nobodys.log_path = "tile/0/007.p/7";
    nobodys.staff_address = "nothing@demo.example"; // as long as the other: pages repeat it
    nobodys.credential = theirs.credential;
    for (auto at = nobodys.credential.find(":t:demo"); at != std::string::npos; at = nobodys.credential.find(":t:demo", at)) nobodys.credential.replace(at, 7, ":t:none");
}

TwoTenants& two_tenants()
{
    static auto the = TwoTenants{};
    return the;
}

std::string TwoTenants::value_of(std::string const& sql, std::string const& tenant)
{
    auto database = storage::BlockingConnection{{url, {}}};
    // Rows come as background jobs write them.
    for (auto tries = 0; tries < 300; ++tries) {
        auto const rows = database.execute(sql, storage::params(tenant));
        if (!rows.empty()) return rows.one().get<std::string>(0);
        std::this_thread::sleep_for(100ms);
    }
    throw std::runtime_error{"nothing came of " + sql};
}

void TwoTenants::fill_the_victim()
{
    service.start();
    auto const port = service.port();
    auto inviting = invite_all(port, "demo", service.password_of("owner@demo.example"), {false, false, false, true});
    auto const links = run(std::move(inviting));
    theirs.token = links[2].substr(links[2].rfind('/') + 1); // nobody has used it yet

    auto const bank = robot::read_demo_bank();
    auto sitting = robot::sit_exam(port, links[0], bank, exam::Theta{6.0}, 1);
    theirs.sitting = run(std::move(sitting)).sitting;
    auto seating = seat_of(port, links[1], random_, false);
    auto const seat = run(std::move(seating));
    theirs.running_sitting = seat.sitting;
    auto beginning = begin(port, seat);
    run(std::move(beginning))->drop();
    auto seating_before_a_camera = seat_of(port, links[3], random_, true);
    auto const watched = run(std::move(seating_before_a_camera));
    auto watching = be_watched(port, watched);
    run(std::move(watching));

    victim = value_of("SELECT tenant_id::text FROM tenant WHERE slug = $1", "demo");
    theirs.certificate = value_of("SELECT certificate_id::text FROM certificate WHERE tenant_id = $1::text::uuid LIMIT 1", victim);
    theirs.decision = value_of("SELECT decision_id::text FROM certification_decision WHERE tenant_id = $1::text::uuid LIMIT 1", victim);
    theirs.incident = value_of("SELECT incident_id::text FROM incident WHERE tenant_id = $1::text::uuid LIMIT 1", victim);
    theirs.evidence = value_of("SELECT encode(sha256, 'hex') FROM evidence WHERE tenant_id = $1::text::uuid LIMIT 1", victim);
    theirs.exam = value_of("SELECT exam_id::text FROM exam WHERE tenant_id = $1::text::uuid LIMIT 1", victim);
    theirs.person = value_of("SELECT person_id::text FROM sitting WHERE sitting_id = '" + theirs.sitting + "' AND tenant_id = $1::text::uuid", victim);
    theirs.mail = value_of("SELECT outbox_id::text FROM outbox WHERE tenant_id = $1::text::uuid LIMIT 1", victim);
    // Both demonstrations have the same items under the same ids: one that the other has not, otherwise like the rest.
    theirs.item = to_string(random_uuid());
    value_of("INSERT INTO item SELECT (jsonb_populate_record(NULL::item, to_jsonb(t) || jsonb_build_object('item_id', '" + theirs.item +
                 "', 'identifier', 'theirs-alone'))).* FROM item t WHERE tenant_id = $1::text::uuid LIMIT 1 RETURNING item_id::text", victim);
    // The demonstration's exams control no exposure: what one that does, and that the other has not, would have kept of a sitting.
    value_of("INSERT INTO document SELECT (jsonb_populate_record(NULL::document, to_jsonb(t) || jsonb_build_object('sha256', sha256('theirs alone')))).* "
             "FROM document t WHERE tenant_id = $1::text::uuid LIMIT 1 RETURNING tenant_id::text", victim);
    value_of("INSERT INTO exposure_record (tenant_id, exam_version, record) VALUES ($1::text::uuid, sha256('theirs alone'), '{\"items\": [], \"kept\": []}') "
             "RETURNING ordinal::text", victim);
    theirs.credit = value_of("INSERT INTO education_credit SELECT tenant_id, gen_random_uuid(), person_id, certificate_id, false, 8, now(), sealed_credential,"
                             " sealed_credential, credential_sha256, 'submitted', NULL, NULL, NULL, now() FROM certificate WHERE tenant_id = $1::text::uuid LIMIT 1"
                             " RETURNING credit_id::text", victim);
    // Nobody watches the demonstration's journal.
    value_of("INSERT INTO witness (tenant_id, name, vkey, url, next_at) VALUES ($1::text::uuid, 'theirs alone', 'key', 'https://witness.example', 'infinity') RETURNING name", victim);
    value_of("INSERT INTO cosignature SELECT tenant_id, tree_size, 'theirs alone', 'line' FROM checkpoint WHERE tenant_id = $1::text::uuid"
             " ORDER BY tree_size DESC LIMIT 1 RETURNING witness", victim);
    theirs.list = "0";
    theirs.log_path = "tile/0/000.p/" + value_of("SELECT (tree_size % 256)::text FROM checkpoint WHERE tenant_id = $1::text::uuid ORDER BY tree_size DESC LIMIT 1", victim);
    theirs.staff_address = "manager@demo.example";
    auto getting = [](std::uint16_t at, std::string target) -> asio::awaitable<std::string> {
        auto client = net::HttpClient{robot::client_settings(at)};
        auto const answer = co_await client.get(std::move(target));
        co_return answer.value().body;
    }(port, "/t/demo/c/" + theirs.certificate + "/credential.json");
    theirs.credential = run(std::move(getting));
    service.terminate();
}

void TwoTenants::fill_the_other()
{
    service.set_options({"--database", url, "--tenant", "other"});
    service.start();
    auto const port = service.port();
    auto const password = service.password_of("owner@other.example");
    auto inviting = invite_all(port, "other", password, {false});
    auto const links = run(std::move(inviting));
    auto seating = seat_of(port, links[0], random_, false);
    candidates_seat = run(std::move(seating));
    candidate = {candidates_seat.cookie, candidates_seat.csrf};
    auto signing_in = [](std::uint16_t at, std::string secret) -> asio::awaitable<Caller> {
        auto owner = robot::Staff{at, "other"};
        co_await owner.sign_in("owner@other.example", std::move(secret));
        auto const page = co_await owner.client().get("/t/other/staff/invite");
        auto caller = Caller{};
        caller.cookie = owner.client().cookie_header();
        auto const& body = page.value().body;
        caller.csrf = robot::quoted_after(body, "name=\"csrf\" value=\"", body.find("/staff/invite\""));
        co_return caller;
    }(port, password);
    staff = run(std::move(signing_in));
    other = value_of("SELECT tenant_id::text FROM tenant WHERE slug = $1", "other");
}

} // namespace assay::server::test
