#include "exam/exam_version.hpp"

#include "exam/assembly/solver.hpp"
#include "exam/errors.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace assay::exam {
namespace {

bool within(double value, double low, double high) noexcept { return value >= low && value <= high; } // false for NaN

std::string number(long long value) { return std::to_string(value); }

class Findings {
public:
    void unless(bool good, std::string sentence)
    {
        if (!good) sentences_.push_back(std::move(sentence));
    }
    bool empty() const noexcept { return sentences_.empty(); }
    std::vector<std::string> take() { return std::move(sentences_); }

private:
    std::vector<std::string> sentences_;
};

void check_maxima(ExamSettings const& settings, Findings& found)
{
    auto maxima = 0LL;
    auto bounded = true;
    for (auto const& area : settings.blueprint) {
        bounded = bounded && area.maximum;
        if (!area.maximum) continue;
        maxima += *area.maximum;
        found.unless(*area.maximum >= area.minimum && *area.maximum <= 500, "The maximum of area '" + area.area + "' is below its minimum or above 500.");
        found.unless(settings.form.has_value(), "Area '" + area.area + "' has a maximum, which only a shadow test keeps: add form rules.");
    }
    found.unless(!bounded || settings.blueprint.empty() || maxima >= settings.length.minimum,
                 "The areas' maxima (" + number(maxima) + ") do not reach the minimum length (" + number(settings.length.minimum) + ").");
}

void check_blueprint(ExamSettings const& settings, Findings& found)
{
    found.unless(!settings.blueprint.empty() && settings.blueprint.size() <= 64, "The blueprint needs 1 to 64 areas.");
    auto names = std::set<std::string_view>{};
    auto minima = 0LL;
    for (auto const& area : settings.blueprint) {
        found.unless(!area.area.empty(), "An area of the blueprint has no name.");
        found.unless(names.insert(area.area).second, "The blueprint names the area '" + area.area + "' twice.");
        found.unless(area.share >= 1 && area.share <= 1000, "The share of area '" + area.area + "' is not within 1 to 1000.");
        found.unless(area.minimum >= 0, "The minimum of area '" + area.area + "' is negative.");
        minima += area.minimum;
    }
    check_maxima(settings, found);
    found.unless(settings.length.minimum >= minima, "The minimum length (" + number(settings.length.minimum) +
                                                        ") does not cover the blueprint's minima (" + number(minima) + ").");
}

double round_to_step(ScaledScoreLine const& line, Theta theta) noexcept
{
    // floor is exact, and so the same everywhere.
    return std::floor((line.slope * theta.logits + line.intercept) / line.step + 0.5) * line.step;
}

void check_scale(ExamSettings const& settings, Findings& found)
{
    auto const& line = settings.scale;
    auto const positive = line.slope > 0 && line.slope <= 1e6 && line.step > 0 && line.step <= 1e6 && std::abs(line.intercept) <= 1e6;
    found.unless(positive, "The scaled score needs a slope and a step above 0, and no number beyond a million.");
    found.unless(line.minimum < line.maximum && std::abs(line.minimum) <= 1e6 && std::abs(line.maximum) <= 1e6,
                 "The scaled score's minimum is not below its maximum.");
    if (!positive) return;
    auto const cut = round_to_step(line, settings.cut);
    found.unless(cut - line.step >= line.minimum && cut <= line.maximum,
                 "The cut's scaled score is not inside the scale's bounds, one step above the minimum.");
}

/// Ranges within which the 121 nodes serve; what an exam may use of the models.
void check_model(PoolItem const& item, Findings& found)
{
    auto good = true;
    for (auto const a : item.model.slopes()) good = good && (item.model.kind() == ModelKind::nominal ? within(a, -10, 10) : within(std::abs(a), 0.05, 10));
    for (auto const b : item.model.thresholds()) good = good && within(b, -20, 20);
    if (item.model.kind() == ModelKind::three_parameter) good = good && within(item.model.slope(), 0.05, 10) && within(item.model.threshold(), -10, 10);
    good = good && within(item.model.lower(), 0, 0.5);
    found.unless(good, "The parameters of item '" + item.identifier + "' are outside what an exam may use (a 0.05 to 10, b -10 to 10, c up to 0.5).");
    found.unless(item.words >= 0 && item.words <= 1e6 && item.seconds >= 0 && item.seconds <= 1e6, "Words or seconds of item '" + item.identifier + "' are not within 0 to a million.");
    found.unless(within(item.administration_probability, 0.0001, 1), "The administration probability of item '" + item.identifier + "' is not within 0.0001 to 1.");
}

void check_pool(ExamVersion const& version, Findings& found)
{
    auto const& settings = version.settings;
    found.unless(version.pool.size() <= 20000, "The pool has more than 20000 items.");
    auto const supply = supply_of(version, {});
    auto const of_families = std::string{settings.families.empty() ? "" : ", siblings counted once"};
    found.unless(supply.items >= settings.length.maximum,
                 "The pool (" + number(supply.items) + " items" + of_families + ") is smaller than the maximum length (" + number(settings.length.maximum) + ").");
    auto identifiers = std::set<std::string_view>{};
    auto const& counts = supply.areas;
    auto ascending = true;
    for (auto i = std::size_t{0}; i < version.pool.size(); ++i) {
        auto const& item = version.pool[i];
        ascending = ascending && (i == 0 || version.pool[i - 1].id < item.id);
        found.unless(!item.identifier.empty() && identifiers.insert(item.identifier).second,
                     "The item identifier '" + item.identifier + "' is empty or stands for two items.");
        check_model(item, found);
        found.unless(area_index(settings, item.area).has_value(), "Item '" + item.identifier + "' is of the area '" + item.area + "', which the blueprint does not name.");
    }
    found.unless(ascending, "The pool is not in ascending order of ids, or names an item twice.");
    for (auto a = std::size_t{0}; a < counts.size(); ++a) {
        auto const& area = settings.blueprint[a];
        found.unless(counts[a] >= 1 && counts[a] >= area.minimum, "The area '" + area.area + "' has " + number(counts[a]) +
                                                                      " items" + of_families + ", but needs at least " +
                                                                      number(std::max(1, area.minimum)) + ".");
    }
}

void check_pretest(ExamVersion const& version, Findings& found)
{
    auto const slots = version.settings.pretest.slots;
    found.unless(slots > 0 || version.pretest.empty(), "The exam has pretest items, but no slots for them.");
    found.unless(std::cmp_greater_equal(version.pretest.size(), slots), "The exam has " + number(slots) + " pretest slots, but only " +
                                                                              number(static_cast<long long>(version.pretest.size())) + " pretest items.");
    found.unless(version.pretest.size() <= 20000, "The exam has more than 20000 pretest items.");
    auto identifiers = std::set<std::string_view>{};
    for (auto const& item : version.pool) identifiers.insert(item.identifier);
    auto ascending = true;
    for (auto i = std::size_t{0}; i < version.pretest.size(); ++i) {
        auto const& item = version.pretest[i];
        ascending = ascending && (i == 0 || version.pretest[i - 1].id < item.id);
        found.unless(find_item(version, item.id) == nullptr, "The pretest item '" + item.identifier + "' is in the pool too.");
        found.unless(!item.identifier.empty() && identifiers.insert(item.identifier).second,
                     "The pretest item identifier '" + item.identifier + "' is empty or stands for two items.");
        found.unless(area_index(version.settings, item.area).has_value(),
                     "Pretest item '" + item.identifier + "' is of the area '" + item.area + "', which the blueprint does not name.");
        check_model(item, found);
    }
    found.unless(ascending, "The pretest items are not in ascending order of ids, or name an item twice.");
}

void check_families(ExamVersion const& version, Findings& found)
{
    auto known = std::set<std::string_view>{};
    for (auto const* items : {&version.pool, &version.pretest})
        for (auto const& item : *items) known.insert(item.identifier);
    auto family_of = std::map<std::string_view, std::string_view>{};
    for (auto const& [family, items] : version.settings.families)
        for (auto const& item : items) {
            found.unless(known.contains(item), "Family '" + family + "' names item '" + item + "', which the exam does not have.");
            auto const [earlier, is_new] = family_of.emplace(item, family);
            found.unless(is_new, "Item '" + item + "' stands in the families '" + std::string{earlier->second} + "' and '" + family + "'.");
        }
}

void check_engine(ExamSettings const& settings, Findings& found)
{
    auto const& selection = settings.selection;
    found.unless(selection.strata >= 1 && selection.strata <= 20, "The selection needs 1 to 20 strata.");
    found.unless(within(selection.acceleration, 0, 10), "The acceleration of the selection is not within 0 to 10.");
    found.unless(selection.start_items >= 0 && selection.start_items <= 500, "The selection's start is not within 0 to 500 items.");
    found.unless(settings.exposure.rule != adaptive::ExposureRule::randomesque,
                 "The draw among the best items is the random start, which is set by itself: it is no exposure rule here.");
    found.unless(within(settings.exposure.rate, 0.01, 1), "The exposure rate is not within 0.01 to 1.");
    auto const& stop = settings.stop;
    if (auto const problem = adaptive::problem(stop_rules(settings))) found.unless(false, "Stop rules: " + *problem + ".");
    found.unless(!stop.minimum_information || within(*stop.minimum_information, 0, 100), "Stop rules: the minimum information is not within 0 to 100.");
    found.unless(!stop.time || (stop.time->count() >= 60 && (!settings.time_limit || *stop.time <= *settings.time_limit)),
                 "Stop rules: the time is below 60 seconds or beyond the time limit.");
    auto const rules = static_cast<int>(settings.standard_error_stop.has_value()) + stop.class_probability.has_value() + stop.sprt.has_value() + stop.glr.has_value() +
                       stop.confidence_z.has_value() + stop.curtailment_z.has_value() + stop.minimum_information.has_value() + stop.plateau.has_value() + stop.time.has_value();
    found.unless(!stop.all || rules >= 2, "Stop rules: that all must agree needs at least two of them.");
    found.unless(settings.pretest.slots >= 0 && settings.pretest.slots <= 50, "The pretest slots are not within 0 to 50.");
    found.unless(!settings.area_reliability_minimum || within(*settings.area_reliability_minimum, 0, 1), "The area reliability minimum is not within 0 to 1.");
}

void check_testlets(ExamVersion const& version, Findings& found)
{
    auto const& form = *version.settings.form;
    if (form.testlets.empty()) return;
    auto items = std::map<std::string_view, PoolItem const*>{};
    for (auto const& item : version.pool) items.emplace(item.identifier, &item);
    auto passage_of = std::map<std::string_view, std::string_view>{};
    for (auto const& [passage, members] : form.passage_items)
        for (auto const& item : members) passage_of[item] = passage;
    auto names = std::set<std::string_view>{};
    auto taken = std::set<std::string_view>{};
    for (auto const& testlet : form.testlets) {
        auto const what = "Testlet '" + testlet.name + "'";
        found.unless(!testlet.name.empty() && !items.contains(testlet.name) && names.insert(testlet.name).second, what + " has no name of its own.");
        found.unless(testlet.items.size() >= 2 && testlet.items.size() <= 50, what + " has not 2 to 50 items.");
        auto const kind = testlet.model.kind();
        auto good = kind == ModelKind::graded || kind == ModelKind::generalized_partial_credit || kind == ModelKind::partial_credit;
        good = good && within(std::abs(testlet.model.slope()), 0.05, 10);
        for (auto const b : testlet.model.thresholds()) good = good && within(b, -20, 20);
        found.unless(good, what + " needs GRM, GPCM or PCM parameters (a 0.05 to 10, b -20 to 20).");
        auto const* first = static_cast<PoolItem const*>(nullptr);
        for (auto const& item : testlet.items) {
            auto const known = items.find(item);
            found.unless(known != items.end(), what + " names item '" + item + "', which the pool does not have.");
            found.unless(taken.insert(item).second, "Item '" + item + "' stands twice in testlets.");
            if (known == items.end()) continue;
            if (first == nullptr) first = known->second;
            found.unless(known->second->area == first->area, what + " has items of different areas.");
            auto const passage = [&](std::string_view name) { return passage_of.contains(name) ? passage_of.at(name) : std::string_view{}; };
            found.unless(passage(item) == passage(testlet.items.front()), what + " has items of different passages.");
        }
    }
}

void check_fixed_form(ExamSettings const& settings, Findings& found)
{
    auto const mode = settings.selection.mode;
    found.unless(mode == SelectionMode::linear || (settings.fixed_form.items.empty() && !settings.fixed_form.shuffled),
                 "A fixed form and its shuffling are for the selection mode linear only.");
    found.unless(mode != SelectionMode::loft || settings.form.has_value(), "The selection mode loft assembles forms: it needs form rules.");
    found.unless(within(settings.fixed_form.randomness, 0, 1), "The randomness of forms is not within 0 to 1.");
    found.unless(mode == SelectionMode::adaptive || settings.exposure.rule != adaptive::ExposureRule::sympson_hetter,
                 "Sympson-Hetter is for adaptive selection: a form that is fixed beforehand has no lottery.");
}

/// Items that are presented one after the other, against length, areas and form rules. `what` begins the sentences.
void check_one_form(ExamVersion const& version, assembly::Program const* program, std::vector<std::string> const& form, std::string const& what, Findings& found)
{
    auto const& settings = version.settings;
    found.unless(std::cmp_greater_equal(form.size(), settings.length.minimum) && std::cmp_less_equal(form.size(), settings.length.maximum),
                 what + " has " + number(static_cast<long long>(form.size())) + " items, but the length is " + number(settings.length.minimum) + " to " +
                     number(settings.length.maximum) + ".");
    auto const places = places_in_pool(version);
    auto chosen = std::vector<std::uint8_t>(version.pool.size(), 0);
    auto counts = std::vector<int>(settings.blueprint.size());
    for (auto const& item : form) {
        auto const place = places.find(item);
        found.unless(place != places.end(), what + " names item '" + item + "', which the pool does not have.");
        if (place == places.end()) continue;
        found.unless(chosen[place->second] == 0, what + " names item '" + item + "' twice.");
        chosen[place->second] = 1;
        if (auto const area = area_index(settings, version.pool[place->second].area)) ++counts[*area];
    }
    for (auto a = std::size_t{0}; a < counts.size(); ++a)
        found.unless(counts[a] >= settings.blueprint[a].minimum, what + " has " + number(counts[a]) + " items of area '" + settings.blueprint[a].area +
                                                                     "', but needs at least " + number(settings.blueprint[a].minimum) + ".");
    for (auto const& [family, members] : settings.families)
        found.unless(std::ranges::count_if(members, [&](auto const& item) { return std::ranges::find(form, item) != form.end(); }) <= 1,
                     what + " has more than one item of family '" + family + "'.");
    if (program == nullptr || !found.empty()) return;
    for (auto const& words : assembly::broken_rows(*program, chosen)) found.unless(false, what + " breaks a rule: " + words + ".");
    for (auto i = std::size_t{0}; i < chosen.size(); ++i)
        found.unless(chosen[i] >= program->low[i] && chosen[i] <= program->high[i], what + " " + std::string{chosen[i] != 0 ? "has" : "lacks"} + " item '" + version.pool[i].identifier +
                                                                                        "' against the form rules.");
    for (auto const& testlet : settings.form->testlets) {
        auto const first = std::find(form.begin(), form.end(), testlet.items.front());
        found.unless(first == form.end() || (std::cmp_greater_equal(form.end() - first, testlet.items.size()) && std::equal(testlet.items.begin(), testlet.items.end(), first)),
                     what + " does not present testlet '" + testlet.name + "' in its order.");
    }
}

/// One panel's modules of each stage.
using Panel = std::vector<std::vector<StageModule const*>>;

std::map<std::string, Panel> panels_of(ExamSettings const& settings)
{
    auto panels = std::map<std::string, Panel>{};
    for (auto s = std::size_t{0}; s < settings.stages.size(); ++s)
        for (auto const& module : settings.stages[s].modules) {
            auto& panel = panels[module.panel];
            panel.resize(settings.stages.size());
            panel[s].push_back(&module);
        }
    return panels;
}

void check_routing(std::vector<StageModule const*> const& modules, std::string const& where, Findings& found)
{
    auto limits = std::set<double>{};
    auto without = 0;
    for (auto const* module : modules) {
        if (!module->from) ++without;
        else if (!limits.insert(*module->from).second) found.unless(false, where + " has two modules from the same theta.");
    }
    found.unless(limits.empty() || without == 1, where + " routes by theta, and so needs one module, the lowest, that says nothing of theta.");
}

void check_stages(ExamSettings const& settings, Findings& found)
{
    auto const is_mode = settings.selection.mode == SelectionMode::stages;
    found.unless(is_mode == !settings.stages.empty(), is_mode ? "The selection mode stages needs stages." : "Stages are for the selection mode stages only.");
    found.unless(settings.stages.size() <= 20, "More than 20 stages.");
    found.unless(!is_mode || settings.exposure.rule == adaptive::ExposureRule::none, "In the mode stages exposure is spread by panels: it has no other exposure rule.");
    auto const& block = settings.block;
    found.unless(block.items >= 1 && block.items <= 500, "A block has not 1 to 500 items.");
    found.unless(!is_mode || block.items == 1, "In the mode stages a block is a module: its items are not set.");
    found.unless(!block.review || has_blocks(settings), "Review is of a block: it needs blocks of more than one item.");
    auto names = std::set<std::string_view>{};
    for (auto const& stage : settings.stages) {
        found.unless(!stage.modules.empty(), "A stage has no module.");
        found.unless(stage.items >= 0 && stage.items <= 500, "The items of a stage are not within 0 to 500.");
        for (auto const& module : stage.modules) {
            found.unless(!module.name.empty() && names.insert(module.name).second, "Module '" + module.name + "' has no name of its own.");
            found.unless(!module.items.empty() || (module.target && stage.items > 0),
                         "Module '" + module.name + "' has no items, and neither a theta nor a number of items that it could be assembled for.");
            found.unless(!module.target || within(*module.target, -6, 6), "Module '" + module.name + "' is assembled for a theta that is not within -6 to 6.");
            found.unless(!module.from || within(*module.from, -6, 6), "Module '" + module.name + "' begins at a theta that is not within -6 to 6.");
        }
    }
    for (auto const& [name, panel] : panels_of(settings))
        for (auto s = std::size_t{0}; s < panel.size(); ++s) {
            auto const where = "Stage " + number(static_cast<long long>(s + 1)) + (name.empty() ? std::string{} : " of panel '" + name + "'");
            found.unless(!panel[s].empty(), where + " has no module.");
            check_routing(panel[s], where, found);
        }
}

/// A testlet stands in one module, whole.
void check_testlets_of_modules(ExamSettings const& settings, Findings& found)
{
    if (!settings.form) return;
    for (auto const& stage : settings.stages)
        for (auto const& module : stage.modules)
            for (auto const& testlet : settings.form->testlets) {
                auto const count = std::ranges::count_if(testlet.items, [&](auto const& item) { return std::ranges::find(module.items, item) != module.items.end(); });
                found.unless(count == 0 || count == std::ssize(testlet.items), "Module '" + module.name + "' has a part of testlet '" + testlet.name + "' only.");
            }
}

/// Every way through every panel, until one is wrong: each is a form.
void check_ways(ExamVersion const& version, assembly::Program const* program, Findings& found)
{
    constexpr auto ways_max = 10'000.0;
    auto const panels = panels_of(version.settings);
    auto ways = 0.0;
    for (auto const& [name, panel] : panels) {
        auto of_panel = 1.0;
        for (auto const& stage : panel) of_panel *= static_cast<double>(stage.size());
        ways += of_panel;
    }
    if (ways > ways_max) return found.unless(false, "There are more than 10000 ways through the stages: none of them could be checked.");
    for (auto const& [name, panel] : panels) {
        auto turn = std::vector<std::size_t>(panel.size(), 0);
        auto is_over = false;
        while (!is_over && found.empty()) {
            auto form = std::vector<std::string>{};
            auto words = std::string{};
            for (auto s = std::size_t{0}; s < panel.size(); ++s) {
                auto const& module = *panel[s][turn[s]];
                form.insert(form.end(), module.items.begin(), module.items.end());
                words += (s == 0 ? "'" : ", '") + module.name + "'";
            }
            check_one_form(version, program, form, "The way " + words, found);
            auto s = std::size_t{0};
            while (s < panel.size() && ++turn[s] == panel[s].size()) turn[s++] = 0;
            is_over = s == panel.size();
        }
    }
}

/// What the document fixes beforehand: the form of the mode linear, the modules of the mode stages.
void check_forms(ExamVersion const& version, Findings& found)
{
    auto const mode = version.settings.selection.mode;
    if (mode != SelectionMode::linear && mode != SelectionMode::stages) return;
    auto program = std::optional<assembly::Program>{};
    if (version.settings.form) {
        auto made = form_program(version);
        if (!made) return; // check_form says so
        program = std::move(*made);
    }
    auto const* rules = program ? &*program : nullptr;
    if (mode == SelectionMode::linear) return check_one_form(version, rules, version.settings.fixed_form.items, "The fixed form", found);
    for (auto const& stage : version.settings.stages)
        for (auto const& module : stage.modules) found.unless(!module.items.empty(), "Module '" + module.name + "' has no items.");
    check_testlets_of_modules(version.settings, found);
    if (found.empty()) check_ways(version, rules, found);
}

void check_form(ExamVersion const& version, Findings& found)
{
    auto const& form = *version.settings.form;
    auto positions = std::set<std::string_view>{};
    for (auto const& item : version.pool) positions.insert(item.identifier);
    auto passage_of = std::map<std::string_view, std::string_view>{};
    for (auto const& [passage, items] : form.passage_items)
        for (auto const& item : items) {
            found.unless(positions.contains(item), "Form rules: passage '" + passage + "' names item '" + item + "', which the pool does not have.");
            auto const [known, is_new] = passage_of.emplace(item, passage);
            found.unless(is_new, "Form rules: item '" + item + "' stands in the passages '" + std::string{known->second} + "' and '" + passage + "'.");
        }
    found.unless(form.words == assembly::Range{} || std::ranges::any_of(version.pool, [](auto const& item) { return item.words > 0; }),
                 "Form rules: words are limited, but no item says how many it has.");
    found.unless(form.seconds == assembly::Range{} || std::ranges::any_of(version.pool, [](auto const& item) { return item.seconds > 0; }),
                 "Form rules: the time of a form is limited, but no item says how many seconds it takes.");
    check_testlets(version, found);
    if (!found.empty()) return;
    auto const program = form_program(version);
    if (!program) return found.unless(false, "Form rules: " + program.error().what + ".");
    auto const solved = assembly::FormSolver{*program}.solve();
    if (!solved.chosen.empty()) return;
    auto const reasons = assembly::explain_infeasibility(*program);
    found.unless(!reasons.empty(), "Form rules: no form was found within the solver's bounds; fewer or wider constraints are needed.");
    for (auto const& reason : reasons) found.unless(false, "Form rules: " + reason + ".");
}

} // namespace

