#include "policies/detail/table_reader.hpp"

// toml++ 3.3 asserts what some malformed documents disprove (a line break after the bracket of a table): that says something about the
// document, and must not end the process.
namespace assay::policies::detail {
struct Disproved {};
[[noreturn]] static void refuse_assumption() { throw Disproved{}; }
} // namespace assay::policies::detail
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::assay::policies::detail::refuse_assumption())
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

namespace assay::policies::detail {
namespace {

/// Nothing where toml++ finds its assumptions disproved.
std::optional<toml::parse_result> parse_toml(std::string_view document, std::string const& source)
{
    try {
        return toml::parse(document, source);
    } catch (Disproved const&) {
        return std::nullopt;
    }
}

/// The first line, from 1, that no document may go on to: what stands before it does not tell.
int line_that_disproves(std::string_view document, std::string const& source)
{
    auto ends = std::vector<std::size_t>{};
    for (auto at = document.find('\n'); at != document.npos; at = document.find('\n', at + 1)) ends.push_back(at + 1);
    ends.push_back(document.size());
    auto const first = std::ranges::partition_point(ends, [&](std::size_t end) { return parse_toml(document.substr(0, end), source).has_value(); });
    return static_cast<int>(first - ends.begin()) + 1;
}

std::string kind_of(toml::node const& node)
{
    auto text = std::ostringstream{};
    if (auto const* string = node.as_string()) {
        text << '"' << string->get().substr(0, 40) << '"';
        return text.str();
    }
    if (node.is_table()) return "a table";
    if (node.is_array()) return "an array";
    if (auto const* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    node.visit([&](auto const& n) { text << n; });
    return text.str().substr(0, 60);
}

/// How many letters apart two names are (Levenshtein), for "did you mean".
std::size_t distance(std::string_view a, std::string_view b)
{
    auto row = std::vector<std::size_t>(b.size() + 1);
    for (auto j = std::size_t{}; j <= b.size(); ++j) row[j] = j;
    for (auto i = std::size_t{1}; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (auto j = std::size_t{1}; j <= b.size(); ++j) {
            auto const above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

class Reader final : public TableReader {
public:
    Reader(toml::table const& table, std::string path, std::string const& source, std::vector<Problem>& problems)
        : table_{table}, path_{std::move(path)}, source_{source}, problems_{problems}
    {
    }

    bool has(std::string_view key) override { return find(key) != nullptr; }

    void whole_number(std::string_view key, int& value, int least, int most) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        auto const* integer = node->as_integer();
        if (integer != nullptr && integer->get() >= least && integer->get() <= most) value = static_cast<int>(integer->get());
        else expected(*node, key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }

    void number(std::string_view key, double& value, double least, double most) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        auto const given = node->is_number() ? node->value<double>() : std::nullopt;
        if (given && std::isfinite(*given) && *given >= least && *given <= most) {
            value = *given;
        } else {
            auto range = std::ostringstream{};
            range << "a number from " << least << " to " << most;
            expected(*node, key, range.str());
        }
    }

    void flag(std::string_view key, bool& value) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        if (auto const* boolean = node->as_boolean()) value = boolean->get();
        else expected(*node, key, "true or false");
    }

    void text(std::string_view key, std::string& value, std::size_t size_max) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        auto const* string = node->as_string();
        if (string != nullptr && !string->get().empty() && string->get().size() <= size_max) value = string->get();
        else expected(*node, key, "a text of 1 to " + std::to_string(size_max) + " bytes");
    }

    void texts(std::string_view key, std::vector<std::string>& values, std::size_t count_max, std::size_t size_max) override
    {
        elements(key, count_max, "texts", [&](toml::node const& node) {
            auto const* string = node.as_string();
            if (string == nullptr || string->get().empty() || string->get().size() > size_max) return false;
            values.push_back(string->get());
            return true;
        }, [&] { values.clear(); });
    }

    void text_lists(std::string_view key, std::vector<std::vector<std::string>>& lists, std::size_t count_max, std::size_t size_max) override
    {
        elements(key, count_max, "arrays of texts", [&](toml::node const& node) {
            auto const* array = node.as_array();
            if (array == nullptr || array->size() > count_max) return false;
            auto& list = lists.emplace_back();
            for (auto const& element : *array) {
                auto const* string = element.as_string();
                if (string == nullptr || string->get().empty() || string->get().size() > size_max) return false;
                list.push_back(string->get());
            }
            return true;
        }, [&] { lists.clear(); });
    }

    void whole_numbers(std::string_view key, std::vector<int>& values, int least, int most, std::size_t count_max) override
    {
        elements(key, count_max, "whole numbers from " + std::to_string(least) + " to " + std::to_string(most), [&](toml::node const& node) {
            auto const* integer = node.as_integer();
            if (integer == nullptr || integer->get() < least || integer->get() > most) return false;
            values.push_back(static_cast<int>(integer->get()));
            return true;
        }, [&] { values.clear(); });
    }

    void numbers(std::string_view key, std::vector<double>& values, double least, double most, std::size_t count_max) override
    {
        auto range = std::ostringstream{};
        range << "numbers from " << least << " to " << most;
        elements(key, count_max, range.str(), [&](toml::node const& node) {
            auto const given = node.is_number() ? node.value<double>() : std::nullopt;
            if (!given || !std::isfinite(*given) || *given < least || *given > most) return false;
            values.push_back(*given);
            return true;
        }, [&] { values.clear(); });
    }

    void require(std::string_view key) override
    {
        if (find(key) == nullptr) add(table_.source(), key, "is missing");
    }

    void table(std::string_view key, std::function<void(TableReader&)> const& read) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        if (auto const* inner = node->as_table()) read_table(*inner, dotted(key), read);
        else expected(*node, key, "a table");
    }

    void tables(std::string_view key, std::size_t count_max, std::function<void(TableReader&)> const& read) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        auto const* array = node->as_array();
        if (array == nullptr || array->size() > count_max || !std::ranges::all_of(*array, [](auto const& e) { return e.is_table(); }))
            return expected(*node, key, "at most " + std::to_string(count_max) + " tables [[" + std::string{key} + "]]");
        for (auto i = std::size_t{}; i < array->size(); ++i) read_table(*array->get_as<toml::table>(i), dotted(key) + "[" + std::to_string(i) + "]", read);
    }

