#pragma once
// Does the model as a whole fit? Tests on low-order moments, which sparse tables of patterns leave usable.
#include "exam/calibration/fit/item_fit.hpp"

namespace assay::exam::calibration {

enum class MomentSet {
    m2, ///< means of all items and of all products of two: M2 of Maydeu-Olivares & Joe (2006); with more than two categories M2* of Cai & Hansen (2013)
    c2, ///< shares of all categories instead of the means, products as above: C2 of Cai & Monroe (2014); for two categories the same as m2
};

/// With e = observed − expected moments, Ξ the moments' covariance in one person under the model, Δ their derivatives in the free parameters:
///     N eᵀ [Ξ⁻¹ − Ξ⁻¹Δ (ΔᵀΞ⁻¹Δ)⁻¹ ΔᵀΞ⁻¹] e   ~ χ²,  df = moments − parameters.
/// The parameters must be maximum likelihood estimates of these very data; 1PL and PCM items count one slope together.
struct LimitedInformation {
    ChiSquare test;
    double rmsea = 0;                                    ///< √max(0, (M − df)/(N df))
    std::optional<double> rmsea_lower, rmsea_upper;      ///< 90 % interval, from the noncentral χ²
    double srmsr = 0;                                    ///< root mean square of observed − expected correlations of two items
    std::size_t persons = 0;                             ///< who answered every item
};

/// `population`: mean and SD of theta. Nothing, with the reason in words: fewer than two items, more than 100 items, no complete rows, or no
/// degrees of freedom left.
boost::system::result<LimitedInformation, std::string> limited_information(std::span<ItemModel const> items, ResponseTable const& responses,
                                                                           MomentSet set, Prior const& population);

} // namespace assay::exam::calibration
