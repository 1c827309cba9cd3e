#pragma once
// From a table of responses and what is asked for to a model with start values; and back, from estimates to item models.
#include "exam/calibration/calibrate.hpp"
#include "exam/calibration/detail/fit.hpp"

namespace assay::exam::calibration::detail {

/// How an item's categories became those of its curve, and what was noticed on the way.
struct ItemPlan {
    ItemStatus status = ItemStatus::estimated;
    std::vector<std::size_t> observed; ///< curve category → category of the table; all of them in a fixed item
    std::size_t categories = 0;        ///< of the item: one more than the highest observed, at least two
    std::size_t answers = 0;
    std::vector<std::string> notes;
};

struct Setup {
    Model model;
    ResponseCodes codes; ///< in curve categories
    std::vector<ItemPlan> plans;
    std::vector<bool> used;
    std::vector<std::string> warnings;
};

/// Errors: an answer beyond the model's categories, or one to which a fixed item gives probability 0.
read_result<Setup> set_up(ResponseTable const& responses, std::span<ItemRequest const> requests, Options const& options);

/// The item model that a block's estimates say, all of the item's categories in it.
ItemModel to_item_model(Block const& block, ItemPlan const& plan, ModelKind kind, std::vector<std::string>& notes);

/// Standard errors in the terms of ItemModel, by the delta method. `covariance` of the block's own parameters; a negative variance on its
/// diagonal means: not estimated.
StandardErrors to_standard_errors(Block const& block, ItemPlan const& plan, Eigen::MatrixXd const& covariance);

/// Parameters returned for an item without information: which answer everybody gave, and nothing more.
ItemModel uninformative_model(ModelKind kind, ItemPlan const& plan);

} // namespace assay::exam::calibration::detail
