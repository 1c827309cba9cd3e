#pragma once
// An independent evaluation of what calibration maximises, made of ItemModel and nothing from exam/calibration; and simulated answers.
#include "exam/calibration/calibrate.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace calibration_testing {

using namespace assay::exam;
using namespace assay::exam::calibration;

/// Σ_persons ln Σ_q w_q Π P, as the definition says: a product of probabilities, a node at a time.
inline double naive_log_likelihood(std::vector<ItemModel> const& items, ResponseTable const& responses, double mean = 0, double sd = 1, std::size_t nodes = 61)
{
    auto probability = std::vector<std::vector<std::vector<double>>>(nodes);
    auto weight = std::vector<double>(nodes);
    auto total = 0.0;
    for (std::size_t q = 0; q < nodes; ++q) {
        auto const theta = -6 + 12.0 * static_cast<double>(q) / static_cast<double>(nodes - 1);
        weight[q] = std::exp(-0.5 * (theta - mean) * (theta - mean) / (sd * sd));
        total += weight[q];
        for (auto const& item : items) {
            auto terms = std::vector<CategoryTerms>(item.categories());
            item.evaluate(Theta{theta}, terms);
            probability[q].emplace_back();
            for (auto const& term : terms) probability[q].back().push_back(term.probability);
        }
    }
    auto sum = 0.0;
    for (std::size_t p = 0; p < responses.persons; ++p) {
        auto marginal = 0.0;
        for (std::size_t q = 0; q < nodes; ++q) {
            auto product = weight[q] / total;
            for (std::size_t i = 0; i < items.size(); ++i)
                if (responses.at(p, i) != not_administered) product *= probability[q][i][static_cast<std::size_t>(responses.at(p, i))];
            marginal += product;
        }
        sum += std::log(marginal);
    }
    return sum;
}

/// One number of an item model that a test may move.
struct Handle {
    std::size_t item;
    enum Field { slope, threshold, lower, upper } field;
    std::size_t position = 0;
};

inline double& access(ItemModel::Values& values, Handle const& handle)
{
    switch (handle.field) {
    case Handle::slope: return values.slopes[handle.position];
    case Handle::threshold: return values.thresholds[handle.position];
    case Handle::lower: return values.lower;
    case Handle::upper: break;
    }
    return values.upper;
}

/// Every handle of the group moved together by `step` (a shared slope is one group).
inline std::vector<ItemModel> moved(std::vector<ItemModel> items, std::vector<Handle> const& group, double step)
{
    for (auto const& handle : group) {
        auto values = items[handle.item].values();
        access(values, handle) += step;
        items[handle.item] = ItemModel::of(values);
    }
    return items;
}

/// All that calibration estimates, a group a free parameter.
inline std::vector<std::vector<Handle>> free_parameters(std::vector<ItemModel> const& items)
{
    auto groups = std::vector<std::vector<Handle>>{};
    auto shared = std::vector<Handle>{};
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto const kind = items[i].kind();
        auto const nominal = kind == ModelKind::nominal;
        if (kind == ModelKind::one_parameter || kind == ModelKind::partial_credit) shared.push_back({i, Handle::slope});
        else
            for (std::size_t k = nominal ? 1 : 0; k < items[i].slopes().size(); ++k) groups.push_back({{i, Handle::slope, k}});
        for (std::size_t k = nominal ? 1 : 0; k < items[i].thresholds().size(); ++k) groups.push_back({{i, Handle::threshold, k}});
        if (kind == ModelKind::three_parameter || kind == ModelKind::four_parameter) groups.push_back({{i, Handle::lower}});
        if (kind == ModelKind::four_parameter) groups.push_back({{i, Handle::upper}});
    }
    if (!shared.empty()) groups.push_back(shared);
    return groups;
}

inline std::vector<ItemModel> models_of(Calibration const& calibration)
{
    auto models = std::vector<ItemModel>{};
    for (auto const& item : calibration.items) models.push_back(item.model);
    return models;
}

inline ResponseTable table(std::size_t items, std::vector<std::vector<int>> const& rows)
{
    auto result = ResponseTable{};
    for (std::size_t i = 0; i < items; ++i) result.items.push_back("I" + std::to_string(i + 1));
    result.persons = rows.size();
    for (auto const& row : rows)
        for (auto const category : row) result.categories.push_back(static_cast<Category>(category));
    return result;
}

/// Answers of `persons` drawn from the models. libstdc++'s distributions: the same on every run of the test.
inline ResponseTable simulate(std::vector<ItemModel> const& items, std::size_t persons, std::uint64_t seed, double mean = 0, double sd = 1,
                              double missing = 0)
{
    auto engine = std::mt19937_64{seed};
    auto normal = std::normal_distribution<>{mean, sd};
    auto uniform = std::uniform_real_distribution<>{};
    auto rows = std::vector<std::vector<int>>{};
    for (std::size_t p = 0; p < persons; ++p) {
        auto const theta = normal(engine);
        rows.emplace_back();
        for (auto const& item : items) {
            auto terms = std::vector<CategoryTerms>(item.categories());
            item.evaluate(Theta{theta}, terms);
            auto u = uniform(engine);
            auto category = 0;
            while (static_cast<std::size_t>(category) + 1 < terms.size() && u >= terms[static_cast<std::size_t>(category)].probability)
                u -= terms[static_cast<std::size_t>(category++)].probability;
            rows.back().push_back(uniform(engine) < missing ? not_administered : category);
        }
    }
    return table(items.size(), rows);
}

inline std::vector<ItemRequest> requests(std::size_t items, ModelKind kind, Priors const& priors = {})
{
    return std::vector<ItemRequest>(items, ItemRequest{kind, priors, {}});
}

inline ItemModel model(ModelKind kind, std::vector<double> slopes, std::vector<double> thresholds, double lower = 0, double upper = 1)
{
    return ItemModel::of({kind, std::move(slopes), std::move(thresholds), lower, upper});
}

} // namespace calibration_testing
