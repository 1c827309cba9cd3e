#include "exam/prepared_exam.hpp"

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
    auto program = assembly::make_program(form_bank(version), form_blueprint(version.settings));
    EXPECTS(program.has_value());
    return std::move(*program);
}

} // namespace

PreparedExam::PreparedExam(ExamVersion version) : version_{std::move(version)}, tables_{models_of(version_), {}}, program_{program_of(version_)} {}

std::optional<std::size_t> PreparedExam::position(ItemId id) const noexcept
{
    auto const* item = find_item(version_, id);
    if (item == nullptr) return std::nullopt;
    return static_cast<std::size_t>(item - version_.pool.data());
}

} // namespace assay::exam
