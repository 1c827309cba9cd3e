#include "exam/bank/item_bank.hpp"

#include <algorithm>
#include <unordered_set>

namespace assay::exam {
namespace {

/// A table's columns by name.
class Header {
public:
    explicit Header(CsvRow const& row) : names_{row.fields} {}

    std::optional<std::size_t> find(std::string_view name) const
    {
        auto const found = std::find(names_.begin(), names_.end(), name);
        if (found == names_.end()) return std::nullopt;
        return static_cast<std::size_t>(found - names_.begin());
    }
    /// Columns `stem`0, `stem`1 … without a gap from `first` on.
    std::vector<std::size_t> numbered(std::string const& stem, int first) const
    {
        auto columns = std::vector<std::size_t>{};
        while (auto const column = find(stem + std::to_string(first++))) columns.push_back(*column);
        return columns;
    }
    std::vector<std::string> const& names() const { return names_; }

private:
    std::vector<std::string> names_;
};

std::vector<std::string> split(std::string_view list)
{
    auto parts = std::vector<std::string>{};
    while (true) {
        auto const end = list.find(';');
        parts.emplace_back(list.substr(0, end));
        if (end == std::string_view::npos) return parts;
        list.remove_prefix(end + 1);
    }
}

/// What both forms share: names, area, assembly attributes, and the row's errors.
class BankReader {
public:
    BankReader(std::vector<CsvRow> rows) : rows_{std::move(rows)}, header_{rows_.front()} {}

    read_result<ItemBank> read()
    {
        auto const names = std::unordered_set<std::string>{header_.names().begin(), header_.names().end()};
        if (names.size() != header_.names().size()) return TextProblem{rows_.front().line, 0, "two columns have the same name"};
        auto const is_mirt = header_.find("a1").has_value();
        item_column_ = header_.find("item");
        if (!item_column_ && is_mirt) item_column_ = header_.find("");
        if (!item_column_) return TextProblem{rows_.front().line, 0, "no column item"};
        for (auto const* required : {"model", "a", "b"})
            if (!is_mirt && !header_.find(required)) return TextProblem{rows_.front().line, 0, std::string{"no column "} + required + " (columns: item,model,a,b,c,d,area,D; or mirt's a1,d,g,u)"};
        if (rows_.size() - 1 > bank_items_max) return TextProblem{rows_[bank_items_max + 1].line, 0, "more than " + std::to_string(bank_items_max) + " items"};
        note_unknown_columns(is_mirt);

        auto seen = std::unordered_set<std::string>{};
        for (auto r = std::size_t{1}; r < rows_.size(); ++r) {
            row_ = &rows_[r];
            auto entry = BankItem{};
            entry.item = row_->fields[*item_column_];
            if (entry.item.empty()) return at(*item_column_, "an item without a name");
            if (!seen.insert(entry.item).second) return at(*item_column_, "item " + entry.item + " appears twice");
            auto const problem = is_mirt ? read_mirt(entry) : read_ours(entry);
            if (problem) return *problem;
            if (auto const attribute = read_attributes(entry)) return *attribute;
            bank_.items.push_back(std::move(entry));
        }
        if (bank_.items.empty()) return TextProblem{rows_.front().line, 0, "the bank has no items"};
        return std::move(bank_);
    }

private:
    TextProblem at(std::size_t column, std::string what) const { return {row_->line, column + 1, std::move(what)}; }

    void note_unknown_columns(bool is_mirt)
    {
        static constexpr std::string_view common[] = {"item", "area", "D", "passage", "type", "key", "enemies", "friends", "words", "seconds", "model"};
        static constexpr std::string_view ours[] = {"a", "b", "c", "d"};
        static constexpr std::string_view mirt[] = {"", "a1", "d", "g", "u"};
        auto const among = [](auto const& list, std::string_view name) { return std::find(std::begin(list), std::end(list), name) != std::end(list); };
        auto const is_numbered = [](std::string_view name, std::string_view stem) {
            return name.size() > stem.size() && name.starts_with(stem) && name.find_first_not_of("0123456789", stem.size()) == std::string_view::npos;
        };
        for (auto const& name : header_.names()) {
            auto const known = among(common, name) || (is_mirt ? among(mirt, name) || is_numbered(name, "d") || is_numbered(name, "ak") : among(ours, name));
            if (!known) bank_.warnings.push_back("column \"" + name + "\" was left out");
        }
    }

    /// The column's text, "" when there is no such column or no value.
    std::string cell(std::string_view name) const
    {
        auto const column = header_.find(name);
        return column && !is_missing(row_->fields[*column]) ? row_->fields[*column] : std::string{};
    }