result<ItemModel> three_parameter_item(double a, double b, double c)
{
    if (!within(a, 0.05, 10) || !within(b, -10, 10) || !within(c, 0, 0.5)) return errc::invalid_parameters;
    return ItemModel::dichotomous(ModelKind::three_parameter, a, b, c);
}

Supply supply_of(ExamVersion const& version, std::span<std::uint8_t const> out)
{
    auto const& settings = version.settings;
    auto family_of = std::map<std::string_view, std::string_view>{};
    for (auto const& [family, items] : settings.families)
        for (auto const& item : items) family_of.emplace(item, family);
    auto supply = Supply{.items = 0, .areas = std::vector<int>(settings.blueprint.size())};
    auto counted = std::set<std::string_view>{};
    auto counted_in = std::set<std::pair<std::string_view, std::size_t>>{};
    for (auto i = std::size_t{0}; i < version.pool.size(); ++i) {
        if (!out.empty() && out[i] != 0) continue;
        auto const family = family_of.find(version.pool[i].identifier);
        auto const is_single = family == family_of.end();
        if (is_single || counted.insert(family->second).second) ++supply.items;
        auto const area = area_index(settings, version.pool[i].area);
        if (area && (is_single || counted_in.emplace(family->second, *area).second)) ++supply.areas[*area];
    }
    return supply;
}

