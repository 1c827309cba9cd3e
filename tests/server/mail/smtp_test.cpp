#include "core/json.hpp"
#include "server/mail/sender.hpp"

#include <arpa/inet.h>
#include <cstdio>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace assay::mail {
namespace {

int free_port()
{
    auto const fd = socket(AF_INET, SOCK_STREAM, 0);
    auto address = sockaddr_in{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    auto length = socklen_t{sizeof address};
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    close(fd);
    return ntohs(address.sin_port);
}

/// aiosmtpd as a child; ends when its standard input is closed.
class Peer {
public:
    Peer() : port_{free_port()}
    {
        int in[2], out[2];
        if (pipe(in) != 0 || pipe(out) != 0) throw std::runtime_error{"no pipe"};
        child_ = fork();
        if (child_ == 0) {
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            for (auto const fd : {in[0], in[1], out[0], out[1]}) close(fd);
            execl("/usr/bin/python3", "python3", std::getenv("ASSAY_SMTP_PEER"), std::to_string(port_).c_str(), nullptr);
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        input_ = in[1];
        output_ = fdopen(out[0], "r");
        if (line() != "ready\n") throw std::runtime_error{"aiosmtpd does not start: is python3-aiosmtpd installed?"};
    }
    ~Peer()
    {
        close(input_);
        auto status = 0;
        waitpid(child_, &status, 0);
        std::fclose(output_);
    }
    Peer(Peer const&) = delete;
    Peer& operator=(Peer const&) = delete;

    std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
    json::value taken() { return parse_json(line(), {.size_max = 1 << 20, .depth_max = 8}).value(); }

private:
    std::string line()
    {
        char* text = nullptr;
        auto size = std::size_t{};
        auto const read = getline(&text, &size, output_);
        auto found = read > 0 ? std::string{text, static_cast<std::size_t>(read)} : std::string{};
        std::free(text);
        return found;
    }
    int port_;
    pid_t child_ = -1;
    int input_ = -1;
    std::FILE* output_ = nullptr;
};

Message message_to(std::string recipient)
{
    auto message = Message{};
    message.from = {"مؤسسة الاختبار", "exams@tenant.example"};
    message.to = {"Nour", std::move(recipient)};
    message.message_id = "0f9c-1@tenant.example";
    message.subject = "Your exam: اختبار";
    message.text = "Hello,\n.\nthis line follows a dot by itself.\n";
    message.language = "en";
    message.date = parse_rfc3339("2026-11-24T08:00:00Z").value();
    return message;
}

std::string data_of(json::value const& taken) { return std::string{std::string_view{taken.at("data").as_string()}}; }

struct Smtp : testing::Test {
    Peer peer;
    std::unique_ptr<Sender> sender = smtp_sender({peer.url(), "", "", false});
};

TEST_F(Smtp, HandsAMessageToAServer)
{
    auto const sent = sender->send(message_to("nour@example.org"));
    EXPECT_EQ(sent.delivery, Delivery::taken) << sent.why;
    auto const taken = peer.taken();
    EXPECT_EQ(taken.at("from").as_string(), "exams@tenant.example");
    EXPECT_EQ(taken.at("to").as_array().front().as_string(), "nour@example.org");
    EXPECT_NE(data_of(taken).find("Message-ID: <0f9c-1@tenant.example>"), std::string::npos) << data_of(taken);
}

TEST_F(Smtp, KeepsOneMessageIdOverATemporaryFailureAndTheNextTry)
{
    for (auto const* recipient : {"later@example.org", "greylist@example.org"}) {
        auto const first = sender->send(message_to(recipient));
        EXPECT_EQ(first.delivery, Delivery::try_again) << recipient << ": " << first.why;
        auto const second = sender->send(message_to(recipient));
        EXPECT_EQ(second.delivery, Delivery::taken) << recipient << ": " << second.why;
        EXPECT_NE(data_of(peer.taken()).find("Message-ID: <0f9c-1@tenant.example>"), std::string::npos);
    }
}

TEST_F(Smtp, KnowsARefusalForGoodAndSaysWhatTheServerSaid)
{
    auto const sent = sender->send(message_to("never@example.org"));
    EXPECT_EQ(sent.delivery, Delivery::refused) << sent.why;
    EXPECT_NE(sent.why.find("550"), std::string::npos) << sent.why;
}

TEST(SmtpSender, TriesAgainWhenNobodyListensOrEncryptionIsWantedAndNotOffered)
{
    auto const nobody = smtp_sender({"smtp://127.0.0.1:" + std::to_string(free_port()), "", "", false});
    EXPECT_EQ(nobody->send(message_to("nour@example.org")).delivery, Delivery::try_again);
    auto peer = Peer{};
    auto const strict = smtp_sender({peer.url(), "", "", true});
    auto const sent = strict->send(message_to("nour@example.org"));
    EXPECT_EQ(sent.delivery, Delivery::try_again) << "in the clear nothing leaves: " << sent.why;
}

} // namespace
} // namespace assay::mail
