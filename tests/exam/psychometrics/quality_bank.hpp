#pragma once
// The banks and candidates that say how good the tests are, for quality_test.cpp and the benchmark of that name. Everything follows from seeds.
#include "core/exp_log.hpp"
#include "exam/adaptive/random.hpp"
#include "exam/adaptive/tables.hpp"
#include "exam/bank/item_bank.hpp"

namespace assay::exam {

/// 300 three-parameter items: a = lognormal(log_a, 0.3), b standard normal, c uniform.
struct BankFamily {
    char const* words;
    double log_a;
    double c_low;
    double c_high;
};
inline constexpr auto sharp_family = BankFamily{"a lognormal(0.3, 0.3), c 0.1 to 0.25", 0.3, 0.1, 0.25};
inline constexpr auto usual_family = BankFamily{"a lognormal(0.2, 0.3), c 0 to 0.25", 0.2, 0, 0.25};
inline constexpr auto guessed_family = BankFamily{"a lognormal(0.2, 0.3), c 0.1 to 0.3", 0.2, 0.1, 0.3};
inline constexpr auto weak_family = BankFamily{"a lognormal(0, 0.3), c 0.1 to 0.3", 0, 0.1, 0.3};

/// Four areas in turn, six sets of five enemies.
inline ItemBank quality_bank(BankFamily const& family, std::uint64_t seed)
{
    auto random = adaptive::Random{seed};
    auto bank = ItemBank{};
    for (auto i = 0; i < 300; ++i) {
        auto const a = exact_order_exp(family.log_a + 0.3 * random.normal());
        auto const b = random.normal();
        auto const c = family.c_low + (family.c_high - family.c_low) * random.uniform();
        auto item = BankItem{.item = std::to_string(i), .model = ItemModel::dichotomous(ModelKind::three_parameter, a, b, c)};
        item.area = std::string(1, "abcd"[i % 4]);
        if (i % 10 == 0) item.enemies = {"set " + std::to_string(i / 50)};
        bank.items.push_back(std::move(item));
    }
    return bank;
}

/// Each area has its part, no two enemies.
inline constexpr auto quality_blueprint = R"({"length":{"min":6,"max":30},"areas":{"a":{"min":1,"max":9},"b":{"min":1,"max":9},"c":{"min":1,"max":9},"d":{"min":1,"max":9}}})";

inline adaptive::BankTables tables_of(ItemBank const& bank)
{
    auto models = std::vector<ItemModel>{};
    for (auto const& item : bank.items) models.push_back(item.model);
    return {models, {}};
}

inline std::vector<double> normal_thetas(std::size_t count, std::uint64_t seed)
{
    auto random = adaptive::Random{seed};
    auto thetas = std::vector<double>{};
    for (auto i = std::size_t{0}; i < count; ++i) thetas.push_back(random.normal());
    return thetas;
}

} // namespace assay::exam
