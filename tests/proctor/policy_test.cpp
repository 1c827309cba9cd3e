#include "proctor/policy.hpp"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

namespace assay::proctor {
namespace {

using namespace std::chrono_literals;

TEST(ProctoringPolicy, TheDefaultsAreWithoutFault) { EXPECT_EQ(fault_of(ProctoringPolicy{}), std::nullopt); }

TEST(ProctoringPolicy, NamesTheKeyThatIsWrong)
{
    auto const cases = std::vector<std::pair<std::string, std::function<void(ProctoringPolicy&)>>>{
        {"frames_per_second", [](auto& p) { p.frames_per_second = 0.1; }},
        {"frames_per_second", [](auto& p) { p.frames_per_second = std::nan(""); }},
        {"yunet.strong", [](auto& p) { p.yunet.strong = 0.5; }},
        {"hog.confidence", [](auto& p) { p.hog.confidence = 1.5; }},
        {"face_absent.open_after", [](auto& p) { p.rule(IncidentType::face_absent).open_after = -1ms; }},
        {"tab_hidden.severe_after", [](auto& p) { p.rule(IncidentType::tab_hidden).severe_after = 2h; }},
        {"cool_down", [](auto& p) { p.cool_down = 2s; }}, // shorter than merge_gap
        {"evidence.stills_max", [](auto& p) { p.evidence.stills_max = 100; }},
    };
    for (auto const& [key, spoil] : cases) {
        auto policy = ProctoringPolicy{};
        spoil(policy);
        auto const fault = fault_of(policy);
        ASSERT_TRUE(fault.has_value()) << key;
        EXPECT_EQ(fault->substr(0, key.size()), key) << *fault;
    }
}

TEST(ProctoringPolicy, LooksBackFarEnoughForTheStillBeforeAndTheLastOne)
{
    EXPECT_EQ(evidence_lookback(ProctoringPolicy{}), 10s + 2s + 1s);
}

// LTI Proctoring's incident_severity, as our severities map to it.
TEST(Severity, HasItsLtiNumber)
{
    EXPECT_EQ(lti_severity(Severity::info), 0.1);
    EXPECT_EQ(lti_severity(Severity::low), 0.3);
    EXPECT_EQ(lti_severity(Severity::medium), 0.6);
    EXPECT_EQ(lti_severity(Severity::high), 0.9);
}

} // namespace
} // namespace assay::proctor
