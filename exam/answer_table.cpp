#include "exam/answer_table.hpp"

#include <algorithm>

namespace assay::exam {

ResponseTable answer_table(ExamVersion const& version, std::span<Sitting const> sittings)
{
    auto const items = version.pool.size() + version.pretest.size();
    auto const column_of = [&](AdministeredItem const& item) {
        auto const* known = find_presentable(version, item.item);
        EXPECTS(known != nullptr);
        return item.scored ? known - version.pool.data() : static_cast<std::ptrdiff_t>(version.pool.size()) + (known - version.pretest.data());
    };
    auto rows = std::vector<std::vector<Category>>{};
    auto answered = std::vector<std::uint8_t>(items, 0);
    for (auto const& sitting : sittings) {
        auto row = std::vector<Category>(items, not_administered);
        for (auto const& item : sitting.items) {
            if (!item.answered_at) continue;
            auto const column = static_cast<std::size_t>(column_of(item));
            row[column] = static_cast<Category>(item.category);
            answered[column] = 1;
        }
        if (std::any_of(row.begin(), row.end(), [](Category category) { return category != not_administered; })) rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end());

    auto table = ResponseTable{};
    table.persons = rows.size();
    for (auto i = std::size_t{0}; i < items; ++i)
        if (answered[i] != 0) table.items.push_back(i < version.pool.size() ? version.pool[i].identifier : version.pretest[i - version.pool.size()].identifier);
    for (auto const& row : rows)
        for (auto i = std::size_t{0}; i < items; ++i)
            if (answered[i] != 0) table.categories.push_back(row[i]);
    return table;
}

std::vector<BankItem> fixed_items(ExamVersion const& version)
{
    auto fixed = std::vector<BankItem>{};
    for (auto const& item : version.pool) {
        if (item.provisional) continue;
        auto out = BankItem{};
        out.item = item.identifier;
        out.model = item.model;
        out.area = item.area;
        fixed.push_back(std::move(out));
    }
    return fixed;
}

} // namespace assay::exam
