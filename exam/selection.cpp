#include "exam/selection.hpp"

#include "exam/assembly/shadow.hpp"
#include "exam/errors.hpp"

#include <algorithm>
#include <map>

namespace assay::exam {
namespace {

struct Area {
    int administered = 0;
    std::vector<std::uint32_t> free;
};

/// The indices of the areas that may give the next item (rules 1 and 2 of the header).
std::vector<std::size_t> areas_in_turn(ExamSettings const& settings, std::vector<Area> const& areas, int administered)
{
    auto shares = std::int64_t{0};
    auto lacking = 0;
    for (auto a = std::size_t{0}; a < areas.size(); ++a) {
        shares += settings.blueprint[a].share;
        lacking += std::max(0, settings.blueprint[a].minimum - areas[a].administered);
    }
    auto const only_lacking = lacking > 0 && settings.length.minimum - administered <= lacking;

    auto turn = std::vector<std::size_t>{};
    auto furthest = std::int64_t{0};
    for (auto a = std::size_t{0}; a < areas.size(); ++a) {
        auto const& wanted = settings.blueprint[a];
        if (areas[a].free.empty() || (only_lacking && areas[a].administered >= wanted.minimum)) continue;
        auto const behind = std::int64_t{wanted.share} * (administered + 1) - areas[a].administered * shares;
        if (turn.empty() || behind > furthest) {
            turn = {a};
            furthest = behind;
        } else if (behind == furthest) {
            turn.push_back(a);
        }
    }
    // Bans may leave the lacking areas empty; the run then goes on with the others, and the outcome says that a minimum was not met.
    if (turn.empty() && only_lacking)
        for (auto a = std::size_t{0}; a < areas.size(); ++a)
            if (!areas[a].free.empty()) turn.push_back(a);
    return turn;
}

class Selecting {
public:
    Selecting(PreparedExam const& exam, SelectionContext const& context)
        : exam_{exam}, settings_{exam.settings()}, context_{context}, random_{random_stream(context.seed, ordinal())},
          out_(exam.version().pool.size(), 0), kept_away_(out_.size(), 0), enemies_(out_.size(), 0)
    {
    }

    result<ItemId> operator()()
    {
        for (auto const& id : context_.administered) {
            auto const at = exam_.position(id);
            if (!at) return errc::item_not_in_pool;
            administered_.push_back(*at);
            out_[*at] = 1;
        }
        for (auto const& id : context_.banned) mark(id, out_);
        if (settings_.exposure.rule == adaptive::ExposureRule::priority && context_.ineligible.size() == adaptive::use_levels) {
            weights_.assign(exam_.tables().items().size(), adaptive::priority_weight(0));
            for (auto level = std::size_t{1}; level <= adaptive::use_levels; ++level)
                for (auto const& id : context_.ineligible[level - 1])
                    if (auto const at = exam_.position(id)) weights_[*at] = adaptive::priority_weight(level);
            for (auto const& id : context_.ineligible.back()) mark(id, kept_away_);
        } else if (!context_.ineligible.empty()) {
            auto const band = context_.ineligible.size() == 1 ? 0 : adaptive::theta_band(context_.theta.logits);
            for (auto const& id : context_.ineligible[band]) mark(id, kept_away_);
        }
        if (settings_.exposure.rule == adaptive::ExposureRule::sympson_hetter) hold_lottery();
        for (auto const& id : context_.pretested)
            for (auto const& enemy : exam_.enemies_of(id)) mark(enemy, enemies_);
        if (exam_.program() == nullptr) // which else has a row for them
            for (auto const& id : context_.administered)
                for (auto const& sibling : exam_.enemies_of(id)) mark(sibling, out_);
        for (auto const& testlet : exam_.testlets()) keep_together(testlet);
        auto const best = exam_.program() != nullptr ? of_shadow_test() : of_areas_in_turn();
        if (!best) return best.error();
        return exam_.version().pool[*best].id;
    }

private:
    std::uint64_t ordinal() const noexcept { return context_.administered.size() + 1; }

    void mark(ItemId id, std::vector<std::uint8_t>& flags) const
    {
        if (auto const at = exam_.position(id)) flags[*at] = 1;
    }

