#include "exam/prepared_exam.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

std::vector<ItemModel> models_of(ExamVersion const& version)
{
    auto models = std::vector<ItemModel>{};
    models.reserve(version.pool.size());
    for (auto const& item : version.pool) models.push_back(item.model);
    return models;
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
    if (!version.settings.form) return enemies;
    auto ids = std::map<std::string_view, ItemId>{};
    for (auto const* items : {&version.pool, &version.pretest})
        for (auto const& item : *items) ids.emplace(item.identifier, item.id);
    for (auto const& set : version.settings.form->enemies)
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

PreparedExam::PreparedExam(ExamVersion version) : version_{std::move(version)}, tables_{models_of(version_), {}}, program_{program_of(version_)}, enemies_{enemies_in(version_)}
{
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
