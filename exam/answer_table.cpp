#include "exam/answer_table.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

/// The columns that there could be: as the exam's tables, then the pretest items.
std::vector<std::string> column_names(PreparedExam const& exam)
{
    auto const& version = exam.version();
    auto names = std::vector<std::string>{};
    for (auto const& item : version.pool) names.push_back(item.identifier);
    if (version.settings.form)
        for (auto const& testlet : version.settings.form->testlets) names.push_back(testlet.name);
    for (auto const& item : version.pretest) names.push_back(item.identifier);
    return names;
}

std::vector<Category> row_of(Sitting const& sitting, PreparedExam const& exam, std::size_t columns)
{
    auto row = std::vector<Category>(columns, not_administered);
    for (auto const& answer : scored_answers(sitting, exam)) row[answer.model] = static_cast<Category>(answer.category);
    auto const& pretest = exam.version().pretest;
    for (auto const& item : sitting.items) {
        if (item.scored || !item.answered_at) continue;
        auto const* known = find_presentable(exam.version(), item.item);
        EXPECTS(known != nullptr);
        row[exam.tables().items().size() + static_cast<std::size_t>(known - pretest.data())] = static_cast<Category>(item.category);
    }
    return row;
}

} // namespace

ResponseTable answer_table(PreparedExam const& exam, std::span<Sitting const> sittings)
{
    auto const names = column_names(exam);
    auto rows = std::vector<std::vector<Category>>{};
    auto answered = std::vector<std::uint8_t>(names.size(), 0);
    for (auto const& sitting : sittings) {
        auto row = row_of(sitting, exam, names.size());
        auto any = false;
        for (auto i = std::size_t{0}; i < row.size(); ++i)
            if (row[i] != not_administered) answered[i] = 1, any = true;
        if (any) rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end());

    auto table = ResponseTable{};
    table.persons = rows.size();
    for (auto i = std::size_t{0}; i < names.size(); ++i)
        if (answered[i] != 0) table.items.push_back(names[i]);
    for (auto const& row : rows)
        for (auto i = std::size_t{0}; i < names.size(); ++i)
            if (answered[i] != 0) table.categories.push_back(row[i]);
    return table;
}

std::vector<BankItem> fixed_items(PreparedExam const& exam)
{
    auto const& version = exam.version();
    auto fixed = std::vector<BankItem>{};
    auto const add = [&](std::string const& name, ItemModel const& model, std::string const& area) {
        auto& out = fixed.emplace_back();
        out.item = name;
        out.model = model;
        out.area = area;
    };
    for (auto i = std::size_t{0}; i < version.pool.size(); ++i)
        if (!version.pool[i].provisional && exam.testlet_of(i) == nullptr) add(version.pool[i].identifier, version.pool[i].model, version.pool[i].area);
    for (auto t = std::size_t{0}; t < exam.testlets().size(); ++t) {
        auto const& testlet = version.settings.form->testlets[t];
        if (!testlet.provisional) add(testlet.name, testlet.model, version.pool[exam.testlets()[t].items.front()].area);
    }
    return fixed;
}

} // namespace assay::exam