std::string_view to_string(SelectionMode mode) noexcept
{
    switch (mode) {
    case SelectionMode::adaptive: return "adaptive";
    case SelectionMode::linear: return "linear";
    case SelectionMode::loft: return "loft";
    case SelectionMode::stages: return "stages";
    }
    return "";
}

bool is_valid(Prior const& prior) noexcept
{
    return prior.mean >= -3 && prior.mean <= 3 && prior.standard_deviation >= 0.3 && prior.standard_deviation <= 3;
}

std::size_t category_of(ItemModel const& model, double score, double max_score) noexcept
{
    auto const last = model.categories() - 1;
    if (score >= max_score) return last;
    if (last == 1 || !(score > 0)) return 0;
    auto const steps = score * static_cast<double>(last) / max_score + 1e-9;
    return std::min(static_cast<std::size_t>(steps), last);
}

adaptive::StopRules stop_rules(ExamSettings const& settings)
{
    auto const& further = settings.stop;
    return {.minimum = settings.length.minimum,
            .maximum = settings.length.maximum,
            .cut = settings.cut.logits,
            .standard_error = settings.standard_error_stop,
            .class_probability = further.class_probability,
            .sprt = further.sprt,
            .glr = further.glr,
            .confidence_z = further.confidence_z,
            .curtailment_z = further.curtailment_z,
            .minimum_information = further.minimum_information,
            .plateau = further.plateau,
            .all = further.all,
            .near_cut_z = settings.near_cut_z};
}

