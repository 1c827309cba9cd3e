#include "credentials/foreign/contents.hpp"
#include "credentials/foreign/reader.hpp"
#include "sandbox/child.hpp"
#include "sandbox/transfer.hpp"
#include "tests/credentials/foreign/sample_files.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace assay::credentials::foreign {
namespace {

using namespace std::chrono_literals;

Reader const real{ASSAY_VERIFY, 60s};

/// A program that does something else than to open files.
struct Misbehaving : testing::Test {
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("assay-reader-test-" + std::to_string(::getpid()));
    void SetUp() override { std::filesystem::create_directories(folder); }
    void TearDown() override { std::filesystem::remove_all(folder); }

    Unreadable asked(std::string const& script, std::chrono::milliseconds patience, ByteView file)
    {
        auto const program = folder / "reader";
        std::ofstream{program} << "#!/bin/sh\n" << script << "\n";
        ::chmod(program.c_str(), 0700);
        return std::get<Unreadable>(read_in_sandbox({program, patience}, file));
    }
};

TEST(ReaderProcess, OpensEachKindOfFile)
{
    auto const sample = credentials::test::SampleIssuer{};
    auto const json = sample.issued().json;
    auto const receipt = std::string{R"({"entry":"{}","receipt":"x"})"};
    EXPECT_EQ(read_in_sandbox(real, test::png_with(json)), Opened(Contents{json, {}}));
    EXPECT_EQ(read_in_sandbox(real, test::svg_with(json)), Opened(Contents{json, {}}));
    EXPECT_EQ(read_in_sandbox(real, test::pdf_with(json, receipt)), Opened(Contents{json, {receipt}}));
}

TEST(ReaderProcess, SaysWhyAFileCanNotBeRead)
{
    for (auto const& file : {test::pixel(), to_bytes("<svg/>"), to_bytes("%PDF-1.7\n"), test::pdf_with("no credential")})
        EXPECT_EQ(read_in_sandbox(real, file), contents_of(file)) << "the same words as without the sandbox";
    auto const long_file = Bytes(file_size_max + 1, std::byte{'%'});
    EXPECT_NE(std::get<Unreadable>(read_in_sandbox({"/nonexistent"}, long_file)).why.find("longer"), std::string::npos) << "nothing is started for it";
}

TEST(ReaderProcess, IsShutInBeforeTheFirstByteOfTheFileComes)
{
    auto const child = sandbox::Child{real.program, {reader_argument}};
    auto status = std::string{};
    for (auto const until = sandbox::Clock::now() + 60s; sandbox::Clock::now() < until && status.find("Seccomp:\t2") == std::string::npos; std::this_thread::sleep_for(5ms)) {
        auto file = std::ifstream{"/proc/" + std::to_string(child.id()) + "/status"};
        status.assign(std::istreambuf_iterator<char>{file}, {});
    }
    EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos) << status;
    EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos) << status;
}

TEST_F(Misbehaving, ReaderCostsOneAnswer)
{
    auto const file = test::pixel();
    EXPECT_EQ(asked("kill -SEGV $$", 60s, file).fault, Fault::reader_lost);
    EXPECT_EQ(asked("exit 0", 60s, file).fault, Fault::reader_lost);
    EXPECT_EQ(asked("printf '\\377\\377\\377\\377' >&3; exec sleep 600", 60s, file).fault, Fault::reader_lost) << "an answer longer than any";
    EXPECT_EQ(asked("printf '\\000\\000\\000\\001X' >&3", 60s, file).fault, Fault::reader_lost) << "no answer of ours";
    EXPECT_EQ(asked("printf '\\000\\000\\000\\011C' >&3", 60s, file).fault, Fault::reader_lost) << "half an answer";
}

TEST_F(Misbehaving, ReaderIsEndedWhenItTakesTooLong)
{
    auto const begin = sandbox::Clock::now();
    EXPECT_EQ(asked("exec sleep 600", 100ms, test::pixel()).fault, Fault::late);
    auto const much = Bytes(16 << 20, std::byte{'%'}); // it never takes the file
    EXPECT_EQ(asked("exec sleep 600", 100ms, much).fault, Fault::late);
    EXPECT_EQ(asked("printf '\\000\\000\\000\\011C' >&3; exec sleep 600", 100ms, test::pixel()).fault, Fault::late) << "half an answer";
    EXPECT_LT(sandbox::Clock::now() - begin, 60s);
}

TEST(ReaderProcess, ThatIsNotThereIsThrown) { EXPECT_THROW(read_in_sandbox({"/nonexistent/assay-verify"}, test::pixel()), std::system_error); }

} // namespace
} // namespace assay::credentials::foreign
