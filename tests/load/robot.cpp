#include "tests/load/robot.hpp"

#include "core/json.hpp"
#include "exam/item_scoring.hpp"
#include "exam/qti/package.hpp"

#include "assay/v1/exam.pb.h"

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace assay::robot {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto start_deadline = 120s;

sockaddr_in loopback(std::uint16_t port)
{
    auto address = sockaddr_in{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

bool takes_connections(std::uint16_t port)
{
    auto const s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const address = loopback(port);
    auto const ok = connect(s, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    close(s);
    return ok;
}

std::string read_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

net::ClientResponse expect(result<net::ClientResponse> answer, int status, char const* what)
{
    if (!answer) throw std::runtime_error{std::string{what} + ": " + answer.error().message()};
    if (answer->status != status) throw std::runtime_error{std::string{what} + ": status " + std::to_string(answer->status) + "\n" + answer->body.substr(0, 2000)};
    return std::move(*answer);
}

exam::ResponseSet wrong_response(exam::Item const& item)
{
    auto tries = std::vector<exam::ResponseSet>{};
    for (auto const& interaction : item.parts().interactions)
        if (auto const* choice = std::get_if<exam::ChoiceInteraction>(&interaction.kind))
            for (auto const& c : choice->choices) tries.push_back({{interaction.response, {c.identifier}}});
    tries.push_back({}); // nothing answered
    for (auto const& response : tries) {
        auto const scored = exam::score(item, response);
        if (scored && scored->score == 0) return response;
    }
    throw std::runtime_error{item.identifier() + ": no response that earns nothing was found"};
}

} // namespace

std::string quoted_after(std::string const& page, std::string_view before, std::size_t from)
{
    auto const at = page.find(before, from);
    if (at == std::string::npos) throw std::runtime_error{"the page lacks " + std::string{before} + "\n" + page.substr(0, 2000)};
    auto const begin = at + before.size();
    return page.substr(begin, page.find('"', begin) - begin);
}

std::string form(std::vector<net::Parameter> const& fields)
{
    auto body = std::string{};
    for (auto const& [name, value] : fields) body += (body.empty() ? "" : "&") + name + "=" + net::percent_encode(value);
    return body;
}

net::Headers same_site(std::uint16_t port)
{
    auto headers = net::Headers{};
    headers.set("Origin", "https://localhost:" + std::to_string(port));
    headers.set("Sec-Fetch-Site", "same-origin");
    return headers;
}

std::uint16_t free_port()
{
    auto random = std::random_device{};
    for (auto attempt = 0; attempt < 1000; ++attempt) {
        auto const port = std::uniform_int_distribution<std::uint16_t>{15'000, 32'000}(random);
        auto const s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto const address = loopback(port);
        auto const ok = bind(s, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
        close(s);
        if (ok) return port;
    }
    throw std::runtime_error{"no free port"};
}

bool send(net::Connection& connection, v1::ExamClientMessage const& message)
{
    auto bytes = Bytes(message.ByteSizeLong());
    message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
    return connection.send(std::move(bytes)).has_value();
}

v1::ExamServerMessage parse_message(ByteView bytes)
{
    auto message = v1::ExamServerMessage{};
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) throw std::runtime_error{"the service sent what is no message"};
    return message;
}

std::string identifier_of(v1::ItemPresented const& presented)
{
    auto const document = parse_json(presented.presented_json());
    if (!document) throw std::runtime_error{"an item that is no JSON"};
    return std::string{std::string_view{document->at("identifier").as_string()}};
}

v1::ExamClientMessage answer_to(v1::ItemPresented const& presented, Bank const& bank, exam::Theta theta, std::mt19937_64& random, std::uint64_t client_seq)
{
    auto const& item = bank.at(identifier_of(presented));
    auto const draw = std::uniform_real_distribution<double>{}(random);
    auto const knows = draw < exam::response_probability(item.model, theta);
    auto message = v1::ExamClientMessage{};
    auto& submit = *message.mutable_submit_response();
    submit.set_item_ordinal(presented.ordinal());
    submit.set_client_seq(client_seq);
    submit.set_response_time_ms(1000);
    for (auto const& [identifier, values] : knows ? item.correct : item.wrong) {
        auto& variable = *submit.add_response();
        variable.set_identifier(identifier);
        for (auto const& value : values) variable.add_values(value);
    }
    return message;
}

ServerProcess::ServerProcess(std::string command, std::vector<std::string> options)
    : command_{std::move(command)}, options_{std::move(options)}, port_{free_port()}
{
    auto name = std::string{"/tmp/assay-test-XXXXXX"};
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"can't make a state folder"};
    state_ = name;
}

ServerProcess::~ServerProcess()
{
    terminate();
    auto ignored = std::error_code{};
    fs::remove_all(state_, ignored);
    fs::remove(state_.string() + ".out", ignored);
}

void ServerProcess::launch()
{
    auto const port = std::to_string(port_);
    auto const out = state_.string() + ".out";
    auto arguments = std::vector<std::string>{ASSAY_PROGRAM, command_, "--state", state_.string(), "--port", port, "--threads", "2"};
    arguments.insert(arguments.end(), options_.begin(), options_.end());
    auto pointers = std::vector<char*>{};
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    child_ = fork();
    if (child_ < 0) throw std::runtime_error{"can't fork"};
    if (child_ == 0) {
        auto const file = open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
        setenv("ASSAY_UNLIMITED_RATES", "1", 1); // all candidates have one address here
        unsetenv("ASSAY_TEST_NOT_DURABLE");
        execv(ASSAY_PROGRAM, pointers.data());
        _exit(127);
    }
}

void ServerProcess::start()
{
    launch();
    auto const give_up_at = std::chrono::steady_clock::now() + start_deadline;
    auto const ready = command_ == "demo" ? "Demo sign-ins" : "listening on port";
    while (!takes_connections(port_) || output().find(ready) == std::string::npos) {
        auto status = 0;
        if (waitpid(child_, &status, WNOHANG) == child_) {
            child_ = -1;
            throw std::runtime_error{"the service ended at once:\n" + output()};
        }
        if (std::chrono::steady_clock::now() > give_up_at) throw std::runtime_error{"the service doesn't come up:\n" + output()};
        std::this_thread::sleep_for(100ms);
    }
}

int ServerProcess::terminate()
{
    if (child_ <= 0) return -1;
    kill(child_, SIGTERM);
    auto status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ServerProcess::kill_hard()
{
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    auto status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
}

std::string ServerProcess::output() const { return read_file(state_.string() + ".out"); }

std::string ServerProcess::password_of(std::string const& email) const
{
    auto const text = output();
    auto const at = text.find("  " + email + "   ");
    if (at == std::string::npos) throw std::runtime_error{"no sign-in was printed for " + email};
    auto const begin = at + 2 + email.size() + 3;
    return text.substr(begin, text.find(' ', begin) - begin);
}

int ServerProcess::run(std::string const& arguments, fs::path const& out) const
{
    auto const command = std::string{ASSAY_PROGRAM} + " " + arguments + " > " + out.string();
    auto const status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Bank read_demo_bank()
{
    auto const* source = std::getenv("ASSAY_SOURCE_DIR");
    if (source == nullptr) throw std::runtime_error{"ASSAY_SOURCE_DIR is not set: run by CTest"};
    auto const folder = fs::path{source} / "exam" / "demo_bank";
    auto files = exam::qti::PackageFiles{};
    for (auto const& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).generic_string()] = to_bytes(read_file(entry.path()));
    auto const package = exam::qti::read_package(files);
    auto bank = Bank{};
    for (auto const& row : package.items) {
        auto const& item = row.imported.item.value();
        auto const values = row.parameters.value();
        auto const model = exam::three_parameter_item(values.discrimination.value(), values.difficulty.value(), values.pseudo_guessing.value_or(0)).value();
        auto correct = exam::correct_responses(item);
        auto const scored = exam::score(item, correct).value();
        if (scored.score != scored.max_score) throw std::runtime_error{item.identifier() + ": its correct response doesn't earn the maximum"};
        bank.emplace(item.identifier(), BankItem{item, model, std::move(correct), wrong_response(item)});
    }
    return bank;
}

net::ClientSettings client_settings(std::uint16_t port)
{
    auto settings = net::ClientSettings{};
    settings.port = port;
    settings.connect_to = "127.0.0.1";
    return settings;
}

asio::awaitable<void> Staff::sign_in(std::string email, std::string password)
{
    auto body = form({{"csrf", ""}, {"email", email}, {"password", password}});
    auto headers = same_site(port_);
    auto answer = co_await client_.post("/t/" + tenant_ + "/staff/sign-in", std::move(body), form_type, std::move(headers));
    expect(std::move(answer), 303, "staff sign-in");
}

asio::awaitable<std::string> Staff::invite(std::string email, bool camera)
{
    auto shown = co_await client_.get("/t/" + tenant_ + "/staff/invite");
    auto const page = expect(std::move(shown), 200, "invitation form").body;
    // The exam without camera is the option whose text says so; the other one has it.
    auto exam = std::string{};
    for (auto at = page.find("<option value=\""); at != std::string::npos; at = page.find("<option value=\"", at + 1))
        if ((page.substr(at, page.find("</option>", at) - at).find("without camera") == std::string::npos) == camera && !quoted_after(page, "<option value=\"", at).empty() &&
            page.substr(at, page.find("</option>", at) - at).find("PostgreSQL") != std::string::npos)
            exam = quoted_after(page, "<option value=\"", at);
    if (exam.empty()) throw std::runtime_error{"the form does not offer the exam that is looked for"};
    auto const csrf = quoted_after(page, "name=\"csrf\" value=\"", page.find("/staff/invite\""));
    auto body = form({{"csrf", csrf}, {"full_name", "Robot " + email}, {"preferred_name", ""}, {"email", email}, {"locale", "en"}, {"exam", exam}, {"extra_minutes", "0"}});
    auto headers = same_site(port_);
    auto invited = co_await client_.post("/t/" + tenant_ + "/staff/invite", std::move(body), form_type, std::move(headers));
    auto const answer = expect(std::move(invited), 200, "invite").body;
    auto const link = quoted_after(answer, "<input id=\"link\" value=\"");
    co_return link.substr(link.find("/t/"));
}

asio::awaitable<void> Staff::act(std::string sitting, std::string action, int minutes)
{
    auto shown = co_await client_.get("/t/" + tenant_ + "/staff/sittings");
    auto const page = expect(std::move(shown), 200, "sittings").body;
    auto body = form({{"csrf", quoted_after(page, "name=\"csrf\" value=\"")}, {"reason", "a test"}, {"minutes", std::to_string(minutes)}});
    auto headers = same_site(port_);
    auto done = co_await client_.post("/t/" + tenant_ + "/staff/sittings/" + sitting + "/" + action, std::move(body), form_type, std::move(headers));
    expect(std::move(done), 303, action.c_str());
}

asio::awaitable<Seat> take_seat(std::uint16_t port, std::string invitation, std::mt19937_64& random, bool camera)
{
    auto client = net::HttpClient{client_settings(port)};
    auto headers = same_site(port);
    auto opened = co_await client.post(invitation, "", form_type, headers);
    auto const location = std::string{expect(std::move(opened), 303, "open the invitation").headers.find("Location").value_or("")};
    auto const path = location.substr(0, location.rfind('/')); // /t/demo/sitting/ID
    auto seat = Seat{};
    seat.tenant = path.substr(3, path.find('/', 3) - 3);
    seat.sitting = path.substr(path.rfind('/') + 1);

    auto consent_path = path + "/consent";
    auto shown = co_await client.get(consent_path);
    auto const page = expect(std::move(shown), 200, "consent page").body;
    seat.csrf = quoted_after(page, "name=\"csrf\" value=\"");
    auto body = form({{"csrf", seat.csrf}, {"agreement", quoted_after(page, "name=\"agreement\" value=\"")}, {"rules", "yes"}, {"consent_camera", camera ? "yes" : ""}, {"consent_stills", camera ? "yes" : ""}});
    auto consented = co_await client.post(consent_path, std::move(body), form_type, headers);
    expect(std::move(consented), 303, "consent");
    auto start_body = form({{"csrf", seat.csrf}});
    auto started = co_await client.post(path + "/start", std::move(start_body), form_type, headers);
    expect(std::move(started), 303, "start");
    seat.cookie = client.cookie_header();
    seat.device_secret = std::string(32, '\0');
    for (auto& c : seat.device_secret) c = static_cast<char>(random() & 0xff);
    co_return seat;
}

asio::awaitable<result<std::shared_ptr<net::Connection>>> open_exam(std::uint16_t port, Seat const& seat, int* refused_with)
{
    auto settings = net::WebSocketSettings{};
    settings.client = client_settings(port);
    settings.target = "/t/" + seat.tenant + "/ws/exam/" + seat.sitting;
    settings.subprotocol = "assay.exam.v1";
    settings.origin = "https://localhost:" + std::to_string(port);
    settings.headers.set("Cookie", seat.cookie);
    settings.limits.messages_per_second = 1000; // of what the service sends
    settings.limits.messages_burst = 1000;
    return net::connect_websocket(std::move(settings), refused_with);
}

v1::ExamClientMessage attach_message(Seat const& seat, std::uint32_t attachment)
{
    auto message = v1::ExamClientMessage{};
    message.mutable_attach()->set_client_build("robot");
    message.mutable_attach()->set_device_secret(seat.device_secret);
    message.mutable_attach()->set_attachment(attachment);
    return message;
}

asio::awaitable<Sat> sit_exam(std::uint16_t port, std::string invitation, Bank const& bank, exam::Theta theta, std::uint64_t seed)
{
    auto random = std::mt19937_64{seed};
    auto const seat = co_await take_seat(port, std::move(invitation), random);
    auto sat = Sat{};
    sat.sitting = seat.sitting;
    auto connected = co_await open_exam(port, seat);
    if (!connected) throw std::runtime_error{"WebSocket: " + connected.error().message()};
    auto const connection = *connected;
    send(*connection, attach_message(seat, 0));

    auto client_seq = std::uint64_t{};
    for (;;) {
        auto const received = co_await connection->receive();
        if (!received) break; // closed: the run has ended, or the caller will see that it has not
        auto const message = parse_message(*received);
        if (message.has_problem()) throw std::runtime_error{"refused: " + message.problem().code()};
        if (message.has_acknowledged()) ++sat.answered;
        if (message.has_state()) sat.run_state = message.state().run_state();
        auto const* item = message.has_item() ? &message.item() : message.has_welcome() && message.welcome().has_item() ? &message.welcome().item() : nullptr;
        if (item != nullptr) send(*connection, answer_to(*item, bank, theta, random, ++client_seq));
    }
    co_return sat;
}

} // namespace assay::robot
