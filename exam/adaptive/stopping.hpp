#pragma once
// When a sitting has said enough. Rules combine: any of those that are set, or all of them, between a minimum and a maximum length.
#include "exam/adaptive/tables.hpp"

namespace assay::exam::adaptive {

/// Errors of a test between theta = cut - delta and theta = cut + delta.
struct CutTest {
    double alpha = 0.05; ///< probability of a false pass, 0.0001 … 0.5
    double beta = 0.05;  ///< probability of a false fail, 0.0001 … 0.5
    double delta = 0.2;  ///< half the indifference region, logits, above 0
    friend bool operator==(CutTest const&, CutTest const&) = default;
};

struct Plateau {
    int answers = 5;      ///< so many estimates in a row, at least 2 …
    double within = 0.05; ///< … differ by no more than this, logits
    friend bool operator==(Plateau const&, Plateau const&) = default;
};

struct StopRules {
    int minimum = 1;  ///< answers before any rule but `maximum` counts
    int maximum = 30;
    double cut = 0;   ///< logits
    std::optional<double> standard_error;      ///< stop at or below, logits
    std::optional<double> class_probability;   ///< posterior probability of passing, or of failing, at or above this: 0.5 … 1
    std::optional<CutTest> sprt;               ///< Wald's sequential probability ratio test
    std::optional<CutTest> glr;                ///< generalised likelihood ratio: the better of each side instead of its nearest point
    std::optional<double> confidence_z;        ///< |theta - cut| > z · SE
    std::optional<double> curtailment_z;       ///< |theta - cut| > z · what the estimate may still move by (below)
    std::optional<double> minimum_information; ///< no eligible item has this much at the estimate, 1/logit²
    std::optional<Plateau> plateau;
    bool all = false;                          ///< every rule that is set must agree, instead of any
    std::optional<double> near_cut_z;          ///< while |theta - cut| <= z · SE only the maximum stops
    friend bool operator==(StopRules const&, StopRules const&) = default;
};
std::optional<std::string> problem(StopRules const& rules);

enum class StopReason { maximum, standard_error, class_probability, sprt, glr, confidence, minimum_information, plateau, bank_exhausted, complete, curtailed };
std::string_view name(StopReason reason) noexcept;

// curtailment_z: stochastic curtailment (Finkelman 2008; Sie, Finkelman, Bartroff & Thompson 2015): the sitting ends once it is known well enough which class it would
// come to at its greatest length. With the normal approximation of the posterior, and J the information at theta that is to come until then, the estimate will move by
// a normal number of mean 0 and variance SE² · SE² J / (1 + SE² J), so the class stays what it is with a probability above Phi(z). The less is to come,
// the less is needed: whom the whole test could hardly tell apart from the cut sits a shorter one. While near_cut_z holds a sitting open, this rule does not end it.

/// An item that may still come; of a testlet all its items.
struct ItemToCome {
    double worth = 0;       ///< to the criterion: what comes first
    double information = 0; ///< at the estimate, 1/logit²
    int items = 1;
};
/// What the first `count` items to come tell together: the best worth an item first, ties in the order given, what does not fit left out.
double information_to_come(std::vector<ItemToCome> items, int count);

/// ln L(cut + delta) and ln L(cut - delta), kept exactly along the answers.
///   sprt: lambda = l(cut + delta) - l(cut - delta); pass at lambda >= ln((1 - beta)/alpha), fail at <= ln(beta/(1 - alpha))     Wald (1947); Reckase (1983)
///   glr:  the same with sup l over theta >= cut + delta, and over theta <= cut - delta (points: the nodes and the nearest one)   Bartroff, Finkelman & Lai (2008); Thompson (2009)
class CutEvidence {
public:
    CutEvidence(CutTest const& test, double cut) : test_{test}, cut_{cut} {}
    void update(ItemModel const& item, std::size_t category);
    double sprt() const noexcept { return above_ - below_; }
    double glr(BankTables const& tables, NodePosterior const& posterior) const;
    /// Either boundary is reached.
    bool decides(double log_ratio) const;

private:
    CutTest test_;
    double cut_;
    double above_ = 0;
    double below_ = 0;
};

/// What the rules look at.
struct StopEvidence {
    int answered = 0;
    double theta = 0;
    double standard_error = 0;
    double mass_at_or_above_cut = 0;   ///< posterior
    double best_information = 0;       ///< of the eligible items, at theta
    double information_to_come = 0;    ///< of the items up to the maximum, at theta
    std::span<double const> estimates; ///< after each answer
    CutEvidence const* sprt = nullptr;
    CutEvidence const* glr = nullptr;
    BankTables const& tables;
    NodePosterior const& posterior;
};

/// The rules that stop the sitting now; empty: it goes on. `maximum` stands alone.
std::vector<StopReason> stops(StopRules const& rules, StopEvidence const& evidence);

} // namespace assay::exam::adaptive
