// Prints sittings bit by bit, for replay_test.cpp to compare under other CPU features: adaptive ones, with and without form rules, testlets, pretest items and
// families, fixed forms of both kinds, blocks and stages.
#include "tests/exam/form_support.hpp"

#include <bit>
#include <cstdio>

namespace {

using namespace assay::exam;

void print(char const* what, test::SittingRun const& run)
{
    std::puts(what);
    for (auto const& event : run.events) std::puts(assay::canonical_json(to_json(event)).c_str());
    auto const estimate = run.estimate();
    std::printf("theta bits %016llx, se bits %016llx\n", std::bit_cast<unsigned long long>(estimate.theta.logits), std::bit_cast<unsigned long long>(estimate.standard_error));
}

ExamVersion curtailed(ExamVersion version)
{
    version.settings.selection.criterion = adaptive::Criterion::cut;
    version.settings.standard_error_stop.reset();
    version.settings.near_cut_z = 0;
    version.settings.stop.curtailment_z = 1.96;
    return version;
}

ExamVersion chosen_by(ExamVersion version, adaptive::Criterion criterion)
{
    version.settings.selection.criterion = criterion;
    return version;
}

ExamVersion in_blocks(ExamVersion version)
{
    version.settings.block.items = 4;
    return version;
}

/// Two stages of ten items, two modules in the second.
ExamVersion in_stages(ExamVersion version)
{
    auto const part = [&](std::size_t n) {
        auto items = std::vector<std::string>{};
        for (auto i = 10 * n; i < 10 * n + 10; ++i) items.push_back(version.pool[i].identifier);
        return items;
    };
    version.settings.selection.mode = SelectionMode::stages;
    version.settings.stages = {{.items = 0, .modules = {{.name = "first", .panel = {}, .items = part(0), .target = {}, .from = {}}}},
                               {.items = 0, .modules = {{.name = "one", .panel = {}, .items = part(1), .target = {}, .from = {}}, {.name = "other", .panel = {}, .items = part(2), .target = {}, .from = {}}}}};
    return version;
}

} // namespace

int main()
{
    for (auto const theta : {-2.0, -0.1, 0.9, 3.0}) print("adaptive", test::simulated_run(test::demo_version(), {theta}, 7));
    for (auto seed = std::uint64_t{1}; seed <= 2; ++seed) {
        print("linear", test::run_of(test::linear_version(), seed));
        print("loft", test::run_of(test::loft_version(), seed));
        print("pretest slots", test::run_of(test::with_pretest(test::form_version(), 4, 10), seed));
        print("families", test::run_of(test::with_families_of(test::demo_version(), 4), seed));
        print("testlets", test::run_of(test::testlet_version(), seed));
        print("testlets by mepv", test::run_of(chosen_by(test::testlet_version(), adaptive::Criterion::mepv), seed));
        print("testlets by a-stratified", test::run_of(chosen_by(test::testlet_version(), adaptive::Criterion::a_stratified), seed));
        print("blocks", test::run_of(in_blocks(test::testlet_version()), seed));
        print("stages", test::run_of(in_stages(test::demo_version()), seed));
        print("curtailed", test::run_of(curtailed(test::testlet_version()), seed));
    }
    return 0;
}