assembly::Blueprint form_blueprint(ExamSettings const& settings)
{
    EXPECTS(settings.form.has_value());
    auto const& form = *settings.form;
    auto blueprint = assembly::Blueprint{};
    blueprint.length = {static_cast<double>(settings.length.minimum), static_cast<double>(settings.length.maximum)};
    for (auto const& area : settings.blueprint) {
        auto range = assembly::Range{.minimum = static_cast<double>(area.minimum)};
        if (area.maximum) range.maximum = *area.maximum;
        blueprint.areas.emplace(area.area, range);
    }
    blueprint.types = form.types;
    blueprint.keys = form.keys;
    blueprint.words = form.words;
    blueprint.seconds = form.seconds;
    blueprint.passages = form.passages;
    blueprint.enemies = form.enemies;
    blueprint.friends = form.friends;
    blueprint.include = form.include;
    blueprint.exclude = form.exclude;
    return blueprint;
}

ItemBank form_bank(ExamVersion const& version)
{
    auto passage_of = std::map<std::string_view, std::string_view>{};
    if (version.settings.form)
        for (auto const& [passage, items] : version.settings.form->passage_items)
            for (auto const& item : items) passage_of[item] = passage;
    auto bank = ItemBank{};
    for (auto const& item : version.pool) {
        auto out = BankItem{};
        out.item = item.identifier;
        out.model = item.model;
        out.area = item.area;
        out.type = item.type;
        out.key = item.key;
        out.words = item.words;
        out.seconds = item.seconds;
        if (auto const found = passage_of.find(item.identifier); found != passage_of.end()) out.passage = found->second;
        bank.items.push_back(std::move(out));
    }
    return bank;
}