    /// Sympson-Hetter: whether an item passes does not depend on when it is selected, so it is drawn once a sitting; who fails is out of it, not only this time.
    void hold_lottery()
    {
        for (auto i = std::size_t{0}; i < kept_away_.size(); ++i)
            kept_away_[i] |= lottery_stream(context_.seed, i).uniform() >= exam_.version().pool[i].administration_probability;
    }

    /// A testlet is presented whole or not at all; whether exposure control keeps it away, or lets it count for less, is said of its first item.
    void keep_together(PreparedTestlet const& testlet)
    {
        auto const any = [&](std::vector<std::uint8_t> const& flags) { return std::any_of(testlet.items.begin(), testlet.items.end(), [&](auto i) { return flags[i] != 0; }); };
        auto const is_out = any(out_);
        auto const is_enemy = any(enemies_);
        for (auto const item : testlet.items) {
            out_[item] = is_out;
            enemies_[item] = is_enemy;
            kept_away_[item] = kept_away_[testlet.items.front()];
        }
        if (!weights_.empty()) weights_[testlet.model] = weights_[testlet.items.front()];
    }

    /// What the criterion says of the free items, a testlet's share standing for each of its items.
    std::vector<adaptive::Ranked> ranked_free_items(adaptive::SelectionOptions const& how)
    {
        auto free = std::vector<std::uint32_t>{};
        for (auto i = std::uint32_t{0}; i < out_.size(); ++i)
            if (out_[i] == 0 && exam_.testlet_of(i) == nullptr) free.push_back(i);
        for (auto const& testlet : exam_.testlets())
            if (out_[testlet.items.front()] == 0) free.push_back(static_cast<std::uint32_t>(testlet.model));
        auto values = adaptive::valued(exam_.tables(), free, state(), how, random_);
        auto const now = context_.posterior.moments(exam_.tables()).standard_deviation;
        for (auto n = values.size(); n-- > 0;) {
            if (values[n].item < out_.size()) continue;
            auto const& testlet = exam_.testlets()[values[n].item - out_.size()];
            auto const share = adaptive::share_of_one(values[n].value, static_cast<int>(testlet.items.size()), how.criterion, now * now);
            values.erase(values.begin() + static_cast<std::ptrdiff_t>(n));
            for (auto const item : testlet.items) values.push_back({item, share});
        }
        return values;
    }

    /// The items that a presentation may begin with: of a testlet its first.
    std::vector<std::size_t> beginnings(std::vector<std::size_t> const& items) const
    {
        auto begin = std::vector<std::size_t>{};
        for (auto const item : items) {
            auto const* testlet = exam_.testlet_of(item);
            auto const first = testlet == nullptr ? item : testlet->items.front();
            if (std::find(begin.begin(), begin.end(), first) == begin.end()) begin.push_back(first);
        }
        return begin;
    }

    adaptive::SelectionOptions options() const
    {
        auto const& rule = settings_.selection;
        auto const starts = rule.start && context_.administered.size() < static_cast<std::size_t>(rule.start_items);
        return selection_options(settings_, starts ? *rule.start : rule.criterion);
    }

    adaptive::SelectionState state() const
    {
        return {.posterior = context_.posterior, .theta = context_.theta.logits, .answered = static_cast<int>(context_.administered.size()), .weights = weights_, .sizes = exam_.sizes()};
    }

    /// Among how many of the best the next item is drawn.
    std::size_t drawn_among(adaptive::SelectionOptions const& options) const
    {
        if (settings_.exposure.rule == adaptive::ExposureRule::sympson_hetter) return 1; // its lottery is the draw
        auto const& rule = settings_.randomesque;
        auto const at_random = options.criterion == adaptive::Criterion::randomesque || context_.administered.size() < static_cast<std::size_t>(rule.items);
        return static_cast<std::size_t>(at_random ? rule.candidates : 1);
    }

    /// One of the best, best first, by draw.
    std::size_t one_of(std::span<std::size_t const> best, adaptive::SelectionOptions const& options)
    {
        auto const count = std::min(best.size(), drawn_among(options));
        return best[draw(context_.seed, ordinal(), static_cast<std::uint32_t>(count))];
    }