    void named_tables(std::string_view key, std::size_t count_max, std::function<void(std::string const&, TableReader&)> const& read) override
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        auto const* outer = node->as_table();
        if (outer == nullptr || outer->size() > count_max || !std::ranges::all_of(*outer, [](auto const& e) { return e.second.is_table(); }))
            return expected(*node, key, "at most " + std::to_string(count_max) + " tables [" + dotted(key) + ".NAME]");
        for (auto const& [name, inner] : *outer) {
            auto const text = std::string{name.str()};
            read_table(*inner.as_table(), dotted(key) + "." + text, [&](TableReader& t) { read(text, t); });
        }
    }

    void problem(std::string_view key, std::string what) override
    {
        auto const* node = table_.get(key);
        add(node != nullptr ? node->source() : table_.source(), key, std::move(what));
    }

    void finish()
    {
        for (auto const& [key, node] : table_) {
            if (known_.contains(std::string{key.str()})) continue;
            auto const near = std::ranges::min_element(known_, {}, [&](std::string const& name) { return distance(name, key.str()); });
            auto hint = std::string{};
            if (near != known_.end() && distance(*near, key.str()) <= 3) hint = "; did you mean " + *near + "?";
            add(node.source(), key.str(), "is not a key of this document" + hint);
        }
    }

private:
    toml::node const* find(std::string_view key)
    {
        known_.insert(std::string{key});
        return table_.get(key);
    }

    template <class Take, class Clear>
    void elements(std::string_view key, std::size_t count_max, std::string const& of, Take take, Clear clear)
    {
        auto const* node = find(key);
        if (node == nullptr) return;
        clear();
        auto const* array = node->as_array();
        auto whole = array != nullptr && array->size() <= count_max;
        if (whole)
            for (auto const& element : *array) whole = whole && take(element);
        if (!whole) expected(*node, key, "an array of at most " + std::to_string(count_max) + " " + of);
    }

    void read_table(toml::table const& inner, std::string path, std::function<void(TableReader&)> const& read)
    {
        auto reader = Reader{inner, std::move(path), source_, problems_};
        read(reader);
        reader.finish();
    }

    void expected(toml::node const& node, std::string_view key, std::string const& what) { add(node.source(), key, "expected " + what + ", found " + kind_of(node)); }

    void add(toml::source_region const& place, std::string_view key, std::string what)
    {
        problems_.push_back({source_, static_cast<int>(place.begin.line), static_cast<int>(place.begin.column), dotted(key), std::move(what)});
    }

    std::string dotted(std::string_view key) const { return path_.empty() ? std::string{key} : path_ + "." + std::string{key}; }

    toml::table const& table_;
    std::string path_;
    std::string const& source_;
    std::vector<Problem>& problems_;
    std::set<std::string> known_;
};

} // namespace

std::vector<Problem> read_document(std::string_view document, std::string const& source, std::function<void(TableReader&)> const& read)
{
    auto problems = std::vector<Problem>{};
    if (document.size() > document_size_max) {
        problems.push_back({source, 0, 0, {}, "is larger than " + std::to_string(document_size_max) + " bytes"});
        return problems;
    }
    auto const answer = parse_toml(document, source);
    if (!answer) {
        problems.push_back({source, line_that_disproves(document, source), 1, {}, "is no TOML from here on"});
        return problems;
    }
    auto const& parsed = *answer;
    if (!parsed) {
        auto const& at = parsed.error().source().begin;
        problems.push_back({source, static_cast<int>(at.line), static_cast<int>(at.column), {}, std::string{parsed.error().description()}});
        return problems;
    }
    auto root = Reader{parsed.table(), {}, source, problems};
    read(root);
    root.finish();
    std::ranges::stable_sort(problems, {}, [](Problem const& p) { return std::pair{p.line, p.column}; });
    return problems;
}

} // namespace assay::policies::detail

namespace assay::policies {

std::string to_string(Problem const& p)
{
    auto place = p.source;
    if (p.line > 0) place += ":" + std::to_string(p.line) + ":" + std::to_string(p.column);
    return place + ": " + (p.key.empty() ? "" : p.key + ": ") + p.what;
}

} // namespace assay::policies