read_result<assembly::Program> form_program(ExamVersion const& version)
{
    auto blueprint = form_blueprint(version.settings);
    for (auto const& [family, items] : version.settings.families) blueprint.enemies.push_back(items);
    auto pretest = std::set<std::string_view>{};
    for (auto const& item : version.pretest) pretest.insert(item.identifier);
    for (auto& set : blueprint.enemies) std::erase_if(set, [&](std::string const& item) { return pretest.contains(item); });
    for (auto const& testlet : version.settings.form->testlets) blueprint.friends.push_back(testlet.items);
    return assembly::make_program(form_bank(version), blueprint);
}

namespace {

PoolItem const* find_in(std::vector<PoolItem> const& items, ItemId id) noexcept
{
    auto const found = std::lower_bound(items.begin(), items.end(), id, [](PoolItem const& item, ItemId const& wanted) { return item.id < wanted; });
    return found != items.end() && found->id == id ? &*found : nullptr;
}

} // namespace

PoolItem const* find_item(ExamVersion const& version, ItemId id) noexcept { return find_in(version.pool, id); }

PoolItem const* find_presentable(ExamVersion const& version, ItemId id) noexcept
{
    auto const* item = find_in(version.pool, id);
    return item != nullptr ? item : find_in(version.pretest, id);
}

