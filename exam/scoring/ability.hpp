#pragma once
// What a row of answers says about ability: five estimators under their own names, each with a standard error and a status instead of an infinity.
//
// Notation: l(theta) = sum of ln P_x over the answered items; I, J, dI/dtheta summed likewise (models/item_model.hpp); prior N(m, s²).
//
//   mle       maximum of l                                 l' = 0
//   map       maximum of l + ln prior                      l' - (theta - m)/s² = 0
//   wle       Warm (1989), for any categories              l' + J/(2 I) = 0
//   jeffreys  maximum of l + ½ ln I (Jeffreys' prior)      l' + I'/(2 I) = 0     equal to wle for 1PL, 2PL, PCM, GPCM and NRM only
//   eap       mean of the posterior on the quadrature      sum w prior L theta / sum w prior L
//
// The first four are sought within the quadrature's range: their estimating function is scanned on a grid of steps <= 1/40 logit, every downward
// crossing of zero is refined by a bracketed secant and bisection to 1e-12, and of several the one with the largest objective counts (for wle: the
// largest integral of its estimating function; ties: the lowest theta). Where the objective is largest at an end of the range, that end is the
// answer and the status says so: for a constant pattern, and for others under 3PL and 4PL, there may be no finite maximum.
//
// Standard errors: mle, wle, jeffreys 1/sqrt(I); map 1/sqrt(I + 1/s²); eap the posterior SD. se_observed takes -l'' instead of I (map, eap: + 1/s²)
// at the same theta, and is absent where that is not positive. Everything is the same to the last bit on every machine: sums go in item and node order.
#include "exam/bank/responses.hpp"
#include "exam/models/item_model.hpp"
#include "exam/models/quadrature.hpp"

#include <memory>

namespace assay::exam {

enum class Estimator { mle, map, eap, wle, jeffreys };
std::string_view name(Estimator estimator) noexcept;
std::optional<Estimator> estimator(std::string_view name) noexcept;

enum class ScoreStatus {
    ok,
    at_bound,            ///< the estimate is an end of the range: there is no maximum inside it
    no_responses,        ///< nothing was answered; map and eap then give the prior's
    impossible_response, ///< an answer has probability 0 everywhere (GRM, equal thresholds); the estimate is the limit as the thresholds part
};
std::string_view name(ScoreStatus status) noexcept; ///< as spelled here

struct AbilityEstimate {
    std::optional<double> theta;       ///< logits; absent without responses (mle, wle, jeffreys)
    std::optional<double> se;          ///< logits; absent where the information is 0
    std::optional<double> se_observed; ///< logits
    ScoreStatus status = ScoreStatus::ok;
    friend bool operator==(AbilityEstimate const&, AbilityEstimate const&) = default;
};

struct ScoringOptions {
    Estimator estimator = Estimator::eap;
    Prior prior;
    QuadratureOptions quadrature;
};
/// What is wrong with the options, in words; nothing: they can be used.
std::optional<std::string> problem(ScoringOptions const& options);

/// Scores rows of answers to the same items. What depends on an item alone is computed once, when a row first needs it; not for use by two threads.
class Scorer {
public:
    /// Expects valid options. The items are copied.
    Scorer(std::vector<ItemModel> items, ScoringOptions options);
    ~Scorer();
    Scorer(Scorer&&) noexcept;
    Scorer& operator=(Scorer&&) noexcept;

    /// `row[i]` answers item i, or is not_administered. Expects as many as items, each category below its item's count.
    AbilityEstimate score(std::span<Category const> row);

private:
    struct Detail;
    std::unique_ptr<Detail> detail_;
};

} // namespace assay::exam
