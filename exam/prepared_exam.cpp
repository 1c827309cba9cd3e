#include "exam/prepared_exam.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

std::vector<ItemModel> models_of(ExamVersion const& version)
{
    auto models = std::vector<ItemModel>{};
    models.reserve(version.pool.size());
    for (auto const& item : version.pool) models.push_back(item.model);
    if (version.settings.form)
        for (auto const& testlet : version.settings.form->testlets) models.push_back(testlet.model);
    return models;
}

std::vector<PreparedTestlet> testlets_of(ExamVersion const& version)
{
    auto testlets = std::vector<PreparedTestlet>{};
    if (!version.settings.form || version.settings.form->testlets.empty()) return testlets;
    auto const places = places_in_pool(version);
    for (auto const& testlet : version.settings.form->testlets) {
        auto& out = testlets.emplace_back();
        out.model = version.pool.size() + testlets.size() - 1;
        for (auto const& item : testlet.items) out.items.push_back(places.at(item));
    }
    return testlets;
}

std::vector<std::vector<PreparedModule>> stages_of(ExamVersion const& version)
{
    auto stages = std::vector<std::vector<PreparedModule>>{};
    if (version.settings.stages.empty()) return stages;
    auto const places = places_in_pool(version);
    for (auto const& stage : version.settings.stages) {
        auto& modules = stages.emplace_back();
        for (auto const& module : stage.modules) {
            auto const is_routed = [&](StageModule const& other) { return other.panel == module.panel && other.from.has_value(); };
            auto& out = modules.emplace_back();
            out.rule = &module;
            for (auto const& item : module.items) out.items.push_back(places.at(item));
            out.routed = std::any_of(stage.modules.begin(), stage.modules.end(), is_routed);
        }
    }
    return stages;
}

std::optional<assembly::Program> program_of(ExamVersion const& version)
{
    if (!version.settings.form) return std::nullopt;
    auto program = form_program(version);
    EXPECTS(program.has_value());
    return std::move(*program);
}

std::map<ItemId, std::vector<ItemId>> enemies_in(ExamVersion const& version)
{
    auto enemies = std::map<ItemId, std::vector<ItemId>>{};
    auto sets = version.settings.form ? version.settings.form->enemies : std::vector<std::vector<std::string>>{};
    for (auto const& [family, items] : version.settings.families) sets.push_back(items);
    auto ids = std::map<std::string_view, ItemId>{};
    for (auto const* items : {&version.pool, &version.pretest})
        for (auto const& item : *items) ids.emplace(item.identifier, item.id);
    for (auto const& set : sets)
        for (auto const& one : set)
            for (auto const& other : set)
                if (one != other && ids.contains(one) && ids.contains(other)) enemies[ids.at(one)].push_back(ids.at(other));
    for (auto& [item, others] : enemies) {
        std::sort(others.begin(), others.end());
        others.erase(std::unique(others.begin(), others.end()), others.end());
    }
    return enemies;
}

} // namespace

PreparedExam::PreparedExam(ExamVersion version) : version_{std::move(version)}, tables_{models_of(version_), {}}, testlets_{testlets_of(version_)}, stages_{stages_of(version_)}, program_{program_of(version_)}, enemies_{enemies_in(version_)}
{
    if (testlets_.empty()) return;
    testlet_of_.assign(version_.pool.size(), 0);
    sizes_.assign(tables_.items().size(), 1);
    for (auto t = std::size_t{0}; t < testlets_.size(); ++t) {
        sizes_[testlets_[t].model] = static_cast<int>(testlets_[t].items.size());
        for (auto const item : testlets_[t].items) {
            testlet_of_[item] = static_cast<std::uint32_t>(t + 1);
            sizes_[item] = 0;
        }
    }
}

std::vector<double> PreparedExam::information(Theta theta) const
{
    auto values = std::vector<double>{};
    for (auto i = std::size_t{0}; i < version_.pool.size(); ++i) {
        auto const* testlet = testlet_of(i);
        if (testlet == nullptr) values.push_back(exam::information(version_.pool[i].model, theta));
        else values.push_back(exam::information(tables_.items()[testlet->model], theta) / static_cast<double>(testlet->items.size()));
    }
    return values;
}

std::optional<std::size_t> PreparedExam::position(ItemId id) const noexcept
{
    auto const* item = find_item(version_, id);
    if (item == nullptr) return std::nullopt;
    return static_cast<std::size_t>(item - version_.pool.data());
}

std::span<ItemId const> PreparedExam::enemies_of(ItemId id) const noexcept
{
    auto const found = enemies_.find(id);
    if (found == enemies_.end()) return {};
    return found->second;
}

} // namespace assay::exam
