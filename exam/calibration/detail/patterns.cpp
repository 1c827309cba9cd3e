#include "exam/calibration/detail/patterns.hpp"

#include "core/contract.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace assay::exam::calibration::detail {
namespace {

std::string_view row(std::vector<std::uint8_t> const& cells, std::size_t items, std::size_t index)
{
    return {reinterpret_cast<char const*>(cells.data() + index * items), items};
}

/// Distinct rows with their frequency.
Patterns collapse(ResponseCodes const& responses, std::vector<bool> const& used)
{
    auto cells = responses.category;
    for (std::size_t p = 0; p < responses.persons; ++p)
        for (std::size_t i = 0; i < responses.items; ++i)
            if (!used[i]) cells[p * responses.items + i] = ResponseCodes::missing;

    auto patterns = Patterns{};
    patterns.items = responses.items;
    auto seen = std::unordered_map<std::string_view, std::size_t>{};
    seen.reserve(responses.persons);
    for (std::size_t p = 0; p < responses.persons; ++p) {
        auto const key = row(cells, responses.items, p);
        if (std::ranges::all_of(key, [](char c) { return static_cast<std::uint8_t>(c) == ResponseCodes::missing; })) {
            ++patterns.persons_without_answers;
            continue;
        }
        auto const [place, is_new] = seen.emplace(key, patterns.count);
        if (is_new) {
            ++patterns.count;
            patterns.frequency.push_back(0);
            patterns.category.insert(patterns.category.end(), key.begin(), key.end());
        }
        patterns.frequency[place->second] += 1;
    }
    return patterns;
}

/// `level` of `item` over the entries so far, and each pattern's entry in it.
Patterns::Level extend(Patterns const& patterns, std::size_t item, std::vector<std::uint16_t> const& before, std::size_t entries_before,
                       std::vector<std::uint16_t>& after)
{
    constexpr std::uint32_t unseen = 0xffffffff;
    auto level = Patterns::Level{item, {}, {}};
    auto number = std::vector<std::uint32_t>(entries_before * 256, unseen);
    for (std::size_t p = 0; p < patterns.count; ++p) {
        auto const category = patterns.at(p, item);
        auto& entry = number[before[p] * 256u + category];
        if (entry == unseen) {
            entry = static_cast<std::uint32_t>(level.parent.size());
            level.parent.push_back(before[p]);
            level.category.push_back(category);
        }
        after[p] = static_cast<std::uint16_t>(std::min<std::uint32_t>(entry, 0xffff));
    }
    return level;
}

} // namespace

Patterns collect_patterns(ResponseCodes const& responses, std::vector<bool> const& used)
{
    EXPECTS(responses.category.size() == responses.persons * responses.items && used.size() == responses.items);
    auto patterns = collapse(responses, used);
    if (patterns.count == 0) return patterns;

    // A longer dictionary saves rows for every person and costs rows itself; a twentieth of the persons, at most what stays in the cache.
    auto const entries_max = std::clamp<std::size_t>(patterns.count / 20, 4, 256);
    auto const start = std::vector<std::uint16_t>(patterns.count, 0);
    auto before = start, after = start;
    auto entries_before = std::size_t{1};
    auto columns = std::vector<std::vector<std::uint16_t>>{};
    auto close_group = [&] {
        patterns.entries += patterns.groups.back().entries();
        columns.push_back(before);
    };
    for (std::size_t item = 0; item < patterns.items; ++item) {
        if (!used[item]) continue;
        auto level = patterns.groups.empty() ? Patterns::Level{} : extend(patterns, item, before, entries_before, after);
        if (patterns.groups.empty() || level.parent.size() > entries_max) {
            if (!patterns.groups.empty()) close_group();
            patterns.groups.emplace_back();
            level = extend(patterns, item, start, 1, after);
        }
        entries_before = level.parent.size();
        patterns.groups.back().levels.push_back(std::move(level));
        std::swap(before, after);
    }
    close_group();

    patterns.entry.resize(patterns.count * columns.size());
    for (std::size_t g = 0; g < columns.size(); ++g)
        for (std::size_t p = 0; p < patterns.count; ++p) patterns.entry[p * columns.size() + g] = columns[g][p];
    return patterns;
}

} // namespace assay::exam::calibration::detail
