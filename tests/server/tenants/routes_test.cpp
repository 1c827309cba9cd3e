// Every route of the service, tried by one tenant with the ids of another: the answer is that for an id which does not exist.
// The routes come from the router itself (`assay routes`), so one without a case here fails.
#include "core/json.hpp"
#include "core/random.hpp"
#include "tests/server/tenants/two_tenants.hpp"

#include "assay/v1/proctor.pb.h"

#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <set>

namespace assay::server::test {
namespace {

struct Tried {
    std::string target;
    std::string body;
    std::string type = robot::form_type;
};
using MakeRequest = std::function<Tried(Ids const&, Caller const&)>;

/// How a route is tried. Without a request it takes no id; its answer to the other tenant must then not mention any of the victim's.
struct Case {
    std::vector<MakeRequest> with_ids;
    bool takes_no_id = false;
    bool is_fetched = true; ///< false: has an effect, or nothing of a tenant's (signing out, files)
    std::string Ids::*own_number = nullptr; ///< takes a number that counts within each tenant, so that both have it: answers must be each one's own
};

MakeRequest get(std::string before, std::string Ids::*id, std::string after = {})
{
    return [=](Ids const& ids, Caller const&) { return Tried{"/t/other/" + before + ids.*id + after, {}}; };
}
MakeRequest post(std::string before, std::string Ids::*id, std::string after, std::vector<net::Parameter> fields)
{
    return [=](Ids const& ids, Caller const& who) {
        auto all = fields;
        all.emplace_back("csrf", who.csrf);
        return Tried{"/t/other/" + before + ids.*id + after, robot::form(all)};
    };
}
Case no_id(bool is_fetched = true) { return {{}, true, is_fetched}; }
Case own_number(std::string Ids::*number) { return {{}, false, true, number}; }

Tried credential_upload(Ids const& ids, Caller const&)
{
    return {"/t/other/verify", "--boundary\r\nContent-Disposition: form-data; name=\"credential\"; filename=\"c.json\"\r\nContent-Type: application/json\r\n\r\n" +
                                   ids.credential + "\r\n--boundary--\r\n",
            "multipart/form-data; boundary=boundary"};
}
Tried credit_claim(Ids const& ids, Caller const& who)
{
    auto const field = [](std::string const& name, std::string const& value) { return "--boundary\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"; };
    return {"/t/other/my/certificate/" + ids.certificate + "/credits",
            field("csrf", who.csrf) + field("kind", "learning") + field("what", "a course") + field("credits", "8") + field("earned_on", "2026-11-24") +
                "--boundary\r\nContent-Disposition: form-data; name=\"evidence\"; filename=\"e.pdf\"\r\nContent-Type: application/pdf\r\n\r\nseen\r\n--boundary--\r\n",
            "multipart/form-data; boundary=boundary"};
}
Tried sign_in(Ids const& ids, Caller const&)
{
    return {"/t/other/staff/sign-in", robot::form({{"csrf", ""}, {"email", ids.staff_address}, {"password", "not the password"}})};
}
Tried supersession(Ids const& ids, Caller const& who)
{
    return {"/t/other/staff/certificates/" + ids.certificate + "/supersede", robot::form({{"csrf", who.csrf}, {"reason", "r"}, {"successor", ids.certificate}})};
}
Tried invitation_to_an_exam(Ids const& ids, Caller const& who)
{
    return {"/t/other/staff/invite", robot::form({{"csrf", who.csrf}, {"full_name", "Somebody"}, {"preferred_name", ""}, {"email", "a@example.org"}, {"locale", "en"},
                                                  {"exam", ids.exam}, {"extra_minutes", "0"}})};
}

std::map<std::string, Case> const& cases()
{
    static auto const all = std::map<std::string, Case>{
        {"GET /livez", no_id()},
        {"GET /readyz", no_id()},
        {"GET /healthz", no_id()},
        {"GET /metrics", no_id()},
        {"GET /assets/{name...}", no_id(false)},
        {"GET /t/{tenant}", no_id()},
        {"GET /t/{tenant}/brand.css", no_id()},
        {"GET /t/{tenant}/did.json", no_id()},
        {"GET /t/{tenant}/jwks.json", no_id()},
        {"GET /t/{tenant}/verify", no_id()},
        {"POST /t/{tenant}/verify", {{credential_upload}}},
        {"GET /t/{tenant}/status/{list}", own_number(&Ids::list)},
        {"GET /t/{tenant}/log/{path...}", own_number(&Ids::log_path)},
        {"GET /t/{tenant}/c/{certificate}", {{get("c/", &Ids::certificate)}}},
        {"GET /t/{tenant}/c/{certificate}/credential.json", {{get("c/", &Ids::certificate, "/credential.json")}}},
        {"GET /t/{tenant}/c/{certificate}/credential.jwt", {{get("c/", &Ids::certificate, "/credential.jwt")}}},
        {"GET /t/{tenant}/c/{certificate}/receipt.json", {{get("c/", &Ids::certificate, "/receipt.json")}}},
        {"GET /t/{tenant}/c/{certificate}/certificate.pdf", {{get("c/", &Ids::certificate, "/certificate.pdf")}}},
        {"GET /t/{tenant}/my/certificate/{certificate}", {{get("my/certificate/", &Ids::certificate)}}},
        {"POST /t/{tenant}/my/certificate/{certificate}/visibility", {{post("my/certificate/", &Ids::certificate, "/visibility", {{"visibility", "hidden"}})}}},
        {"GET /t/{tenant}/my/certificate/{certificate}/renewal", {{get("my/certificate/", &Ids::certificate, "/renewal")}}},
        {"POST /t/{tenant}/my/certificate/{certificate}/credits", {{credit_claim}}},
        {"GET /t/{tenant}/invitation/{token}", {{get("invitation/", &Ids::token)}}},
        {"POST /t/{tenant}/invitation/{token}", {{post("invitation/", &Ids::token, "", {})}}},
        {"GET /t/{tenant}/sitting/{sitting}/consent", {{get("sitting/", &Ids::running_sitting, "/consent")}}},
        {"POST /t/{tenant}/sitting/{sitting}/consent", {{post("sitting/", &Ids::running_sitting, "/consent", {{"rules", "yes"}})}}},
        {"GET /t/{tenant}/sitting/{sitting}/check", {{get("sitting/", &Ids::running_sitting, "/check")}}},
        {"POST /t/{tenant}/sitting/{sitting}/start", {{post("sitting/", &Ids::running_sitting, "/start", {})}}},
        {"POST /t/{tenant}/sitting/{sitting}/without-camera", {{post("sitting/", &Ids::running_sitting, "/without-camera", {})}}},
        {"GET /t/{tenant}/sitting/{sitting}/exam", {{get("sitting/", &Ids::running_sitting, "/exam")}}},
        {"GET /t/{tenant}/sitting/{sitting}/result", {{get("sitting/", &Ids::sitting, "/result")}}},
        {"WebSocket /t/{tenant}/ws/exam/{sitting}", {{get("ws/exam/", &Ids::running_sitting)}}},
        {"WebSocket /t/{tenant}/ws/proctor/{sitting}", {{get("ws/proctor/", &Ids::running_sitting)}}},
        {"GET /t/{tenant}/staff/sign-in", no_id()},
        {"POST /t/{tenant}/staff/sign-in", {{sign_in}}},
        {"POST /t/{tenant}/staff/sign-out", no_id(false)},
        {"GET /t/{tenant}/staff", no_id()},
        {"GET /t/{tenant}/staff/invite", no_id()},
        {"POST /t/{tenant}/staff/invite", {{invitation_to_an_exam}}},
        {"GET /t/{tenant}/staff/sittings", no_id()},
        {"POST /t/{tenant}/staff/sittings/{sitting}/{action}",
         {{post("staff/sittings/", &Ids::running_sitting, "/pause", {{"reason", "r"}}), post("staff/sittings/", &Ids::running_sitting, "/resume", {{"reason", "r"}}),
           post("staff/sittings/", &Ids::running_sitting, "/minutes", {{"reason", "r"}, {"minutes", "5"}}),
           post("staff/sittings/", &Ids::running_sitting, "/terminate", {{"reason", "r"}})}}},
        {"GET /t/{tenant}/staff/decisions", no_id()},
        {"POST /t/{tenant}/staff/decisions/{decision}", {{post("staff/decisions/", &Ids::decision, "", {{"decision", "granted"}, {"reason", "r"}})}}},
        {"GET /t/{tenant}/staff/certificates", no_id()},
        {"POST /t/{tenant}/staff/certificates/{certificate}/{action}",
         {{post("staff/certificates/", &Ids::certificate, "/revoke", {{"reason", "r"}}), post("staff/certificates/", &Ids::certificate, "/suspend", {{"reason", "r"}}),
           post("staff/certificates/", &Ids::certificate, "/reinstate", {{"reason", "r"}}), supersession}}},
        {"GET /t/{tenant}/staff/credits", no_id()},
        {"POST /t/{tenant}/staff/credits/{credit}", {{post("staff/credits/", &Ids::credit, "", {{"verdict", "approved"}}), post("staff/credits/", &Ids::credit, "", {{"verdict", "refused"}, {"reason", "r"}})}}},
        {"GET /t/{tenant}/staff/credits/{credit}/evidence", {{get("staff/credits/", &Ids::credit, "/evidence")}}},
        {"GET /t/{tenant}/staff/policy", no_id()},
        {"POST /t/{tenant}/staff/policy", no_id(false)},
        {"GET /t/{tenant}/staff/items", no_id()},
        {"GET /t/{tenant}/staff/items/{item}", {{get("staff/items/", &Ids::item)}}},
        {"POST /t/{tenant}/staff/items/{item}/{action}",
         {{post("staff/items/", &Ids::item, "/submit", {{"reason", "r"}}), post("staff/items/", &Ids::item, "/approve", {{"reason", "r"}}),
           post("staff/items/", &Ids::item, "/suspend", {{"reason", "r"}})}}},
        {"GET /t/{tenant}/staff/reviews/{sitting}", {{get("staff/reviews/", &Ids::sitting)}}},
        {"POST /t/{tenant}/staff/reviews/{sitting}", {{post("staff/reviews/", &Ids::sitting, "", {{"decision", "no_action"}, {"reason", "false_alarm"}})}}},
        {"POST /t/{tenant}/staff/reviews/{sitting}/confirm", {{post("staff/reviews/", &Ids::sitting, "/confirm", {})}}},
        {"POST /t/{tenant}/staff/reviews/{sitting}/decline", {{post("staff/reviews/", &Ids::sitting, "/decline", {})}}},
        {"GET /t/{tenant}/staff/people", no_id()},
        {"GET /t/{tenant}/staff/people/{person}", {{get("staff/people/", &Ids::person)}}},
        {"POST /t/{tenant}/staff/people/{person}/{action}",
         {{post("staff/people/", &Ids::person, "/hold", {}), post("staff/people/", &Ids::person, "/release", {}),
           post("staff/people/", &Ids::person, "/erase", {{"reason", "r"}, {"confirmation", "somebody0@demo.example"}})}}},
        {"GET /t/{tenant}/staff/mail", no_id()},
        {"POST /t/{tenant}/staff/mail/{mail}/again", {{post("staff/mail/", &Ids::mail, "/again", {})}}},
        {"GET /t/{tenant}/staff/incidents", {{get("staff/incidents?sitting=", &Ids::sitting)}}},
        {"GET /t/{tenant}/staff/incidents/{incident}", {{get("staff/incidents/", &Ids::incident)}}},
        {"POST /t/{tenant}/staff/incidents/{incident}/verdict", {{post("staff/incidents/", &Ids::incident, "/verdict", {{"verdict", "dismissed"}, {"reason", "false_alarm"}})}}},
        {"GET /t/{tenant}/staff/evidence/{sha256}", {{get("staff/evidence/", &Ids::evidence)}}},
    };
    return all;
}

struct Route {
    std::string method, pattern, access, subprotocol;
    std::string name() const { return method + " " + pattern; }
};

struct EveryRoute : testing::Test {
    static void SetUpTestSuite()
    {
        tenants = &two_tenants();
        auto const out = std::filesystem::temp_directory_path() / ("assay-routes-" + to_string(random_uuid()));
        ASSERT_EQ(tenants->service.run("routes --json", out), 0);
        auto file = std::ifstream{out};
        auto const text = std::string{std::istreambuf_iterator<char>{file}, {}};
        std::filesystem::remove(out);
        auto const document = parse_json(text, {.size_max = 1 << 20}).value();
        for (auto const& row : document.at("routes").as_array()) {
            auto const word = [&](char const* member) { return std::string{std::string_view{row.at(member).as_string()}}; };
            routes.push_back({word("method"), word("pattern"), word("access"), row.as_object().contains("subprotocol") ? word("subprotocol") : std::string{}});
        }
    }
    static inline TwoTenants* tenants = nullptr;
    static inline std::vector<Route> routes;

