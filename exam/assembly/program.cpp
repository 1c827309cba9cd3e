#include "exam/assembly/program.hpp"

#include <algorithm>
#include <unordered_map>

namespace assay::exam::assembly {
namespace {

/// Sums of words and seconds are decimal numbers: a sum within this of its bound keeps it.
constexpr auto row_tolerance = 1e-6;

std::string bounds_in_words(double low, double high, std::string const& unit)
{
    auto const has_low = low > 0;
    auto const has_high = high < 1e9;
    if (has_low && has_high && low == high) return "exactly " + shortest_decimal(low) + " " + unit;
    auto text = has_low ? "at least " + shortest_decimal(low) : std::string{};
    if (has_high) text += (has_low ? " and at most " : "at most ") + shortest_decimal(high);
    return text + " " + unit;
}

class ProgramMaker {
public:
    ProgramMaker(ItemBank const& bank, Blueprint const& blueprint) : bank_{bank}, blueprint_{blueprint}
    {
        program_.items = program_.variables = bank.items.size();
        program_.low.assign(bank.items.size(), 0);
        program_.high.assign(bank.items.size(), 1);
        for (auto i = std::uint32_t{0}; i < bank.items.size(); ++i) {
            positions_.emplace(bank.items[i].item, i);
            program_.passage_of.push_back(bank.items[i].passage);
            program_.passage_variable.push_back(i);
        }
    }

    read_result<Program> make()
    {
        auto const& b = blueprint_;
        program_.length_maximum = std::min(b.length.maximum, static_cast<double>(bank_.items.size()));
        add_sum("length", b.length, "items", [](BankItem const&) { return 1.0; });
        add_groups("area ", b.areas, &BankItem::area);
        add_groups("type ", b.types, &BankItem::type);
        add_groups("key ", b.keys, &BankItem::key);
        if (b.words != Range{}) add_sum("reading", b.words, "words", [](BankItem const& item) { return item.words; });
        if (b.seconds != Range{}) add_sum("time", b.seconds, "seconds", [](BankItem const& item) { return item.seconds; });
        if (b.passages) add_passages(*b.passages);
        auto problem = add_sets("enemies", b.enemies, true);
        if (!problem) problem = add_sets("friends", b.friends, false);
        if (!problem) problem = fix("include", b.include, program_.low, 1);
        if (!problem) problem = fix("exclude", b.exclude, program_.high, 0);
        if (problem) return *problem;
        add_sets_of_bank();
        for (auto i = std::size_t{0}; i < program_.items; ++i)
            if (program_.low[i] > program_.high[i]) return TextProblem{0, 0, "blueprint: item " + bank_.items[i].item + " is both included and excluded"};
        return std::move(program_);
    }

private:
    template <class Amount>
    void add_sum(std::string const& what, Range const& range, std::string const& unit, Amount const& amount)
    {
        auto row = Row{.words = what + ": " + bounds_in_words(range.minimum, range.maximum, unit), .terms = {}, .low = range.minimum, .high = range.maximum};
        for (auto i = std::uint32_t{0}; i < bank_.items.size(); ++i)
            if (auto const value = amount(bank_.items[i]); value != 0) row.terms.push_back({i, value});
        program_.rows.push_back(std::move(row));
    }

    void add_groups(std::string const& what, std::map<std::string, Range> const& ranges, std::string BankItem::*attribute)
    {
        for (auto const& [group, range] : ranges)
            add_sum(what + group, range, "items", [&, name = &group](BankItem const& item) { return item.*attribute == *name ? 1.0 : 0.0; });
    }

    void add_passages(PassageRule const& rule)
    {
        auto members = std::map<std::string, std::vector<std::uint32_t>>{};
        for (auto i = std::uint32_t{0}; i < bank_.items.size(); ++i)
            if (!bank_.items[i].passage.empty()) members[bank_.items[i].passage].push_back(i);
        auto used = Row{.words = "passages: " + bounds_in_words(rule.passages.minimum, rule.passages.maximum, "passages"), .terms = {}, .low = rule.passages.minimum, .high = rule.passages.maximum};
        for (auto const& [passage, items] : members) {
            auto const variable = static_cast<std::uint32_t>(program_.variables++);
            program_.low.push_back(0);
            program_.high.push_back(1);
            used.terms.push_back({variable, 1});
            auto const most = std::min(rule.items.maximum, static_cast<double>(items.size()));
            auto const words = "passage " + passage + ", when used: " + bounds_in_words(rule.items.minimum, rule.items.maximum, "items");
            auto at_most = Row{.words = words, .terms = {{variable, -most}}, .low = -1e9, .high = 0};
            auto at_least = Row{.words = words, .terms = {{variable, -rule.items.minimum}}, .low = 0, .high = 1e9};
            for (auto const i : items) {
                program_.passage_variable[i] = variable;
                at_most.terms.push_back({i, 1});
                at_least.terms.push_back({i, 1});
            }
            program_.rows.push_back(std::move(at_most));
            program_.rows.push_back(std::move(at_least));
        }
        program_.rows.push_back(std::move(used));
    }

