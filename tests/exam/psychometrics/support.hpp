#pragma once
#include "core/exp_log.hpp"
#include "exam/adaptive/random.hpp"
#include "exam/bank/item_bank.hpp"
#include "tests/vectors/psychometrics/vectors.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace assay::exam {

inline ItemBank vector_bank()
{
    auto bank = read_item_bank(psychometric_bank);
    EXPECT_TRUE(bank.has_value());
    return std::move(*bank);
}

inline std::vector<ItemModel> vector_models()
{
    auto models = std::vector<ItemModel>{};
    for (auto const& item : vector_bank().items) models.push_back(item.model);
    return models;
}

/// 3PL items with parameters that a real bank has, from a seed.
inline std::vector<ItemModel> synthetic_3pl(std::size_t count, std::uint64_t seed)
{
    auto random = adaptive::Random{seed};
    auto items = std::vector<ItemModel>{};
    for (auto i = std::size_t{0}; i < count; ++i) {
        auto const a = exact_order_exp(0.25 * random.normal()) * 1.2;
        auto const b = random.normal();
        auto const c = 0.1 + 0.15 * random.uniform();
        items.push_back(ItemModel::dichotomous(ModelKind::three_parameter, a, b, c));
    }
    return items;
}

/// |actual - expected| <= tolerance · max(floor, |expected|)
inline void expect_close(double actual, double expected, double tolerance, double floor, std::string const& what)
{
    EXPECT_NEAR(actual, expected, tolerance * std::max(floor, std::abs(expected))) << what;
}

} // namespace assay::exam
