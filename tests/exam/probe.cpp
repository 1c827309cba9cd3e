// Prints sittings bit by bit, for replay_test.cpp to compare under other CPU features.
#include "exam/replay.hpp"
#include "exam/sitting_json.hpp"
#include "tests/exam/support.hpp"

#include <bit>
#include <cstdio>

int main()
{
    using namespace assay::exam;
    auto const version = test::demo_version();
    for (auto const theta : {-2.0, -0.1, 0.9, 3.0}) {
        auto const run = test::simulated_run(version, {theta}, 7);
        for (auto const& event : run.events) std::puts(assay::canonical_json(to_json(event)).c_str());
        auto const estimate = run.estimate();
        std::printf("theta bits %016llx, se bits %016llx\n", std::bit_cast<unsigned long long>(estimate.theta.logits),
                    std::bit_cast<unsigned long long>(estimate.standard_error));
    }
    return 0;
}
