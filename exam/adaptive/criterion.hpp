#pragma once
// How good an item would be as the next one: the criteria of the field as products of table rows with node weights.
//
// Notation: theta^ the provisional estimate; w the quadrature weights; L the likelihood and pi the prior, so that v = w L / sum w L and
// u = w pi L / sum w pi L are the normalised likelihood and posterior on the nodes; P_k and I of the item in question; KL(t) = sum_k P_k(theta^)
// ln(P_k(theta^)/P_k(t)). Integrals are sums over the quadrature's nodes and range. "Normalised" divides every item's value by the same number,
// so rankings are those of the unnormalised definitions (catR), and long tests do not underflow.
//
//   mfi           I(theta^)                                                     Lord (1980)
//   cut           I(cut)
//   kl            sum v KL                                                      Chang & Ying (1996), likelihood weighted as in catR
//   kl_interval   integral of KL over theta^ ± 3/sqrt(n), cut to the range; n answers so far (n = 0: the whole range)   Chang & Ying (1996)
//   klp           sum u KL                                                      Chang & Ying (1996)
//   mlwi          sum v I                                                       Veerkamp & Berger (1997)
//   mpwi          sum u I                                                       van der Linden (1998)
//   mei           sum_k p_k I_k(theta^_k), theta^_k the EAP after answer k; I_k the observed information -d² ln P_k (default) or the expected   van der Linden (1998)
//   mepv          sum_k p_k Var(theta | answers, k): the smallest is best        Owen (1975); van der Linden (1998)
//                 p_k of mei and mepv: P_k(theta^) as in catR (default), or the posterior predictive sum u P_k of van der Linden & Pashley (2010)
//   a_stratified  items in strata of ascending slope, the stratum by the length so far; -|b - theta^| within it      Chang & Ying (1999)
//   randomesque   I(theta^); the caller draws among the best few                 Kingsbury & Zara (1989)
//   progressive   (1 - W) R + W I(theta^), R uniform between 0 and the largest I of the eligible items, W = (n / length)^acceleration
//                 Revuelta & Ponsoda (1998); Barrada et al. (2008)
//   random        a uniform number
//
// Items are compared by value; equal values go to the lower position in the bank, so a replay presents the same form.
#include "exam/adaptive/random.hpp"
#include "exam/adaptive/tables.hpp"

namespace assay::exam::adaptive {

enum class Criterion { mfi, cut, kl, kl_interval, klp, mlwi, mpwi, mei, mepv, a_stratified, randomesque, progressive, random };
/// As in the table above, with '-' for '_'.
std::string_view name(Criterion criterion) noexcept;
/// Also "progressive-restricted", which is progressive; the restriction is an exposure rule.
std::optional<Criterion> criterion(std::string_view name) noexcept;

struct SelectionOptions {
    Criterion criterion = Criterion::mfi;
    double cut = 0;                       ///< logits: cut
    bool predictive_from_posterior = false; ///< mei, mepv: p_k as in van der Linden & Pashley
    bool expected_information = false;    ///< mei: expected instead of observed
    int strata = 4;                       ///< a_stratified, 1 … 20
    int length = 20;                      ///< a_stratified, progressive: the length that the sitting is planned for, at least 1
    double acceleration = 1;              ///< progressive, 0 … 10, integer powers exactly
    int best = 5;                         ///< randomesque: draw among so many, at least 1
};

/// An item and what the criterion says of it.
struct Ranked {
    std::size_t item = 0;
    double value = 0;
    friend bool operator==(Ranked const&, Ranked const&) = default;
};

/// What is known when the next item is chosen.
struct SelectionState {
    NodePosterior const& posterior;
    double theta = 0;     ///< the provisional estimate, logits
    int answered = 0;
    std::span<double const> weights{}; ///< by item: exposure control's say in how good it is, above 0; empty: none has one
    std::span<int const> sizes{};      ///< by item: as how many items it counts (a testlet: as its own), 0 for none by itself; empty: one each. Asked by a_stratified
};

/// What the criterion says of the eligible items (ascending positions), in their order; a_stratified says nothing of those outside of the stratum.
/// Weights multiply a value above 0 and divide one below; of mepv, the expected decrease of the variance, and its value is then the present variance
/// less that. `random` is drawn from by progressive and random only, one number an item.
std::vector<Ranked> valued(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options, Random& random);

/// valued(), best first.
std::vector<Ranked> rank(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options, Random& random);

/// The first `count` of rank(), or all when there are fewer: what there is to choose among.
std::vector<Ranked> best(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options, Random& random,
                         std::size_t count);

/// What each item (by position) is worth to a shadow test: its value by `ranked` (in whatever order), turned and shifted so that larger is better and
/// none is below 0. Below that by ten times the spread: what `kept_away` marks, and what a criterion does not rank (another stratum), both a last resort.
std::vector<double> form_values(std::span<Ranked const> ranked, std::span<std::uint8_t const> kept_away, Criterion criterion);

/// rank().front() by mfi without ranking: items are visited by falling bound of their information around `theta`, until no bound reaches the best.
/// `eligible[i]` says whether item i may be chosen. Nothing when none may.
std::optional<Ranked> most_informative(BankTables const& tables, std::span<std::uint8_t const> eligible, double theta);

/// Strata of near-equal numbers of items by ascending slope (ties by position): each item's stratum, 0 … strata - 1. `sizes` as in SelectionState. What counts
/// as n > 1 items has the slope of a two-parameter item whose greatest information, a²/4, is an n-th of its own on the nodes. -1: in none.
std::vector<int> strata_by_slope(BankTables const& tables, int strata, std::span<int const> sizes = {});

/// `value`, what the criterion says of n items that come together, as each one's own: an n-th of what they add (mepv: of the decrease of `variance`, the present one).
/// A distance, as a_stratified's, is each one's already.
double share_of_one(double value, int n, Criterion criterion, double variance);

} // namespace assay::exam::adaptive