std::map<std::string_view, std::size_t> places_in_pool(ExamVersion const& version)
{
    auto places = std::map<std::string_view, std::size_t>{};
    for (auto i = std::size_t{0}; i < version.pool.size(); ++i) places.emplace(version.pool[i].identifier, i);
    return places;
}

bool has_blocks(ExamSettings const& settings) noexcept { return settings.selection.mode == SelectionMode::stages || settings.block.items > 1; }

LengthRule presented_length(ExamSettings const& settings) noexcept
{
    auto length = settings.length;
    if (!settings.fixed_form.items.empty()) length.minimum = length.maximum = static_cast<int>(settings.fixed_form.items.size());
    return {.minimum = length.minimum + settings.pretest.slots, .maximum = length.maximum + settings.pretest.slots};
}

std::optional<std::size_t> area_index(ExamSettings const& settings, std::string_view area) noexcept
{
    for (auto a = std::size_t{0}; a < settings.blueprint.size(); ++a)
        if (settings.blueprint[a].area == area) return a;
    return std::nullopt;
}

std::vector<std::string> findings(ExamSettings const& settings)
{
    auto found = Findings{};
    check_blueprint(settings, found);
    found.unless(settings.length.minimum >= 1 && settings.length.minimum <= settings.length.maximum && settings.length.maximum <= 500,
                 "The length needs 1 <= minimum <= maximum <= 500.");
    found.unless(!settings.standard_error_stop || within(*settings.standard_error_stop, 0.15, 2), "The standard error stop is not within 0.15 to 2 logits.");
    found.unless(within(settings.cut.logits, -4, 4), "The cut is not within -4 to 4 logits.");
    found.unless(within(settings.near_cut_z, 0, 4), "The near-cut z is not within 0 to 4.");
    found.unless(settings.randomesque.candidates >= 1 && settings.randomesque.candidates <= 100 && settings.randomesque.items >= 0 &&
                     settings.randomesque.items <= 500,
                 "The random start needs 1 to 100 candidates and 0 to 500 items.");
    found.unless(!settings.time_limit || (settings.time_limit->count() >= 60 && settings.time_limit->count() <= 86400),
                 "The time limit is not within 60 seconds to 24 hours.");
    auto const& clock = settings.clock;
    found.unless(clock.disconnect_credit_each.count() >= 0 && clock.disconnect_credit_each <= clock.disconnect_credit_total &&
                     clock.disconnect_credit_total.count() <= 86400,
                 "The disconnect credits need 0 <= each <= total <= 24 hours.");
    found.unless(clock.breaks_max >= 0 && clock.breaks_max <= 20 && clock.break_each.count() >= 0 && clock.break_each.count() <= 86400,
                 "The breaks need a count of 0 to 20 and a length of at most 24 hours.");
    found.unless(settings.area_feedback_minimum >= 1 && settings.area_feedback_minimum <= 500,
                 "The area feedback minimum is not within 1 to 500 items.");
    check_engine(settings, found);
    check_fixed_form(settings, found);
    check_stages(settings, found);
    check_scale(settings, found);
    return found.take();
}

