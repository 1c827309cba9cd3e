#pragma once
#include "exam/calibration/detail/aligned.hpp"
#include "exam/calibration/detail/node_loops.hpp"
#include "exam/calibration/detail/patterns.hpp"

#include <algorithm>

namespace assay::exam::calibration::detail {

/// Adds the rows of a group's dictionary entries to those of the items' categories, from the last item back to the first. `bucket` has
/// entries × stride doubles; `spare` is memory for twice the largest dictionary; put(item, category) is the row to which an answer goes.
template <class Put>
ASSAY_ALWAYS_INLINE void distribute(Patterns::Group const& group, std::size_t stride, double const* bucket, Rows& spare, Put&& put)
{
    auto const* current = bucket;
    for (auto l = group.levels.size(); l-- > 0;) {
        auto const& level = group.levels[l];
        auto const parents = l == 0 ? std::size_t{0} : group.levels[l - 1].parent.size();
        auto* const next = spare.data() + (l % 2) * (spare.size() / 2); // two halves take turns: one is read, one written
        std::fill(next, next + parents * stride, 0.0);
        for (std::size_t e = 0; e < level.parent.size(); ++e) {
            auto const* const row = current + e * stride;
            if (level.category[e] != ResponseCodes::missing) add(put(level.item, level.category[e]), row, stride);
            if (l > 0) add(next + level.parent[e] * stride, row, stride);
        }
        current = next;
    }
}

/// What `spare` must hold, in doubles.
inline std::size_t spare_size(Patterns const& patterns, std::size_t stride)
{
    auto largest = std::size_t{1};
    for (auto const& group : patterns.groups) largest = std::max(largest, group.entries());
    return 2 * largest * stride;
}

} // namespace assay::exam::calibration::detail