    net::ClientResponse ask(Route const& route, Tried const& what, std::string const& cookie)
    {
        auto asking = [](std::uint16_t port, Route how, Tried tried, std::string cookies) -> asio::awaitable<net::ClientResponse> {
            auto client = net::HttpClient{robot::client_settings(port)};
            auto headers = robot::same_site(port);
            if (!cookies.empty()) headers.set("Cookie", cookies);
            auto method = how.method;
            if (method == "WebSocket") {
                method = "GET";
                headers.set("Upgrade", "websocket");
                headers.set("Connection", "Upgrade");
                headers.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="); // of RFC 6455
                headers.set("Sec-WebSocket-Version", "13");
                headers.set("Sec-WebSocket-Protocol", how.subprotocol);
            } else if (method == "POST") {
                headers.set("Content-Type", tried.type);
            }
            auto const answer = co_await client.request(method, tried.target, tried.body, std::move(headers));
            if (!answer) throw std::runtime_error{how.name() + ": " + answer.error().message()};
            co_return *answer;
        }(tenants->service.port(), route, what, cookie);
        return tenants->run(std::move(asking));
    }
    Caller caller_of(Route const& route) const
    {
        return route.access == "candidate" ? tenants->candidate : route.access == "staff" ? tenants->staff : Caller{};
    }

