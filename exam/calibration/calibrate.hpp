#pragma once
// Item parameters from responses: marginal maximum likelihood by EM (Bock & Aitkin 1981), mixed models in one run, priors, missing by
// design, items of an old scale held fixed (Kim 2006), standard errors from the observed information (Oakes 1999).
//
//     ℓ = Σ_persons ln Σ_q w_q Π_i P(x_i | θ_q),   61 nodes θ_q on [-6, 6], w_q ∝ the normal density, Σ w_q = 1
//
// Conventions. Logistic metric, D = 1; theta has mean 0 and SD 1 in the calibration sample, except with fixed items, whose scale it then
// keeps. 1PL and PCM items share one slope, which is estimated (the Rasch model with a free SD, written with SD 1); Slope::unit makes it 1.
// An answer that is not administered says nothing. A person without any answer is counted and left out.
#include "exam/bank/item_bank.hpp"
#include "exam/bank/responses.hpp"

#include <functional>

namespace assay::exam::calibration {

struct NormalPrior {
    double mean = 0;
    double sd = 1; ///< > 0
    friend bool operator==(NormalPrior const&, NormalPrior const&) = default;
};

/// Densities of the named quantities themselves: the mode sought is that of ln a, not of a. Absent: none.
struct Priors {
    std::optional<NormalPrior> log_slope;   ///< ln a. Keeps a > 0. Not for NRM, whose slopes may have any sign
    std::optional<NormalPrior> difficulty;  ///< every b_k; NRM: every intercept
    std::optional<NormalPrior> logit_lower; ///< ln c/(1 − c)
    std::optional<NormalPrior> logit_upper; ///< ln d/(1 − d)
    friend bool operator==(Priors const&, Priors const&) = default;
};

/// None, except for 3PL and 4PL, whose likelihood often has no useful maximum of its own:
///     ln a ~ N(0, 0.5), b ~ N(0, 2), logit c ~ N(logit ¼, 0.5), and for 4PL logit d ~ N(logit 0.95, 0.5)   (mean, SD).
Priors default_priors(ModelKind kind);

enum class Slope { common, unit }; ///< of 1PL and PCM items

/// What is asked for each item.
struct ItemRequest {
    ModelKind kind = ModelKind::two_parameter;
    Priors priors{};
    std::optional<ItemModel> fixed{}; ///< parameters of an old scale: taken as they are
};

struct Options {
    std::size_t nodes = 61;    ///< 11 … 501
    double lower = -6;         ///< logits
    double upper = 6;
    double tolerance = 1e-6;   ///< the optimum is within this in every parameter, as the last Newton step estimates it
    int iterations_max = 2000; ///< E-steps
    bool standard_errors = false;
    Slope slope = Slope::common;
    bool estimate_population = false; ///< mean and SD of theta; needs at least one fixed item
    unsigned threads = 1;             ///< never changes a bit of the result
};

enum class ItemStatus {
    estimated,
    fixed,      ///< given beforehand
    at_bound,   ///< a parameter ran to its bound: no finite maximum inside
    constant,   ///< everybody gave the same answer: no finite estimate; the parameters returned say only which answer
    unanswered, ///< nobody was given it
};
std::string_view name(ItemStatus status) noexcept;

/// Absent: the parameter was not estimated, or lies at a bound, or the data don't determine it.
struct StandardErrors {
    std::vector<std::optional<double>> slopes;     ///< as ItemModel::slopes; NRM: the first category's is absent
    std::vector<std::optional<double>> thresholds; ///< as ItemModel::thresholds
    std::optional<double> lower, upper;
};

struct CalibratedItem {
    std::string item;
    ItemModel model;
    ItemStatus status = ItemStatus::estimated;
    std::size_t answers = 0;
    StandardErrors standard_errors; ///< when asked for
    std::vector<std::string> notes; ///< what a reader of the parameters must know
};

struct Population {
    double mean = 0;
    double sd = 1;
    std::optional<double> mean_error, sd_error; ///< when estimated and asked for
};

struct Calibration {
    double log_likelihood = 0; ///< marginal, without priors. A constant item contributes 0, the supremum
    double log_prior = 0;      ///< Σ ln density, with normalising constants
    bool converged = false;
    int iterations = 0;        ///< E-steps
    double remaining_gain = 0; ///< of log_likelihood + log_prior, as the last Newton step estimates it
    std::size_t parameters = 0;
    std::size_t persons = 0;
    std::size_t persons_without_answers = 0;
    std::size_t patterns = 0; ///< different rows
    Population population;
    std::vector<CalibratedItem> items; ///< in the order of the table
    std::vector<std::string> warnings;
};

/// A step of the work: E-steps so far, the objective, the largest parameter change of the last step.
using Progress = std::function<void(int iteration, double objective, double change)>;

/// Bounds. |a| <= 25 (a node of the grid is 0.2 wide: steeper is a step), intercepts |a b| <= 200, c <= ½ <= d. An item that reaches one is
/// flagged. Categories between the lowest and highest observed that nobody chose get probability 0, the supremum: GRM by equal thresholds,
/// GPCM, PCM and NRM by an intercept 30 below its neighbours. Errors: an answer beyond its model's categories (the column says whose).
/// Expects one request an item, and options in their ranges.
read_result<Calibration> calibrate(ResponseTable const& responses, std::span<ItemRequest const> requests, Options const& options,
                                   Progress const& progress = {});

} // namespace assay::exam::calibration