    void add_enemies(std::string const& what, std::vector<std::uint32_t> const& items)
    {
        auto row = Row{.words = what + ": at most one of them", .terms = {}, .low = 0, .high = 1};
        for (auto const i : items) row.terms.push_back({i, 1});
        program_.rows.push_back(std::move(row));
    }

    void add_friends(std::string const& what, std::vector<std::uint32_t> const& items)
    {
        for (auto k = std::size_t{1}; k < items.size(); ++k)
            program_.rows.push_back({.words = what + ": all of them or none", .terms = {{items[k - 1], 1}, {items[k], -1}}, .low = 0, .high = 0});
    }

    std::optional<TextProblem> add_sets(std::string const& member, std::vector<std::vector<std::string>> const& sets, bool enemies)
    {
        for (auto const& set : sets) {
            auto items = std::vector<std::uint32_t>{};
            auto words = member;
            for (auto const& item : set) {
                auto const found = positions_.find(item);
                if (found == positions_.end()) return TextProblem{0, 0, "blueprint: " + member + " names item " + item + ", which the bank does not have"};
                items.push_back(found->second);
                words += (items.size() == 1 ? " " : ", ") + item;
            }
            std::sort(items.begin(), items.end());
            items.erase(std::unique(items.begin(), items.end()), items.end());
            if (items.size() < 2) continue;
            if (enemies) add_enemies(words, items);
            else add_friends(words, items);
        }
        return std::nullopt;
    }

    void add_sets_of_bank()
    {
        auto enemies = std::map<std::string, std::vector<std::uint32_t>>{};
        auto friends = std::map<std::string, std::vector<std::uint32_t>>{};
        for (auto i = std::uint32_t{0}; i < bank_.items.size(); ++i) {
            for (auto const& set : bank_.items[i].enemies)
                if (auto& members = enemies[set]; members.empty() || members.back() != i) members.push_back(i);
            if (!bank_.items[i].friends.empty()) friends[bank_.items[i].friends].push_back(i);
        }
        for (auto const& [set, items] : enemies)
            if (items.size() > 1) add_enemies("enemies of set " + set, items);
        for (auto const& [set, items] : friends) add_friends("friends of set " + set, items);
    }

    std::optional<TextProblem> fix(std::string const& member, std::vector<std::string> const& items, std::vector<std::uint8_t>& bounds, std::uint8_t value)
    {
        for (auto const& item : items) {
            auto const found = positions_.find(item);
            if (found == positions_.end()) return TextProblem{0, 0, "blueprint: " + member + " names item " + item + ", which the bank does not have"};
            bounds[found->second] = value;
        }
        return std::nullopt;
    }

    ItemBank const& bank_;
    Blueprint const& blueprint_;
    std::unordered_map<std::string, std::uint32_t> positions_;
    Program program_;
};

double sum_of(Row const& row, std::span<double const> values)
{
    auto sum = 0.0;
    for (auto const& term : row.terms) sum += term.coefficient * values[term.variable];
    return sum;
}

} // namespace

read_result<Program> make_program(ItemBank const& bank, Blueprint const& blueprint) { return ProgramMaker{bank, blueprint}.make(); }

std::vector<double> complete(Program const& program, std::span<std::uint8_t const> chosen)
{
    EXPECTS(chosen.size() == program.items);
    auto values = std::vector<double>(program.variables, 0.0);
    for (auto i = std::size_t{0}; i < program.items; ++i)
        if (chosen[i] != 0) values[i] = values[program.passage_variable[i]] = 1;
    return values;
}

std::vector<std::string> broken_rows(Program const& program, std::span<std::uint8_t const> chosen)
{
    auto const values = complete(program, chosen);
    auto words = std::vector<std::string>{};
    for (auto const& row : program.rows) {
        auto const sum = sum_of(row, values);
        if (sum < row.low - row_tolerance || sum > row.high + row_tolerance) words.push_back(row.words);
    }
    return words;
}

std::vector<std::size_t> lacking_rows(Program const& program, std::span<std::uint8_t const> chosen)
{
    auto const values = complete(program, chosen);
    auto rows = std::vector<std::size_t>{};
    for (auto r = std::size_t{0}; r < program.rows.size(); ++r) {
        auto const& row = program.rows[r];
        auto const sum = sum_of(row, values);
        auto const is_tie = row.low == row.high && row.low == 0; // friends: either side may be the missing one
        if (sum < row.low - row_tolerance || (is_tie && sum > row_tolerance)) rows.push_back(r);
    }
    return rows;
}

bool is_complete(Program const& program, std::span<std::uint8_t const> chosen)
{
    for (auto i = std::size_t{0}; i < program.items; ++i)
        if (program.low[i] > chosen[i]) return false;
    return lacking_rows(program, chosen).empty();
}

} // namespace assay::exam::assembly
