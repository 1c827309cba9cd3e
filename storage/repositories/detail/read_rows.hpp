#pragma once
#include "storage/pg/rows.hpp"

namespace assay::storage::detail {

/// The first row through `read`, if there is one.
template <class Read>
auto first(Rows const& rows, Read read) -> std::optional<decltype(read(rows[0]))>
{
    if (rows.empty()) return std::nullopt;
    return read(rows[0]);
}

template <class Read>
auto all(Rows const& rows, Read read)
{
    auto values = std::vector<decltype(read(rows[0]))>{};
    for (auto const row : rows) values.push_back(read(row));
    return values;
}

} // namespace assay::storage::detail