std::vector<std::string> findings(ExamVersion const& version)
{
    auto found = Findings{};
    found.unless(!version.identifier.empty(), "The exam version has no identifier.");
    found.unless(!version.title.empty(), "The exam version has no title.");
    found.unless(!version.language.empty(), "The exam version has no language.");
    check_pool(version, found);
    check_pretest(version, found);
    check_families(version, found);
    auto all = findings(version.settings);
    for (auto& sentence : found.take()) all.push_back(std::move(sentence));
    if (!all.empty()) return all;
    auto form = Findings{};
    if (version.settings.form) check_form(version, form); // last: a form is only worth seeking where everything else holds
    if (form.empty()) check_forms(version, form);
    return form.take();
}

std::vector<std::string> production_findings(ExamVersion const& version)
{
    auto found = Findings{};
    found.unless(version.settings.standard_setting.has_value(), "The cut rests on no standard-setting record.");
    auto const provisional =
        std::count_if(version.pool.begin(), version.pool.end(), [](PoolItem const& item) { return item.provisional; });
    found.unless(provisional == 0, number(provisional) + " items have provisional parameters.");
    if (version.settings.form)
        for (auto const& testlet : version.settings.form->testlets)
            found.unless(!testlet.provisional, "The testlet '" + testlet.name + "' has provisional parameters.");
    return found.take();
}

double scaled_score(ExamSettings const& settings, Theta theta) noexcept
{
    auto const& line = settings.scale;
    auto rounded = round_to_step(line, theta);
    auto const cut = round_to_step(line, settings.cut);
    if (theta < settings.cut && rounded >= cut) rounded = cut - line.step;
    return std::clamp(rounded, line.minimum, line.maximum) + 0.0;
}

} // namespace assay::exam
