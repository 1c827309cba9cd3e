#pragma once
// What the next sittings learn from one that has ended: exposure control which items were shown (the rules are those of adaptive/exposure.hpp), and pretest
// slots which items have answers already.
#include "exam/sitting.hpp"

namespace assay::exam {

/// Which items were presented at which estimates, and which had been kept from the sitting. Places in the pool of one exam version: it names nobody.
struct ExposureRecord {
    std::vector<std::uint32_t> items;              ///< in order
    std::vector<std::uint32_t> bands;              ///< adaptive::theta_band of the estimate that each was chosen at
    std::vector<std::vector<std::uint32_t>> kept;  ///< as Ineligible, by place, ascending
    std::vector<std::uint32_t> pretested;          ///< places in the list of pretest items: those that were answered, in order
    friend bool operator==(ExposureRecord const&, ExposureRecord const&) = default;
};

/// {"items": [[place, band], …], "kept": [[place, …], …], "pretested": [place, …]}; the last one only where there are some.
json::value to_json(ExposureRecord const& record);
/// Accepts what to_json writes; places beyond the pool too, which draw_ineligible refuses. Errors: errc::malformed_document.
result<ExposureRecord> exposure_record_from_json(json::value const& document);

/// Whether the version's exposure rule learns from sittings: eligibility, eligibility by theta, restricted, priority.
bool learns_exposure(ExamSettings const& settings) noexcept;
/// Whether a sitting of the version leaves a record: for that rule, or for pretest slots.
bool keeps_record(ExamSettings const& settings) noexcept;

ExposureRecord exposure_record_of(Sitting const& sitting, PreparedExam const& exam);

/// Sympson-Hetter: the probability with which each item of the pool is to be presented once it is selected, so that none is shown in more than
/// `rate` of the sittings. By pre-simulation of 500 candidates drawn from the default prior, eight rounds, by the version's criterion; areas and
/// form rules are left aside, but testlets are presented whole, and each of a testlet's items has the testlet's. Deterministic; work for a pool of threads.
std::vector<double> administration_probabilities(PreparedExam const& exam);

/// What is kept from the next sitting, by what earlier ones (oldest first) used and a draw of this seed. Empty where the rule does not learn.
/// Expects places within the pool and as many bands as items.
Ineligible draw_ineligible(PreparedExam const& exam, std::span<ExposureRecord const> earlier, Seed const& seed);

/// How much each pretest item of the version needs answers: 1 / (1 + answers in `earlier`), as the squared standard error of a parameter falls with the
/// number of its answers. Empty where the version has no slots. Expects places within the list.
PretestWeights pretest_weights(ExamVersion const& version, std::span<ExposureRecord const> earlier);

} // namespace assay::exam
