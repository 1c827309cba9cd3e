#include "sittings_digest.hpp"

#include <cstdlib>
#include <filesystem>

namespace assay::exam::adaptive {
namespace {

// Law 7: the same bits in every build and on every x86-64 machine. The literal comes from the *release* build (-O2, no sanitizers), and this test runs in
// the others too. Whoever changes what is selected on purpose takes the new one from there.
constexpr auto from_release = "2e265b9268a16e12a49b473037269eb33804696571cb4bef0404d46128cb9219";

TEST(SittingsDigest, IsThatOfTheReleaseBuild) { EXPECT_EQ(sittings_digest(), from_release); }

TEST(SittingsDigest, DoesNotDependOnTheMachinesVectorAndFusedInstructions)
{
    auto const program = std::filesystem::read_symlink("/proc/self/exe").string();
    for (auto const* masked : {"-AVX2,-FMA", "-AVX2_Usable,-FMA_Usable", "-AVX2,-AVX512F,-FMA,-FMA4,-AVX,-SSE4_2,-ERMS"}) {
        auto const command = std::string{"GLIBC_TUNABLES=glibc.cpu.hwcaps="} + masked + " '" + program + "' --gtest_filter=SittingsDigest.IsThatOfTheReleaseBuild >/dev/null";
        EXPECT_EQ(std::system(command.c_str()), 0) << masked;
    }
}

} // namespace
} // namespace assay::exam::adaptive
