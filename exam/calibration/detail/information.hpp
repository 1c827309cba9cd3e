#pragma once
// The observed information matrix of all free parameters, exactly, by Oakes' (1999) identity: with Q(ξ | ξ') the expected complete-data
// log likelihood,
//     −∂²ℓ/∂ξ∂ξᵀ = −[ ∂²Q(ξ|ξ')/∂ξ∂ξᵀ + ∂²Q(ξ|ξ')/∂ξ∂ξ'ᵀ ]  at ξ' = ξ.
// The first term is the complete-data Hessian. The second is the derivative of the expected counts; it is not differenced numerically but
// written out: dh_pq/dξ' = h_pq (s_pq − Σ_r h_pr s_pr) turns it into Σ_p Cov_posterior(s_p), the missing information (Louis 1982). Its
// products of two items' scores depend on a person only through two categories, so they are collected as pair counts over the dictionaries
// of patterns.hpp, which costs items × groups rows of nodes a person instead of parameters²/2 products at every node.
#include "exam/calibration/detail/model.hpp"

#include <Eigen/Core>

namespace assay::exam::calibration::detail {

/// Scores of all blocks' parameters, block after block; `first[b]` is where block b's begin, in rows.
struct ScoreTable {
    Rows rows;
    std::vector<std::size_t> first;
    double const* row(Model const& model, std::size_t block, std::size_t category, std::size_t parameter) const noexcept
    {
        return rows.data() + (first[block] + category * model.blocks[block].curve.parameters() + parameter) * model.grid.stride;
    }
};

void all_scores(Model const& model, ScoreTable& table);

/// Gradient of the penalised marginal log likelihood in the free parameters: by Fisher's identity that of Q.
Eigen::VectorXd gradient(Model const& model, ScoreTable const& table, Rows const& counts);

/// −∂²(Q + log prior)/∂ξ∂ξᵀ.
Eigen::MatrixXd complete_information(Model const& model, Rows const& counts);

/// What the unknown thetas take away from it.
Eigen::MatrixXd missing_information(Model const& model, Patterns const& patterns, Rows const& log_p, ScoreTable const& table,
                                    Rows const& counts, unsigned threads);

} // namespace assay::exam::calibration::detail