    /// The area has not its minimum, and nothing is left for it but siblings of pretest items that were presented.
    bool lacks(std::size_t area, Area const& so_far) const
    {
        return so_far.administered < settings_.blueprint[area].minimum && std::all_of(so_far.free.begin(), so_far.free.end(), [&](auto i) { return enemies_[i] != 0; });
    }

    result<std::size_t> of_areas_in_turn()
    {
        auto const& pool = exam_.version().pool;
        auto areas = std::vector<Area>(settings_.blueprint.size());
        for (auto i = std::uint32_t{0}; i < pool.size(); ++i)
            if (auto const area = area_index(settings_, pool[i].area); area && out_[i] == 0 && enemies_[i] == 0) areas[*area].free.push_back(i);
        for (auto const item : administered_) {
            auto const area = area_index(settings_, pool[item].area);
            if (!area) return errc::item_not_in_pool;
            ++areas[*area].administered;
        }
        for (auto i = std::uint32_t{0}; i < pool.size(); ++i) // a minimum comes before a pretest item
            if (auto const area = area_index(settings_, pool[i].area); area && out_[i] == 0 && enemies_[i] != 0 && lacks(*area, areas[*area])) areas[*area].free.push_back(i);
        auto candidates = std::vector<std::uint32_t>{};
        for (auto const a : areas_in_turn(settings_, areas, static_cast<int>(administered_.size())))
            candidates.insert(candidates.end(), areas[a].free.begin(), areas[a].free.end());
        if (candidates.empty()) return errc::bank_exhausted;
        auto const kept_away = [&](std::uint32_t i) { return kept_away_[i] != 0; };
        if (!std::all_of(candidates.begin(), candidates.end(), kept_away)) std::erase_if(candidates, kept_away);
        std::sort(candidates.begin(), candidates.end());
        auto const how = options();
        auto best = std::vector<std::size_t>{};
        for (auto const& each : adaptive::best(exam_.tables(), candidates, state(), how, random_, drawn_among(how))) best.push_back(each.item);
        return one_of(best, how);
    }

    result<std::size_t> of_shadow_test()
    {
        if (std::find(out_.begin(), out_.end(), 0) == out_.end()) return errc::bank_exhausted;
        auto const how = options();
        auto const values = adaptive::form_values(ranked_free_items(how), kept_away_, how.criterion);
        auto without = out_;
        for (auto i = std::size_t{0}; i < without.size(); ++i) without[i] |= enemies_[i];
        auto shadow = std::optional<assembly::ShadowTest>{};
        shadow.emplace(*exam_.program(), without, administered_, values);
        auto const needs_enemy = [&](std::size_t i) { return enemies_[i] != 0 && out_[i] == 0 && shadow->form()[i] != 0; };
        if (shadow->feasible())
            for (auto i = std::size_t{0}; i < out_.size(); ++i)
                if (needs_enemy(i)) { // no form is left without them: a scored form comes before a pretest item
                    shadow.emplace(*exam_.program(), out_, administered_, values);
                    break;
                }
        if (!shadow->feasible()) return errc::bank_exhausted;
        auto const best = beginnings(shadow->next(values, context_.completing, out_.size()));
        if (best.empty()) return errc::form_complete;
        return one_of(best, how);
    }

