#include "exam/calibration/detail/model.hpp"

#include <algorithm>

namespace assay::exam::calibration::detail {

bool Block::is_free() const noexcept
{
    return used && std::ranges::any_of(index, [](std::size_t i) { return i != given; });
}

void Model::set(std::vector<double> const& free)
{
    for (auto& block : blocks)
        for (std::size_t m = 0; m < block.index.size(); ++m)
            if (block.index[m] != Block::given) block.value[m] = free[block.index[m]];
}

std::vector<double> Model::free() const
{
    auto result = std::vector<double>(free_count, 0.0);
    for (auto const& block : blocks)
        for (std::size_t m = 0; m < block.index.size(); ++m)
            if (block.index[m] != Block::given) result[block.index[m]] = block.value[m];
    return result;
}

RowLayout layout_of(std::vector<Block> const& blocks)
{
    auto layout = RowLayout{};
    for (auto const& block : blocks) {
        layout.first.push_back(layout.rows);
        layout.rows += block.curve.categories;
    }
    return layout;
}

void all_log_probabilities(Model const& model, Rows& rows)
{
    rows.resize(model.layout.rows * model.grid.stride);
    for (std::size_t b = 0; b < model.blocks.size(); ++b) {
        auto const& block = model.blocks[b];
        if (block.used) log_probabilities(block.curve, block.value, model.grid, rows.data() + model.layout.first[b] * model.grid.stride);
    }
}

double log_prior(Model const& model)
{
    auto sum = 0.0;
    for (auto const& block : model.blocks)
        if (block.is_free() && block.prior.any()) sum += add_log_prior(block.curve, block.prior, block.value, nullptr, nullptr);
    return sum;
}

} // namespace assay::exam::calibration::detail
