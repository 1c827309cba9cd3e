#pragma once
// What is known about an item: one of eight unidimensional response models. An item has categories 0 … m; category k has a
// probability P_k(theta), and everything that scores or selects is made of ln P_k and its derivatives. No raw likelihood is ever formed.
//
// Everything here is in the logistic metric with D = 1. A bank calibrated with another D (1.7, 1.702) has its slopes multiplied by D when it
// is read (bank/item_bank.hpp keeps the D beside the item), so no formula below mentions it.
#include "core/contract.hpp"
#include "exam/models/theta.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::exam {

enum class ModelKind {
    one_parameter,              ///< 1PL: as 2PL, the slope given and not estimated
    two_parameter,              ///< 2PL: P_1 = s(a (theta - b)), s(x) = 1/(1 + e^-x)
    three_parameter,            ///< 3PL: P_1 = c + (1 - c) s(a (theta - b))         Birnbaum in Lord & Novick (1968)
    four_parameter,             ///< 4PL: P_1 = c + (d - c) s(a (theta - b))         Barton & Lord (1981)
    graded,                     ///< GRM: P(X >= k) = s(a (theta - b_k)), b_k not decreasing (a < 0: not increasing)   Samejima (1969)
    generalized_partial_credit, ///< GPCM: P_k ∝ exp(sum_{j<=k} a (theta - b_j)); steps may be disordered   Muraki (1992)
    partial_credit,             ///< PCM: as GPCM, the slope given and not estimated   Masters (1982)
    nominal,                    ///< NRM: P_k ∝ exp(a_k theta + b_k)                  Bock (1972)
};

/// "1PL", "2PL", "3PL", "4PL", "GRM", "GPCM", "PCM", "NRM".
std::string_view name(ModelKind kind) noexcept;
/// The kind of that name (upper case), or nothing.
std::optional<ModelKind> model_kind(std::string_view name) noexcept;
/// One of 1PL … 4PL: two categories, and lower and upper asymptotes.
bool is_dichotomous(ModelKind kind) noexcept;

/// One category of an item at one theta.
struct CategoryTerms {
    double probability = 0;     ///< P_k
    double log_probability = 0; ///< ln P_k; -infinity where P_k is 0 for every theta (GRM with equal thresholds)
    double first = 0;           ///< d ln P_k / d theta
    double second = 0;          ///< d² ln P_k / d theta²
};

/// Sums over an item's categories at one theta. Each is a limit that exists when a P_k vanishes.
struct InformationTerms {
    double information = 0; ///< I = sum P_k'² / P_k, the expected (Fisher) information, 1/logit²
    double derivative = 0;  ///< dI / d theta
    double bias = 0;        ///< J = sum P_k' P_k'' / P_k, of Warm's (1989) weighted likelihood; for any number of categories
};

class ItemModel {
public:
    static constexpr std::size_t categories_max = 64;

    struct Values {
        ModelKind kind = ModelKind::two_parameter;
        std::vector<double> slopes{1};     ///< a: one; NRM: one a category, first 0. |a| <= 100; not 0 except in NRM
        std::vector<double> thresholds{0}; ///< b: one (1PL … 4PL), one a step (GRM, GPCM, PCM), one a category (NRM intercepts, first 0). |b| <= 1000
        double lower = 0;                  ///< c, 3PL and 4PL: 0 <= c < d
        double upper = 1;                  ///< d, 4PL: c < d <= 1
        friend bool operator==(Values const&, Values const&) = default;
    };

    /// 2PL with a = 1, b = 0.
    ItemModel() : ItemModel{Values{}, Trusted{}} {}

    /// Every way in which `values` are no model, as a clause ("a must not be 0"); nothing: they are one.
    static std::optional<std::string> problem(Values const& values);
    /// Expects problem(values) to be nothing.
    static ItemModel of(Values values);
    /// Two categories: 1PL (a = 1 given) … 4PL by what is asked. Expects valid values.
    static ItemModel dichotomous(ModelKind kind, double a, double b, double c = 0, double d = 1);

    ModelKind kind() const noexcept { return values_.kind; }
    std::size_t categories() const noexcept { return categories_; }
    std::span<double const> slopes() const noexcept { return values_.slopes; }
    std::span<double const> thresholds() const noexcept { return values_.thresholds; }
    double slope() const noexcept { return values_.slopes.front(); }         ///< a; NRM: of the first category
    double threshold() const noexcept { return values_.thresholds.front(); } ///< b of 1PL … 4PL
    double lower() const noexcept { return values_.lower; }
    double upper() const noexcept { return values_.upper; }
    Values const& values() const noexcept { return values_; }

    /// All categories at `theta`. Expects terms.size() == categories().
    void evaluate(Theta theta, std::span<CategoryTerms> terms) const;

    friend bool operator==(ItemModel const& a, ItemModel const& b) noexcept { return a.values_ == b.values_; }

private:
    struct Trusted {};
    ItemModel(Values values, Trusted);

    void evaluate_dichotomous(double theta, std::span<CategoryTerms> terms) const noexcept;
    void evaluate_graded(double theta, std::span<CategoryTerms> terms) const noexcept;
    void evaluate_divided_by_total(double theta, std::span<CategoryTerms> terms) const noexcept;

    Values values_;
    std::size_t categories_ = 2;
    // Constant in theta. GRM: 1 - exp(-|a| (b_{k+1} - b_k)) and its logarithm for the inner categories. Others: a_k, c_k of P_k ∝ exp(a_k theta + c_k).
    std::vector<double> first_constant_;
    std::vector<double> second_constant_;
};

/// The category's terms alone. Expects category < categories().
CategoryTerms category_terms(ItemModel const& item, std::size_t category, Theta theta);

/// ln P_k, or, for a category that equal thresholds have closed (ln P_k = -infinity everywhere), the limit of ln P_k + constant as they part: what a
/// likelihood can be made of in either case.
double log_likelihood(ItemModel const& item, CategoryTerms const& term) noexcept;

/// Full credit of a dichotomous item, or the last category's probability.
double response_probability(ItemModel const& item, Theta theta);

/// I = sum over categories of P_k (d ln P_k / d theta)²; for 3PL a² (1 - P)/P ((P - c)/(1 - c))². Source: Birnbaum (1968); Samejima (1969).
double information(ItemModel const& item, Theta theta);

InformationTerms information_terms(ItemModel const& item, Theta theta);

/// -d² ln P_category / d theta²: what the answer itself says, in 1/logit². May be negative (3PL, 4PL).
double observed_information(ItemModel const& item, std::size_t category, Theta theta);

/// sum of k P_k: the expected item score.
double expected_score(ItemModel const& item, Theta theta);

} // namespace assay::exam
