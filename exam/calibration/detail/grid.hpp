#pragma once
#include "exam/calibration/detail/aligned.hpp"

namespace assay::exam::calibration::detail {

/// Equally spaced nodes. A row has `stride` doubles, a multiple of eight; what lies behind the last node belongs to no node: its log
/// weight is so low that every posterior is exactly 0 there.
struct Grid {
    std::size_t count = 0;
    std::size_t stride = 0;
    Rows theta; ///< logits; 0 behind the last node
    static constexpr double no_weight = -1e6;

    /// Expects 3 <= count, lower < upper.
    static Grid equally_spaced(std::size_t count, double lower, double upper);
};

} // namespace assay::exam::calibration::detail