    /// What may differ between two answers of one kind: the request's own id and tokens, and the id that was asked for.
    static std::string comparable(net::ClientResponse const& answer, Ids const& asked)
    {
        auto text = "status " + std::to_string(answer.status) + "\n";
        auto request_id = std::string{answer.headers.find("X-Request-Id").value_or("none")};
        auto headers = std::map<std::string, std::string>{};
        for (auto const& [name, value] : answer.headers)
            if (name != "Date" && name != "X-Request-Id") headers[name] += value + "\n";
        for (auto const& [name, value] : headers) text += name + ": " + value;
        text += answer.body;
        auto const replace = [&](std::string const& what, std::string const& by) {
            if (what.empty()) return;
            for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
        };
        replace(request_id, "{request}");
        for (auto const id : {&Ids::sitting, &Ids::running_sitting, &Ids::token, &Ids::certificate, &Ids::decision, &Ids::incident, &Ids::evidence, &Ids::person, &Ids::item, &Ids::mail, &Ids::log_path, &Ids::exam, &Ids::staff_address,
                              &Ids::credit})
            replace(asked.*id, "{id}");
        // The page of a verified file repeats which issuer the file itself names.
        for (auto const* issuer : {":t:demo", ":t:none", "/t/demo/did.json", "/t/none/did.json"}) replace(issuer, "{issuer}");
        text = std::regex_replace(text, std::regex{"name=\"csrf\" value=\"[^\"]*\""}, "{csrf}");
        text = std::regex_replace(text, std::regex{"nonce[-=]\"?[A-Za-z0-9+/=_-]{16,}\"?"}, "{nonce}");
        return text;
    }
};

TEST_F(EveryRoute, HasACase)
{
    ASSERT_GE(routes.size(), 40u);
    auto known = std::set<std::string>{};
    for (auto const& route : routes) {
        known.insert(route.name());
        EXPECT_TRUE(cases().contains(route.name())) << route.name() << " has no case in this test";
    }
    for (auto const& [name, one] : cases()) {
        EXPECT_TRUE(known.contains(name)) << name << " is no route any more";
        // A pattern with an id wants a request with one.
        auto const parameters = std::ranges::count(name, '{') - (name.find("{tenant}") != std::string::npos ? 1 : 0);
        if (parameters > 0 && name != "GET /assets/{name...}") {
            EXPECT_TRUE(!one.with_ids.empty() || one.own_number) << name;
        }
    }
}

TEST_F(EveryRoute, AnswersTheIdsOfAnotherTenantLikeIdsThatDoNotExist)
{
    auto tried = 0;
    for (auto const& route : routes) {
        auto const found = cases().find(route.name());
        if (found == cases().end()) continue;
        for (auto const& make : found->second.with_ids) {
            auto const who = caller_of(route);
            auto const theirs = make(tenants->theirs, who), nobodys = make(tenants->nobodys, who);
            auto const a = ask(route, theirs, who.cookie), b = ask(route, nobodys, who.cookie);
            ++tried;
            EXPECT_EQ(comparable(a, tenants->theirs), comparable(b, tenants->nobodys)) << route.name() << " " << theirs.target;
            // What nobody may see at all says nothing here: the caller's login must be a good one.
            EXPECT_NE(a.status, 401) << route.name();
            EXPECT_NE(a.status, 429) << route.name();
            if (route.access == "staff") {
                EXPECT_EQ(std::string{a.headers.find("Location").value_or("")}.find("sign-in"), std::string::npos) << route.name();
            }
        }
    }
    EXPECT_GE(tried, 26);
}

TEST_F(EveryRoute, MentionsNothingOfAnotherTenantsWhereItTakesNoId)
{
    for (auto const& route : routes) {
        auto const found = cases().find(route.name());
        if (found == cases().end() || !found->second.takes_no_id || !found->second.is_fetched) continue;
        auto target = route.pattern;
        if (auto const at = target.find("{tenant}"); at != std::string::npos) target.replace(at, 8, "other");
        auto const answer = ask(route, {target, {}}, caller_of(route).cookie);
        EXPECT_EQ(answer.status, 200) << route.name();
        for (auto const id : {&Ids::sitting, &Ids::running_sitting, &Ids::token, &Ids::certificate, &Ids::decision, &Ids::incident, &Ids::evidence, &Ids::person, &Ids::item, &Ids::mail, &Ids::exam, &Ids::staff_address})
            EXPECT_EQ(answer.body.find(tenants->theirs.*id), std::string::npos) << route.name() << " shows " << tenants->theirs.*id;
        EXPECT_EQ(answer.body.find(tenants->victim), std::string::npos) << route.name();
        EXPECT_EQ(answer.body.find("/t/demo"), std::string::npos) << route.name();
    }
}

TEST_F(EveryRoute, GivesEachTenantItsOwnUnderTheNumbersThatBothHave)
{
    auto tried = 0;
    for (auto const& route : routes) {
        auto const found = cases().find(route.name());
        if (found == cases().end() || !found->second.own_number) continue;
        auto target = route.pattern.substr(std::string_view{"/t/{tenant}"}.size());
        target.replace(target.find('{'), std::string::npos, tenants->theirs.*found->second.own_number);
        auto const mine = ask(route, {"/t/other" + target, {}}, {}), theirs = ask(route, {"/t/demo" + target, {}}, {});
        ++tried;
        EXPECT_EQ(theirs.status, 200) << route.name();
        EXPECT_NE(mine.body, theirs.body) << route.name();
        EXPECT_EQ(mine.body.find(":t:demo"), std::string::npos) << route.name();
        EXPECT_EQ(mine.body.find("/t/demo"), std::string::npos) << route.name();
    }
    EXPECT_EQ(tried, 2);
}

TEST_F(EveryRoute, TakesALoginOfAnotherTenantForNone)
{
    for (auto const& route : routes) {
        auto const found = cases().find(route.name());
        if (found == cases().end() || route.access == "anyone") continue; // nobody asks there who one is
        auto const who = caller_of(route);
        auto tries = std::vector<Tried>{};
        for (auto const& make : found->second.with_ids) tries.push_back(make(tenants->theirs, who));
        if (tries.empty()) tries.push_back({"/t/other" + route.pattern.substr(std::string_view{"/t/{tenant}"}.size()), robot::form({{"csrf", who.csrf}})});
        for (auto one : tries) {
            one.target.replace(0, std::string_view{"/t/other"}.size(), "/t/demo"); // now the id is right, and the login wrong
            auto const foreign = ask(route, one, who.cookie), none = ask(route, one, {});
            EXPECT_EQ(comparable(foreign, tenants->theirs), comparable(none, tenants->theirs)) << route.name() << " " << one.target;
            EXPECT_NE(foreign.status, 200) << route.name();
        }
    }
}

TEST_F(EveryRoute, LeavesTheOtherTenantAsItWas)
{
    // After all that: the running sitting was neither paused nor ended, the certificate stands, the invitation is unused.
    EXPECT_EQ(tenants->value_of("SELECT run_state FROM sitting WHERE sitting_id = '" + tenants->theirs.running_sitting + "' AND tenant_id = $1::text::uuid AND paused_by IS DISTINCT FROM 'staff'",
                                tenants->victim), "paused"); // by its candidate's absence
    EXPECT_EQ(tenants->value_of("SELECT count(*)::text FROM certificate WHERE state = 'active' AND tenant_id = $1::text::uuid", tenants->victim), "1");
    EXPECT_EQ(tenants->value_of("SELECT count(*)::text FROM incident WHERE decided_at IS NULL AND incident_id = '" + tenants->theirs.incident + "' AND tenant_id = $1::text::uuid", tenants->victim), "1");
}

/// The messages of the WebSockets carry no ids but these; a new field must be thought about here.
TEST(EveryMessage, CarriesNoIdOfATenantsThing)
{
    auto const fields = [](google::protobuf::Descriptor const* message) {
        auto names = std::set<std::string>{};
        auto visit = std::function<void(google::protobuf::Descriptor const*)>{};
        visit = [&](google::protobuf::Descriptor const* d) {
            for (auto i = 0; i < d->field_count(); ++i) {
                names.insert(std::string{d->name()} + "." + d->field(i)->name());
                if (d->field(i)->message_type() != nullptr) visit(d->field(i)->message_type());
            }
        };
        visit(message);
        return names;
    };
    EXPECT_EQ(fields(v1::ExamClientMessage::descriptor()),
              (std::set<std::string>{"ExamClientMessage.attach", "ExamClientMessage.submit_response", "ExamClientMessage.finish", "ExamClientMessage.request_break",
                                     "ExamClientMessage.end_break", "ExamClientMessage.heartbeat", "Attach.attachment", "Attach.client_build", "Attach.device_secret",
                                     "SubmitResponse.item_ordinal", "SubmitResponse.response", "SubmitResponse.client_seq", "SubmitResponse.response_time_ms",
                                     "ResponseVariable.identifier", "ResponseVariable.values", "FinishSitting.client_seq", "Heartbeat.client_time_us",
                                     "ExamClientMessage.finish_block", "ExamClientMessage.show_item", "FinishBlock.client_seq", "FinishBlock.block_first", "ShowItem.item_ordinal"}));
    EXPECT_EQ(fields(v1::ProctorClientMessage::descriptor()),
              (std::set<std::string>{"ProctorClientMessage.camera", "ProctorClientMessage.frame", "ProctorClientMessage.signal", "CameraInfo.label", "CameraInfo.width",
                                     "CameraInfo.height", "CameraInfo.frames_per_second", "Frame.sequence", "Frame.captured_at_us", "Frame.media_time", "Frame.jpeg",
                                     "PageSignal.kind", "PageSignal.at_us"}));
}

/// The two that come nearest: the number of an attachment and the secret of a device, of somebody else's sitting.
TEST_F(EveryRoute, GivesAnotherDevicesSecretNothing)
{
    auto attaching = [](std::uint16_t port, robot::Seat seat, std::uint32_t attachment) -> asio::awaitable<v1::ExamServerMessage> {
        auto opened = co_await robot::open_exam(port, seat);
        auto const connection = opened.value();
        robot::send(*connection, robot::attach_message(seat, attachment));
        auto const received = co_await connection->receive();
        co_return robot::parse_message(received.value());
    };
    auto answers = std::vector<std::string>{};
    for (auto const letter : {'a', 'b'}) { // what the victim's device may hold, and what nobody's does: nothing tells them apart
        auto seat = tenants->candidates_seat;
        seat.device_secret = std::string(32, letter);
        auto work = attaching(tenants->service.port(), seat, 1);
        auto message = tenants->run(std::move(work));
        ASSERT_TRUE(message.has_welcome());
        EXPECT_EQ(message.welcome().acknowledged_client_seq(), 0u);
        message.mutable_welcome()->clear_clock();
        message.mutable_welcome()->clear_attachment();
        answers.push_back(message.SerializeAsString());
    }
    EXPECT_EQ(answers.at(0), answers.at(1));
}

} // namespace
} // namespace assay::server::test