    std::optional<TextProblem> read_number(std::string_view name, double fallback, double& number) const
    {
        number = fallback;
        auto const text = cell(name);
        if (text.empty()) return std::nullopt;
        auto const parsed = parse_decimal(text);
        if (!parsed) return at(*header_.find(name), std::string{name} + " is no number: \"" + text.substr(0, 40) + "\"");
        number = *parsed;
        return std::nullopt;
    }

    std::optional<TextProblem> read_numbers(std::string_view name, std::vector<double> fallback, std::vector<double>& numbers) const
    {
        numbers = std::move(fallback);
        auto const text = cell(name);
        if (text.empty()) return std::nullopt;
        numbers.clear();
        for (auto const& part : split(text)) {
            auto const parsed = parse_decimal(part);
            if (!parsed) return at(*header_.find(name), std::string{name} + " is no number: \"" + part.substr(0, 40) + "\"");
            numbers.push_back(*parsed);
        }
        return std::nullopt;
    }

    std::optional<TextProblem> read_ours(BankItem& entry)
    {
        auto values = ItemModel::Values{};
        auto const kind = model_kind(cell("model"));
        if (!kind) return at(*header_.find("model"), "\"" + cell("model").substr(0, 40) + "\" is no model: 1PL, 2PL, 3PL, 4PL, GRM, GPCM, PCM or NRM");
        values.kind = *kind;
        auto const slope_given = *kind == ModelKind::one_parameter || *kind == ModelKind::partial_credit;
        if (auto p = read_numbers("a", slope_given ? std::vector{1.0} : std::vector<double>{}, values.slopes)) return p;
        if (values.slopes.empty()) return at(*header_.find("a"), "a is missing");
        if (auto p = read_numbers("b", {}, values.thresholds)) return p;
        if (values.thresholds.empty()) return at(*header_.find("b"), "b is missing");
        if (auto p = read_number("c", 0, values.lower)) return p;
        if (auto p = read_number("d", 1, values.upper)) return p;
        if (*kind == ModelKind::nominal && (values.slopes.front() != 0 || values.thresholds.front() != 0)) {
            values.slopes.insert(values.slopes.begin(), 0.0);
            values.thresholds.insert(values.thresholds.begin(), 0.0);
            bank_.warnings.push_back("item " + entry.item + ": its lists don't start with 0, so the first category's 0 was taken as left out");
        }
        return complete(entry, std::move(values), *header_.find("model"));
    }

    /// mirt's coef(model, simplify = TRUE)$items: one row an item, NA where a parameter is another item type's.
    std::optional<TextProblem> read_mirt(BankItem& entry)
    {
        auto slope = 0.0;
        if (auto p = read_number("a1", 0, slope)) return p;
        auto intercepts = std::vector<double>{}; // d1, d2 … as far as there are values
        auto scores = std::vector<double>{};     // ak0, ak1 …
        for (auto const& [stem, first, numbers] : {std::tuple{"d", 1, &intercepts}, std::tuple{"ak", 0, &scores}})
            for (auto const column : header_.numbered(stem, first)) {
                if (is_missing(row_->fields[column])) break;
                if (auto p = read_number(header_.names()[column], 0, numbers->emplace_back())) return p;
            }
        auto values = ItemModel::Values{};
        if (slope == 0 && scores.empty()) return at(*header_.find("a1"), "a1 must not be 0");
        if (intercepts.empty()) {
            if (auto p = read_dichotomous_mirt(slope, values)) return p;
        } else if (cell("d0").empty() && scores.empty()) {
            values.kind = ModelKind::graded;
            values.slopes = {slope};
            values.thresholds.clear();
            for (auto const d : intercepts) values.thresholds.push_back(-d / slope);
        } else {
            auto base = 0.0; // d0, ak0: mirt fixes the first at 0 (and may subtract it: only differences matter)
            if (auto p = read_number("d0", 0, base)) return p;
            intercepts.insert(intercepts.begin(), base);
            if (auto p = read_divided_by_total_mirt(slope, intercepts, scores, values)) return p;
        }
        return complete(entry, std::move(values), *header_.find("a1"));
    }

    std::optional<TextProblem> read_dichotomous_mirt(double slope, ItemModel::Values& values) const
    {
        auto d = 0.0;
        auto const column = header_.find("d");
        if (!column || cell("d").empty()) return at(column.value_or(*item_column_), "d is missing");
        if (auto p = read_number("d", 0, d)) return p;
        if (auto p = read_number("g", 0, values.lower)) return p;
        if (auto p = read_number("u", 1, values.upper)) return p;
        values.kind = values.upper != 1 ? ModelKind::four_parameter : values.lower != 0 ? ModelKind::three_parameter : ModelKind::two_parameter;
        values.slopes = {slope};
        values.thresholds = {-d / slope};
        return std::nullopt;
    }