    PreparedExam const& exam_;
    ExamSettings const& settings_;
    SelectionContext const& context_;
    adaptive::Random random_;
    std::vector<std::uint8_t> out_;       // by place in the pool: administered or banned, siblings of what was administered
    std::vector<std::uint8_t> kept_away_; // ineligible
    std::vector<double> weights_;         // priority: by place in the tables
    std::vector<std::uint8_t> enemies_;   // of a pretest item that was presented, siblings among them
    std::vector<std::size_t> administered_;
};

std::uint64_t hashed(std::string_view domain, Seed const& seed, std::uint64_t ordinal, std::size_t bytes)
{
    auto message = to_bytes(domain);
    message.push_back(std::byte{0});
    append(message, ByteView{seed});
    append_big_endian(message, ordinal, 8);
    auto const digest = sha256(ByteView{message});
    auto number = std::uint64_t{0};
    for (auto i = std::size_t{0}; i < bytes; ++i) number = number << 8 | std::to_integer<std::uint64_t>(digest.octets[i]);
    return number;
}

} // namespace

static_assert(adaptive::use_levels == adaptive::theta_bands, "one shape of lists in the events serves both rules");

bool is_valid(Ineligible const& ineligible) noexcept
{
    return ineligible.size() <= 1 || ineligible.size() == adaptive::theta_bands;
}

bool is_valid(PretestWeights const& weights) noexcept
{
    for (auto i = std::size_t{0}; i < weights.size(); ++i) {
        if (!(weights[i].weight > 0 && weights[i].weight <= 1e6)) return false;
        if (i > 0 && weights[i].item <= weights[i - 1].item) return false;
    }
    return true;
}

adaptive::SelectionOptions selection_options(ExamSettings const& settings, adaptive::Criterion criterion)
{
    auto const& rule = settings.selection;
    return {.criterion = criterion,
            .cut = settings.cut.logits,
            .predictive_from_posterior = rule.predictive_from_posterior,
            .expected_information = rule.expected_information,
            .strata = rule.strata,
            .length = settings.length.maximum,
            .acceleration = rule.acceleration,
            .best = settings.randomesque.candidates};
}

result<ItemId> select_next_item(PreparedExam const& exam, SelectionContext const& context) { return Selecting{exam, context}(); }

namespace {

using Places = std::vector<std::size_t>;

/// What is presented together, in the order of first appearance: testlets, passages, single items. A testlet's items in its own order.
std::vector<Places> groups_of(PreparedExam const& exam, Places const& items)
{
    auto const& pool = exam.version().pool;
    auto passage_of = std::map<std::string_view, std::string_view>{};
    if (exam.settings().form)
        for (auto const& [passage, members] : exam.settings().form->passage_items)
            for (auto const& item : members) passage_of[item] = passage;
    auto groups = std::vector<Places>{};
    auto of_passage = std::map<std::string_view, std::size_t>{};
    for (auto const item : items) {
        auto const* testlet = exam.testlet_of(item);
        if (testlet != nullptr && std::find(items.begin(), items.end(), item) > std::find_first_of(items.begin(), items.end(), testlet->items.begin(), testlet->items.end())) continue;
        auto const unit = testlet != nullptr ? testlet->items : Places{item};
        auto const passage = passage_of.find(pool[item].identifier);
        if (passage == passage_of.end()) {
            groups.push_back(unit);
            continue;
        }
        auto const [known, is_new] = of_passage.emplace(passage->second, groups.size());
        if (is_new) groups.emplace_back();
        groups[known->second].insert(groups[known->second].end(), unit.begin(), unit.end());
    }
    return groups;
}

Places places_of(std::span<std::uint8_t const> chosen)
{
    auto places = Places{};
    for (auto i = std::size_t{0}; i < chosen.size(); ++i)
        if (chosen[i] != 0) places.push_back(i);
    return places;
}

/// The chosen items by place; empty where no form was found.
Places assembled(PreparedExam const& exam, Ineligible const& ineligible, std::span<ItemId const> banned, Seed const& seed)
{
    constexpr auto limits = assembly::SolverLimits{.nodes = 2'000, .gap = 0.01};
    auto const& settings = exam.settings();
    auto values = exam.information(settings.cut);
    auto const largest = *std::max_element(values.begin(), values.end());
    auto random = form_stream(seed, 0);
    auto const randomness = settings.fixed_form.randomness;
    auto worth = [&](double value) { return (1 - randomness) * (value / largest) + randomness * random.uniform(); };
    for (auto i = std::size_t{0}; i < values.size(); ++i)
        if (exam.testlet_of(i) == nullptr) values[i] = worth(values[i]);
    for (auto const& testlet : exam.testlets()) {
        auto const value = worth(values[testlet.items.front()]);
        for (auto const item : testlet.items) values[item] = value;
    }
    if (!ineligible.empty())
        for (auto const& id : ineligible[ineligible.size() == 1 ? 0 : adaptive::theta_band(settings.cut.logits)])
            if (auto const at = exam.position(id)) values[*at] -= 10;
    auto solver = assembly::FormSolver{*exam.program()};
    solver.set_values(values);
    for (auto const& id : banned)
        if (auto const at = exam.position(id)) solver.fix(*at, 0, 0);
    auto chosen = solver.solve(limits).chosen;
    if (!chosen.empty()) return places_of(chosen);
    for (auto const& id : banned)
        if (auto const at = exam.position(id)) solver.fix(*at, exam.program()->low[*at], exam.program()->high[*at]);
    return places_of(solver.solve(limits).chosen);
}

} // namespace

result<std::vector<ItemId>> draw_form(PreparedExam const& exam, Ineligible const& ineligible, std::span<ItemId const> banned, Seed const& seed)
{
    auto const& settings = exam.settings();
    auto const& pool = exam.version().pool;
    auto form = std::vector<ItemId>{};
    if (settings.selection.mode == SelectionMode::adaptive || settings.selection.mode == SelectionMode::stages) return form;
    auto items = Places{};
    if (settings.selection.mode == SelectionMode::loft) {
        items = assembled(exam, ineligible, banned, seed);
    } else {
        auto const places = places_in_pool(exam.version());
        for (auto const& item : settings.fixed_form.items) items.push_back(places.at(item));
    }
    if (items.empty()) return errc::bank_exhausted;
    if (settings.selection.mode == SelectionMode::linear && !settings.fixed_form.shuffled) {
        for (auto const item : items) form.push_back(pool[item].id);
        return form;
    }
    auto groups = groups_of(exam, items);
    auto random = form_stream(seed, 1);
    for (auto n = groups.size(); n > 1; --n) std::swap(groups[n - 1], groups[random.below(n)]); // Fisher and Yates
    for (auto const& group : groups)
        for (auto const item : group) form.push_back(pool[item].id);
    return form;
}

result<ItemId> next_of_form(PreparedExam const& exam, std::span<ItemId const> form, std::span<ItemId const> presented, std::span<ItemId const> banned)
{
    auto const in = [](std::span<ItemId const> items, ItemId id) { return std::find(items.begin(), items.end(), id) != items.end(); };
    auto const& pool = exam.version().pool;
    for (auto const& id : form) {
        if (in(presented, id) || in(banned, id)) continue;
        auto const* testlet = exam.testlet_of(exam.position(id).value());
        if (testlet == nullptr) return id;
        // An item of a testlet that is not its first comes by itself only where the testlet was broken off.
        if (std::none_of(testlet->items.begin(), testlet->items.end(), [&](auto item) { return in(presented, pool[item].id) || in(banned, pool[item].id); })) return id;
    }
    return errc::form_complete;
}

std::vector<std::string> best_form(ExamVersion version)
{
    if (!version.settings.form) version.settings.form.emplace();
    version.settings.selection.mode = SelectionMode::adaptive;
    version.settings.fixed_form = {};
    if (!findings(version).empty()) return {}; // they say why
    auto const exam = PreparedExam{std::move(version)};
    auto solver = assembly::FormSolver{*exam.program()};
    solver.set_values(exam.information(exam.settings().cut));
    auto form = std::vector<std::string>{};
    for (auto const& group : groups_of(exam, places_of(solver.solve({.nodes = 2'000, .gap = 1e-3}).chosen)))
        for (auto const item : group) form.push_back(exam.version().pool[item].identifier);
    return form;
}

std::vector<std::uint32_t> pretest_ordinals(ExamSettings const& settings, Seed const& seed)
{
    auto ordinals = std::vector<std::uint32_t>{};
    auto wanted = static_cast<std::size_t>(settings.pretest.slots);
    if (wanted == 0) return ordinals;
    // Each ordinal in turn is taken with probability (slots still wanted) / (ordinals still left): Knuth's algorithm S.
    auto random = pretest_stream(seed, 0);
    auto const last = static_cast<std::uint32_t>(settings.length.minimum + settings.pretest.slots - 1);
    for (auto ordinal = std::uint32_t{1}; wanted > 0; ++ordinal)
        if (random.below(last - ordinal + 1) < wanted) {
            ordinals.push_back(ordinal);
            --wanted;
        }
    return ordinals;
}

std::optional<ItemId> select_pretest_item(PreparedExam const& exam, PretestWeights const& weights, std::span<ItemId const> presented, std::span<ItemId const> banned,
                                          Seed const& seed, std::uint32_t ordinal)
{
    auto const in = [](std::span<ItemId const> items, ItemId id) { return std::find(items.begin(), items.end(), id) != items.end(); };
    auto free = PretestWeights{};
    auto total = 0.0;
    for (auto const& candidate : weights) {
        auto const enemies = exam.enemies_of(candidate.item);
        auto const had_an_enemy = std::any_of(presented.begin(), presented.end(), [&](ItemId id) { return std::binary_search(enemies.begin(), enemies.end(), id); });
        if (in(banned, candidate.item) || in(presented, candidate.item) || had_an_enemy) continue;
        free.push_back(candidate);
        total += candidate.weight;
    }
    if (free.empty()) return std::nullopt;
    auto const point = pretest_stream(seed, ordinal).uniform() * total;
    auto sum = 0.0;
    for (auto const& candidate : free)
        if (point < (sum += candidate.weight)) return candidate.item;
    return free.back().item; // the same sum in the same order: only a rounded product can reach it
}

std::vector<ItemId> with_families(PreparedExam const& exam, std::span<ItemId const> items)
{
    auto const& version = exam.version();
    auto all = std::vector<ItemId>(items.begin(), items.end());
    if (!version.settings.families.empty()) {
        auto ids = std::map<std::string_view, ItemId>{};
        for (auto const* list : {&version.pool, &version.pretest})
            for (auto const& item : *list) ids.emplace(item.identifier, item.id);
        for (auto const& [family, members] : version.settings.families) {
            auto siblings = std::vector<ItemId>{};
            for (auto const& member : members)
                if (auto const known = ids.find(member); known != ids.end()) siblings.push_back(known->second);
            if (std::find_first_of(siblings.begin(), siblings.end(), items.begin(), items.end()) != siblings.end()) all.insert(all.end(), siblings.begin(), siblings.end());
        }
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

namespace {

/// A panel of which no module has an item that is out.
bool has_untouched_panel(PreparedExam const& exam, std::span<std::uint8_t const> out)
{
    auto untouched = std::map<std::string_view, bool>{};
    for (auto const& stage : exam.stages())
        for (auto const& module : stage) {
            auto const whole = std::none_of(module.items.begin(), module.items.end(), [&](auto item) { return out[item] != 0; });
            auto const [known, is_new] = untouched.emplace(module.rule->panel, whole);
            known->second = known->second && whole;
        }
    return std::any_of(untouched.begin(), untouched.end(), [](auto const& panel) { return panel.second; });
}

} // namespace

bool suffices_without(PreparedExam const& exam, std::span<ItemId const> banned)
{
    auto out = std::vector<std::uint8_t>(exam.version().pool.size(), 0);
    for (auto const& id : banned)
        if (auto const at = exam.position(id)) out[*at] = 1;
    auto const& settings = exam.settings();
    auto const left = supply_of(exam.version(), out);
    if (settings.selection.mode == SelectionMode::linear) { // the pool has one form
        auto const& form = settings.fixed_form.items;
        for (auto i = std::size_t{0}; i < out.size(); ++i)
            if (out[i] != 0 && std::find(form.begin(), form.end(), exam.version().pool[i].identifier) != form.end()) return false;
        return true;
    }
    if (settings.selection.mode == SelectionMode::stages) return has_untouched_panel(exam, out);
    if (left.items < settings.length.maximum) return false;
    for (auto a = std::size_t{0}; a < left.areas.size(); ++a)
        if (left.areas[a] < settings.blueprint[a].minimum) return false;
    if (exam.program() == nullptr) return true;
    auto solver = assembly::FormSolver{*exam.program()};
    for (auto i = std::size_t{0}; i < out.size(); ++i)
        if (out[i] != 0) solver.fix(i, 0, 0);
    return !solver.solve().chosen.empty();
}

bool is_complete(PreparedExam const& exam, std::span<ItemId const> items)
{
    auto const& settings = exam.settings();
    auto chosen = std::vector<std::uint8_t>(exam.version().pool.size(), 0);
    auto counts = std::vector<int>(settings.blueprint.size());
    for (auto const& id : items) {
        auto const at = exam.position(id).value();
        chosen[at] = 1;
        ++counts[area_index(settings, exam.version().pool[at].area).value()];
    }
    for (auto a = std::size_t{0}; a < counts.size(); ++a)
        if (counts[a] < settings.blueprint[a].minimum) return false;
    return exam.program() == nullptr || assembly::is_complete(*exam.program(), chosen);
}

std::vector<std::string> warnings(ExamVersion const& version)
{
    if (!version.settings.retake_excludes_seen) return {};
    // The first sitting of the worst case: as long as it may be, of the items that are best at the cut.
    auto const exam = PreparedExam{version};
    auto order = std::vector<std::pair<double, ItemId>>{};
    auto const values = exam.information(version.settings.cut);
    for (auto i = std::size_t{0}; i < values.size(); ++i) order.emplace_back(-values[i], version.pool[i].id);
    std::sort(order.begin(), order.end());
    auto seen = std::vector<ItemId>{};
    if (version.settings.selection.mode == SelectionMode::linear) {
        for (auto const& item : version.pool)
            if (std::ranges::count(version.settings.fixed_form.items, item.identifier) > 0) seen.push_back(item.id);
    } else if (version.settings.selection.mode == SelectionMode::stages) {
        for (auto const& stage : exam.stages())
            for (auto const& module : stage)
                if (module.rule->panel == exam.stages().front().front().rule->panel)
                    for (auto const item : module.items) seen.push_back(version.pool[item].id);
    } else if (exam.program() != nullptr) {
        auto solver = assembly::FormSolver{*exam.program()};
        solver.set_values(values);
        auto const form = solver.solve({.nodes = 200, .gap = 0.01}).chosen;
        for (auto i = std::size_t{0}; i < form.size(); ++i)
            if (form[i] != 0) seen.push_back(version.pool[i].id);
    } else {
        for (auto const& [value, id] : order) {
            auto const siblings = exam.enemies_of(id);
            auto const has_sibling = std::any_of(seen.begin(), seen.end(), [&](ItemId other) { return std::binary_search(siblings.begin(), siblings.end(), other); });
            if (!has_sibling && std::cmp_less(seen.size(), version.settings.length.maximum)) seen.push_back(id);
        }
    }
    if (suffices_without(exam, with_families(exam, seen))) return {};
    return {"The pool (" + std::to_string(supply_of(version, {}).items) + " items" + (version.settings.families.empty() ? "" : ", siblings counted once") + ") is too small for a retake without the items of a first sitting: then items are asked again."};
}

std::uint32_t draw(Seed const& seed, std::uint64_t ordinal, std::uint32_t bound)
{
    EXPECTS(bound >= 1 && bound <= 0x10000);
    return static_cast<std::uint32_t>(hashed("assay.exam.selection.v1", seed, ordinal, 4) * bound >> 32);
}

adaptive::Random random_stream(Seed const& seed, std::uint64_t ordinal) { return adaptive::Random{hashed("assay.exam.stream.v1", seed, ordinal, 8)}; }
adaptive::Random lottery_stream(Seed const& seed, std::uint64_t place) { return adaptive::Random{hashed("assay.exam.lottery.v1", seed, place, 8)}; }
adaptive::Random form_stream(Seed const& seed, std::uint64_t ordinal) { return adaptive::Random{hashed("assay.exam.form.v1", seed, ordinal, 8)}; }
adaptive::Random pretest_stream(Seed const& seed, std::uint64_t ordinal) { return adaptive::Random{hashed("assay.exam.pretest.v1", seed, ordinal, 8)}; }

} // namespace assay::exam
