#include "exam/stage_assembly.hpp"

#include "exam/assembly/solver.hpp"
#include "exam/prepared_exam.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace assay::exam {
namespace {

constexpr auto limits = assembly::SolverLimits{.nodes = 2'000, .gap = 0.01};

/// Whatever share of it, `range` around `value` is kept when the shares of all stages are added up.
assembly::Range share_of(assembly::Range const& range, double value, double total, double share)
{
    return {.minimum = std::max(0.0, value - (total - range.minimum) * share), .maximum = value + (range.maximum - total) * share};
}

std::size_t length_of_stage(Stage const& stage) { return stage.items > 0 || stage.modules.empty() ? static_cast<std::size_t>(stage.items) : stage.modules.front().items.size(); }

class Assembling {
public:
    /// `form`: the version as one form of all its stages' items.
    Assembling(ExamSettings settings, ExamVersion form) : settings_{std::move(settings)}, exam_{std::move(form)}, bank_{form_bank(exam_.version())} {}

    read_result<std::vector<Stage>> operator()()
    {
        deal();
        auto stages = settings_.stages;
        for (auto const& stage : stages)
            for (auto const& module : stage.modules) use(module.panel, module.items);
        for (auto s = std::size_t{0}; s < stages.size(); ++s)
            for (auto& module : stages[s].modules) {
                if (!module.items.empty()) continue;
                module.items = best_module(s, module);
                if (module.items.empty()) return TextProblem{.what = "no items are left for module '" + module.name + "' that keep its share of the blueprint"};
                use(module.panel, module.items);
            }
        return stages;
    }

private:

    /// The best form at the cut, its items dealt to the stages: each item to the stage that is furthest behind its length, area by area.
    void deal()
    {
        auto solver = assembly::FormSolver{*exam_.program()};
        solver.set_values(exam_.information(settings_.cut));
        auto const chosen = solver.solve(limits).chosen;
        auto const& pool = exam_.version().pool;
        auto form = std::vector<std::size_t>{};
        for (auto i = std::size_t{0}; i < chosen.size(); ++i)
            if (chosen[i] != 0) form.push_back(i);
        std::sort(form.begin(), form.end(), [&](auto a, auto b) { return std::tie(pool[a].area, pool[a].type, pool[a].key, a) < std::tie(pool[b].area, pool[b].type, pool[b].key, b); });
        dealt_.resize(settings_.stages.size());
        for (auto n = std::size_t{0}; n < form.size(); ++n) {
            auto const length_of = [&](std::size_t s) { return length_of_stage(settings_.stages[s]); };
            auto const behind = [&](std::size_t s) { return static_cast<double>(length_of(s)) * static_cast<double>(n + 1) - static_cast<double>(dealt_[s].size() * form.size()); };
            auto furthest = settings_.stages.size();
            for (auto s = std::size_t{0}; s < dealt_.size(); ++s)
                if (dealt_[s].size() < length_of(s) && (furthest == dealt_.size() || behind(s) > behind(furthest))) furthest = s;
            dealt_[furthest].push_back(form[n]);
        }
        for (auto const item : form) words_ += pool[item].words, seconds_ += pool[item].seconds;
    }

    assembly::Blueprint blueprint_of(std::size_t stage) const
    {
        auto const& pool = exam_.version().pool;
        auto const& rules = *exam_.settings().form;
        auto blueprint = form_blueprint(exam_.settings());
        auto const exactly = [](std::size_t count) { return assembly::Range{.minimum = static_cast<double>(count), .maximum = static_cast<double>(count)}; };
        auto const count = [&](auto matches) { return exactly(static_cast<std::size_t>(std::count_if(dealt_[stage].begin(), dealt_[stage].end(), [&](auto item) { return matches(pool[item]); }))); };
        blueprint.length = exactly(dealt_[stage].size());
        for (auto& [area, range] : blueprint.areas) range = count([&name = area](PoolItem const& item) { return item.area == name; });
        for (auto& [type, range] : blueprint.types) range = count([&name = type](PoolItem const& item) { return item.type == name; });
        for (auto& [key, range] : blueprint.keys) range = count([&name = key](PoolItem const& item) { return item.key == name; });
        auto const share = static_cast<double>(dealt_[stage].size()) / static_cast<double>(exam_.settings().length.maximum);
        auto words = 0.0, seconds = 0.0;
        for (auto const item : dealt_[stage]) words += pool[item].words, seconds += pool[item].seconds;
        blueprint.words = share_of(rules.words, words, words_, share);
        blueprint.seconds = share_of(rules.seconds, seconds, seconds_, share);
        for (auto const& [family, items] : exam_.settings().families) blueprint.enemies.push_back(items);
        auto const pretest = [&](std::string const& name) { return std::ranges::any_of(exam_.version().pretest, [&](auto const& item) { return item.identifier == name; }); };
        for (auto& set : blueprint.enemies) std::erase_if(set, pretest);
        return blueprint;
    }

    /// The items that tell most at the module's target; empty where there are none.
    std::vector<std::string> best_module(std::size_t stage, StageModule const& module)
    {
        auto const blueprint = blueprint_of(stage);
        for (auto const elsewhere : {true, false}) { // new to all panels, or at least to this one
            auto program = assembly::make_program(bank_, blueprint);
            if (!program) return {};
            auto solver = assembly::FormSolver{*program};
            solver.set_values(exam_.information({module.target.value()}));
            for (auto i = std::size_t{0}; i < bank_.items.size(); ++i)
                if (out_[module.panel].contains(bank_.items[i].item) || (elsewhere && used_.contains(bank_.items[i].item))) solver.fix(i, 0, 0);
            auto items = std::vector<std::string>{};
            auto const chosen = solver.solve(limits).chosen;
            for (auto i = std::size_t{0}; i < chosen.size(); ++i)
                if (chosen[i] != 0) items.push_back(bank_.items[i].item);
            if (!items.empty()) return items;
        }
        return {};
    }

    /// The items are presented in this panel: neither they nor their enemies and siblings come in it again.
    void use(std::string const& panel, std::vector<std::string> const& items)
    {
        auto const places = places_in_pool(exam_.version());
        for (auto const& item : items) {
            used_.insert(item);
            out_[panel].insert(item);
            auto const place = places.find(item);
            if (place == places.end()) continue;
            for (auto const& enemy : exam_.enemies_of(exam_.version().pool[place->second].id))
                if (auto const* known = find_item(exam_.version(), enemy)) out_[panel].insert(known->identifier);
        }
    }

    ExamSettings settings_;
    PreparedExam exam_;
    ItemBank bank_;
    std::vector<std::vector<std::size_t>> dealt_; // by stage: places in the pool
    double words_ = 0, seconds_ = 0;              // of the whole form
    std::set<std::string> used_;
    std::map<std::string, std::set<std::string>> out_; // by panel
};

} // namespace

bool has_open_modules(ExamSettings const& settings) noexcept
{
    auto const is_open = [](StageModule const& module) { return module.items.empty(); };
    return std::any_of(settings.stages.begin(), settings.stages.end(), [&](Stage const& stage) { return std::any_of(stage.modules.begin(), stage.modules.end(), is_open); });
}

read_result<std::vector<Stage>> assemble_stages(ExamVersion version)
{
    auto const settings = version.settings;
    if (settings.form && (settings.form->passages || !settings.form->friends.empty() || !settings.form->include.empty() || !settings.form->testlets.empty()))
        return TextProblem{.what = "modules can't be assembled under form rules with passages, friends, includes or testlets: name their items"};
    auto total = std::size_t{0};
    for (auto const& stage : settings.stages) total += length_of_stage(stage);
    if (std::cmp_less(total, settings.length.minimum) || std::cmp_greater(total, settings.length.maximum))
        return TextProblem{.what = "the stages have " + std::to_string(total) + " items in all, but the length is " + std::to_string(settings.length.minimum) + " to " +
                                   std::to_string(settings.length.maximum)};
    // One form of all stages' items: its program is what the engine has already, and whatever is wrong with the document comes out.
    if (!version.settings.form) version.settings.form.emplace();
    version.settings.length.minimum = version.settings.length.maximum = static_cast<int>(total);
    version.settings.selection.mode = SelectionMode::adaptive;
    version.settings.stages.clear();
    version.settings.block = {};
    auto wrong = std::string{};
    for (auto const& sentence : findings(version)) wrong += (wrong.empty() ? "" : " ") + sentence;
    if (wrong.ends_with('.')) wrong.pop_back();
    if (!wrong.empty()) return TextProblem{.what = std::move(wrong)};
    return Assembling{settings, std::move(version)}();
}

} // namespace assay::exam
