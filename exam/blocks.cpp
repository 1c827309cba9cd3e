#include "exam/blocks.hpp"

#include "exam/errors.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

bool contains(std::span<ItemId const> items, ItemId id) { return std::find(items.begin(), items.end(), id) != items.end(); }

/// The item, with the rest of the testlet that it begins.
void add_whole(PreparedExam const& exam, std::vector<ItemId>& block, ItemId id)
{
    auto const* testlet = exam.testlet_of(exam.position(id).value());
    if (testlet == nullptr) return block.push_back(id);
    for (auto const item : testlet->items) block.push_back(exam.version().pool[item].id);
}

bool is_out(PreparedExam const& exam, std::size_t item, std::span<ItemId const> banned)
{
    auto const& pool = exam.version().pool;
    auto const* testlet = exam.testlet_of(item);
    if (testlet == nullptr) return contains(banned, pool[item].id);
    return std::any_of(testlet->items.begin(), testlet->items.end(), [&](auto each) { return contains(banned, pool[each].id); });
}

/// The panels' names, in the order of the document.
std::vector<std::string_view> panels_of(PreparedExam const& exam)
{
    auto panels = std::vector<std::string_view>{};
    for (auto const& module : exam.stages().front())
        if (std::find(panels.begin(), panels.end(), module.rule->panel) == panels.end()) panels.push_back(module.rule->panel);
    return panels;
}

std::size_t banned_in(PreparedExam const& exam, std::string_view panel, std::span<ItemId const> banned)
{
    auto count = std::size_t{0};
    for (auto const& stage : exam.stages())
        for (auto const& module : stage)
            if (module.rule->panel == panel)
                count += static_cast<std::size_t>(std::count_if(module.items.begin(), module.items.end(), [&](auto item) { return contains(banned, exam.version().pool[item].id); }));
    return count;
}

std::string_view draw_panel(PreparedExam const& exam, std::span<ItemId const> banned, Seed const& seed)
{
    auto fewest = std::vector<std::string_view>{};
    auto least = std::size_t{0};
    for (auto const panel : panels_of(exam)) {
        auto const count = banned_in(exam, panel, banned);
        if (fewest.empty() || count < least) {
            fewest = {panel};
            least = count;
        } else if (count == least) {
            fewest.push_back(panel);
        }
    }
    return fewest[form_stream(seed, 2).below(static_cast<std::uint32_t>(fewest.size()))];
}

std::string_view panel_of(PreparedExam const& exam, std::string_view name)
{
    for (auto const& module : exam.stages().front())
        if (module.rule->name == name) return module.rule->panel;
    return {};
}

} // namespace

result<ChosenBlock> select_block(PreparedExam const& exam, SelectionContext const& context)
{
    auto const& settings = exam.settings();
    auto so_far = std::vector<ItemId>(context.administered.begin(), context.administered.end());
    auto const before = so_far.size();
    auto next = context;
    while (std::cmp_less(so_far.size() - before, settings.block.items)) {
        if (so_far.size() > before && std::cmp_greater_equal(so_far.size(), settings.length.maximum)) break;
        if (so_far.size() > before && context.completing && is_complete(exam, so_far)) break;
        next.administered = so_far;
        auto const item = select_next_item(exam, next);
        if (!item && so_far.size() == before) return item.error();
        if (!item) break;
        if (has_blocks(settings)) add_whole(exam, so_far, *item);
        else so_far.push_back(*item); // the rest of a testlet comes by itself
    }
    return ChosenBlock{.items = {so_far.begin() + static_cast<std::ptrdiff_t>(before), so_far.end()}, .module = {}};
}

result<ChosenBlock> block_of_form(PreparedExam const& exam, std::span<ItemId const> form, std::span<ItemId const> presented, std::span<ItemId const> banned)
{
    auto const& settings = exam.settings();
    auto so_far = std::vector<ItemId>(presented.begin(), presented.end());
    auto const before = so_far.size();
    while (std::cmp_less(so_far.size() - before, settings.block.items)) {
        auto const item = next_of_form(exam, form, so_far, banned);
        if (!item && so_far.size() == before) return item.error();
        if (!item) break;
        if (has_blocks(settings)) add_whole(exam, so_far, *item);
        else so_far.push_back(*item);
    }
    return ChosenBlock{.items = {so_far.begin() + static_cast<std::ptrdiff_t>(before), so_far.end()}, .module = {}};
}

result<ChosenBlock> next_module(PreparedExam const& exam, std::span<std::string const> modules, Theta theta, std::span<ItemId const> banned, Seed const& seed)
{
    EXPECTS(!exam.stages().empty());
    if (modules.size() >= exam.stages().size()) return errc::form_complete;
    auto const panel = modules.empty() ? draw_panel(exam, banned, seed) : panel_of(exam, modules.front());
    auto const told = exam.information(theta);
    auto best = static_cast<PreparedModule const*>(nullptr);
    auto best_worth = 0.0;
    auto best_items = std::vector<ItemId>{};
    for (auto const& module : exam.stages()[modules.size()]) {
        if (module.rule->panel != panel) continue;
        auto items = std::vector<ItemId>{};
        auto worth = 0.0;
        for (auto const item : module.items) {
            if (is_out(exam, item, banned)) continue;
            items.push_back(exam.version().pool[item].id);
            worth += told[item];
        }
        if (items.empty() || (module.rule->from && *module.rule->from > theta.logits)) continue;
        auto const is_better = best == nullptr || (module.routed ? module.rule->from > best->rule->from : worth > best_worth); // nothing is below any number
        if (!is_better) continue;
        best = &module;
        best_worth = worth;
        best_items = std::move(items);
    }
    if (best == nullptr) return errc::bank_exhausted;
    return ChosenBlock{.items = std::move(best_items), .module = best->rule->name};
}

std::optional<ItemId> next_of_block(PreparedExam const& exam, std::span<ItemId const> block, std::span<ItemId const> presented, std::span<ItemId const> banned)
{
    for (auto const& id : block)
        if (!contains(presented, id) && !is_out(exam, exam.position(id).value(), banned)) return id;
    return std::nullopt;
}

} // namespace assay::exam
