#include "exam/bank/responses.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace assay::exam {
namespace {

constexpr auto code_max = 1000;

/// An integer 0 … code_max, "1.0" included (spreadsheets write it so), or nothing.
std::optional<Category> parse_code(std::string_view field) noexcept
{
    auto const number = parse_decimal(field);
    if (!number || *number < 0 || *number > code_max || *number != static_cast<int>(*number)) return std::nullopt;
    return static_cast<Category>(*number);
}

struct Extent {
    Category smallest = code_max + 1;
    Category largest = -1;
};

std::vector<Extent> extents(ResponseTable const& table)
{
    auto result = std::vector<Extent>(table.items.size());
    for (auto p = std::size_t{0}; p < table.persons; ++p)
        for (auto i = std::size_t{0}; i < table.items.size(); ++i)
            if (auto const code = table.at(p, i); code != not_administered) {
                result[i].smallest = std::min(result[i].smallest, code);
                result[i].largest = std::max(result[i].largest, code);
            }
    return result;
}

void subtract(ResponseTable& table, std::size_t item, Category amount)
{
    for (auto p = std::size_t{0}; p < table.persons; ++p)
        if (auto& code = table.categories[p * table.items.size() + item]; code != not_administered) code = static_cast<Category>(code - amount);
}

std::string recoded(Category smallest) { return "categories start from 0: " + std::to_string(smallest) + " was subtracted from the codes of "; }

} // namespace

read_result<ResponseTable> read_responses(std::string_view csv)
{
    auto rows = read_csv(csv);
    if (!rows) return rows.error();
    if (rows->empty()) return TextProblem{1, 0, "the table is empty: a header with item names is expected"};
    auto const& header = rows->front();
    auto const first = header.fields.front().empty() ? std::size_t{1} : std::size_t{0};

    auto table = ResponseTable{};
    auto names = std::unordered_set<std::string>{};
    for (auto c = first; c < header.fields.size(); ++c) {
        if (header.fields[c].empty()) return TextProblem{header.line, c + 1, "an item without a name"};
        if (!names.insert(header.fields[c]).second) return TextProblem{header.line, c + 1, "item " + header.fields[c] + " has two columns"};
        table.items.push_back(header.fields[c]);
    }
    if (table.items.empty()) return TextProblem{header.line, 0, "the header names no item"};

    table.persons = rows->size() - 1;
    table.categories.reserve(table.persons * table.items.size());
    for (auto r = std::size_t{1}; r < rows->size(); ++r)
        for (auto c = first; c < header.fields.size(); ++c) {
            auto const& field = (*rows)[r].fields[c];
            auto const code = is_missing(field) ? std::optional{not_administered} : parse_code(field);
            if (!code) return TextProblem{(*rows)[r].line, c + 1, "\"" + field.substr(0, 40) + "\" is no category: an integer from 0 to " + std::to_string(code_max) + ", or empty or NA"};
            table.categories.push_back(*code);
        }
    return table;
}

read_result<ResponseTable> recode(ResponseTable table, std::span<std::size_t const> category_counts)
{
    EXPECTS(category_counts.empty() || category_counts.size() == table.items.size());
    auto const count = [&](std::size_t i) { return category_counts.empty() ? std::size_t{0} : category_counts[i]; };
    auto const fits = [&](std::size_t i, int largest) { return count(i) == 0 || largest < static_cast<int>(count(i)); };

    auto extent = extents(table);
    auto smallest = Category{code_max + 1};
    auto largest = Category{-1};
    auto all_fit = true;
    for (auto i = std::size_t{0}; i < extent.size(); ++i) {
        smallest = std::min(smallest, extent[i].smallest);
        largest = std::max(largest, extent[i].largest);
        all_fit = all_fit && fits(i, extent[i].largest);
    }
    auto const subtract_everywhere = largest >= 0 && smallest > 0 && (category_counts.empty() ? largest > 1 : !all_fit);
    if (subtract_everywhere) {
        for (auto i = std::size_t{0}; i < extent.size(); ++i) subtract(table, i, smallest);
        table.warnings.push_back(recoded(smallest) + "all items");
        extent = extents(table);
    }
    for (auto i = std::size_t{0}; i < extent.size(); ++i) {
        if (fits(i, extent[i].largest)) continue;
        if (extent[i].smallest <= 0 || !fits(i, extent[i].largest - extent[i].smallest))
            return TextProblem{0, i + 1, "item " + table.items[i] + " has " + std::to_string(count(i)) + " categories, but its codes go up to " + std::to_string(extent[i].largest)};
        subtract(table, i, extent[i].smallest);
        table.warnings.push_back(recoded(extent[i].smallest) + "item " + table.items[i]);
    }
    return table;
}

std::string write_responses(ResponseTable const& table)
{
    auto text = std::string{};
    for (auto i = std::size_t{0}; i < table.items.size(); ++i) text += (i == 0 ? "" : ",") + csv_field(table.items[i]);
    text += '\n';
    for (auto p = std::size_t{0}; p < table.persons; ++p) {
        for (auto i = std::size_t{0}; i < table.items.size(); ++i) {
            if (i > 0) text += ',';
            if (auto const category = table.at(p, i); category != not_administered) text += std::to_string(category);
        }
        text += '\n';
    }
    return text;
}

} // namespace assay::exam