    std::optional<TextProblem> read_divided_by_total_mirt(double slope, std::vector<double> const& d, std::vector<double> const& scores, ItemModel::Values& values) const
    {
        if (!scores.empty() && scores.size() != d.size()) return at(*header_.find("ak0"), "as many ak as d are expected");
        auto integers = true;
        for (auto k = std::size_t{0}; k < scores.size(); ++k) integers = integers && scores[k] - scores.front() == static_cast<double>(k);
        values.thresholds.clear();
        if (integers && slope != 0) {
            values.kind = ModelKind::generalized_partial_credit;
            values.slopes = {slope};
            for (auto k = std::size_t{1}; k < d.size(); ++k) values.thresholds.push_back(-(d[k] - d[k - 1]) / slope);
            return std::nullopt;
        }
        values.kind = ModelKind::nominal;
        values.slopes.clear();
        for (auto k = std::size_t{0}; k < d.size(); ++k) {
            values.slopes.push_back(slope * (scores[k] - scores.front()));
            values.thresholds.push_back(d[k] - d.front());
        }
        return std::nullopt;
    }

    /// Checks the values as written, then brings them to D = 1.
    std::optional<TextProblem> complete(BankItem& entry, ItemModel::Values values, std::size_t column)
    {
        if (auto p = read_number("D", 1, entry.scaling)) return p;
        if (!(entry.scaling >= 0.1 && entry.scaling <= 10)) return at(*header_.find("D"), "D must lie within 0.1 … 10");
        for (auto& a : values.slopes) a *= entry.scaling;
        if (auto const problem = ItemModel::problem(values)) return at(column, "item " + entry.item + ": " + *problem);
        entry.model = ItemModel::of(std::move(values));
        return std::nullopt;
    }

    std::optional<TextProblem> read_attributes(BankItem& entry)
    {
        entry.area = cell("area");
        entry.passage = cell("passage");
        entry.type = cell("type");
        entry.key = cell("key");
        entry.friends = cell("friends");
        if (auto const enemies = cell("enemies"); !enemies.empty()) entry.enemies = split(enemies);
        for (auto const& [name, number] : {std::pair{"words", &entry.words}, std::pair{"seconds", &entry.seconds}}) {
            if (auto p = read_number(name, 0, *number)) return p;
            if (*number < 0 || *number > 1e6) return at(*header_.find(name), std::string{name} + " must lie within 0 … 1000000");
        }
        return std::nullopt;
    }

    std::vector<CsvRow> rows_;
    Header header_;
    std::optional<std::size_t> item_column_;
    CsvRow const* row_ = nullptr;
    ItemBank bank_;
};

std::string joined(std::span<double const> values, double divisor)
{
    auto text = std::string{};
    for (auto const value : values) text += (text.empty() ? "" : ";") + shortest_decimal(value / divisor);
    return text;
}

bool has_attributes(BankItem const& item)
{
    return !item.passage.empty() || !item.type.empty() || !item.key.empty() || !item.friends.empty() || !item.enemies.empty() || item.words != 0 || item.seconds != 0;
}

} // namespace

read_result<ItemBank> read_item_bank(std::string_view csv)
{
    auto rows = read_csv(csv, {.size_max = 64u << 20, .rows_max = bank_items_max + 1, .columns_max = 1000});
    if (!rows) return rows.error();
    if (rows->empty()) return TextProblem{1, 0, "the table is empty: a header is expected"};
    return BankReader{std::move(*rows)}.read();
}

std::string write_item_bank(std::span<BankItem const> items)
{
    auto const with_attributes = std::any_of(items.begin(), items.end(), has_attributes);
    auto csv = std::string{"item,model,a,b,c,d,area,D"} + (with_attributes ? ",passage,type,key,enemies,friends,words,seconds\n" : "\n");
    for (auto const& item : items) {
        auto const& values = item.model.values();
        csv += csv_field(item.item) + ',' + std::string{name(values.kind)} + ',' + joined(values.slopes, item.scaling) + ',' + joined(values.thresholds, 1) + ',';
        if (is_dichotomous(values.kind)) csv += shortest_decimal(values.lower) + ',' + shortest_decimal(values.upper);
        else csv += ',';
        csv += ',' + csv_field(item.area) + ',' + shortest_decimal(item.scaling);
        if (with_attributes) {
            auto enemies = std::string{};
            for (auto const& set : item.enemies) enemies += (enemies.empty() ? "" : ";") + set;
            for (auto const& text : {item.passage, item.type, item.key, enemies, item.friends}) csv += ',' + csv_field(text);
            csv += ',' + shortest_decimal(item.words) + ',' + shortest_decimal(item.seconds);
        }
        csv += '\n';
    }
    return csv;
}

std::optional<std::size_t> find_item(ItemBank const& bank, std::string_view item) noexcept
{
    for (auto i = std::size_t{0}; i < bank.items.size(); ++i)
        if (bank.items[i].item == item) return i;
    return std::nullopt;
}

} // namespace assay::exam
