#include "sandbox/child.hpp"
#include "sandbox/transfer.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace assay::sandbox {
namespace {

using namespace std::chrono_literals;

Child shell(std::string script) { return Child{"/bin/sh", {"-c", std::move(script)}}; }

/// What the child writes to its descriptor until it ends.
std::string said_by(Child& child, std::chrono::seconds patience = 30s)
{
    auto text = std::string{};
    auto octet = std::array<std::byte, 1>{};
    while (receive_all(child.descriptor(), octet, Clock::now() + patience) == Transfer::complete) text += static_cast<char>(octet[0]);
    return text;
}

TEST(Child, HasItsOneDescriptorAndNothingOfOurEnvironment)
{
    ASSERT_EQ(setenv("ASSAY_TEST_SECRET", "s3cret", 1), 0);
    auto child = shell("env >&3; echo end >&3");
    auto const said = said_by(child);
    EXPECT_TRUE(said.ends_with("end\n")) << said;
    EXPECT_EQ(said.find("s3cret"), std::string::npos) << said;
}

TEST(Child, InheritsNoFileThatIsMarkedSo)
{
    auto const opened = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    auto const secret = ::fcntl(opened, F_DUPFD_CLOEXEC, 100); // a number that the shell does not use itself
    ASSERT_GE(secret, 100);
    auto child = shell("if [ -e /proc/self/fd/" + std::to_string(secret) + " ]; then echo open >&3; else echo closed >&3; fi");
    EXPECT_EQ(said_by(child), "closed\n");
    ::close(secret);
    ::close(opened);
}

TEST(Child, IsGoneWithItsOwner)
{
    auto id = 0;
    {
        auto child = shell("kill -STOP $$");
        id = child.id();
        EXPECT_EQ(::kill(id, 0), 0);
    }
    EXPECT_EQ(::kill(id, 0), -1) << "killed and reaped, though it was stopped";
}

TEST(Child, ThatDoesNotExistIsAnError) { EXPECT_THROW(Child("/nonexistent/program"), std::system_error); }

TEST(Transfer, EndsAtItsDeadlineWhateverTheChildDoes)
{
    auto child = shell("exec sleep 600");
    auto octet = std::array<std::byte, 1>{};
    auto const begin = Clock::now();
    EXPECT_EQ(receive_all(child.descriptor(), octet, begin + 50ms), Transfer::overdue);
    auto const much = std::vector<std::byte>(8 << 20); // more than any socket's buffer
    EXPECT_EQ(send_all(child.descriptor(), much, Clock::now() + 50ms), Transfer::overdue);
    EXPECT_LT(Clock::now() - begin, 30s);
}

TEST(Transfer, SaysThatTheChildIsGone)
{
    auto child = shell("kill -KILL $$");
    auto octet = std::array<std::byte, 1>{};
    EXPECT_EQ(receive_all(child.descriptor(), octet, Clock::now() + 30s), Transfer::ended);
    EXPECT_EQ(send_all(child.descriptor(), octet, Clock::now() + 30s), Transfer::ended);
}

} // namespace
} // namespace assay::sandbox
