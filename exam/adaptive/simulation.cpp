#include "exam/adaptive/simulation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace assay::exam::adaptive {
namespace {

// Streams of one seed that must not share numbers.
constexpr auto answers_stream = std::uint64_t{0x616e7377657273};
constexpr auto selection_stream = std::uint64_t{0x73656c656374};

/// Where a person's answers come from.
using Answerer = std::function<Category(std::size_t item)>;

Category draw_category(ItemModel const& item, double theta, Random& random)
{
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    item.evaluate({theta}, std::span{terms}.first(item.categories()));
    auto const u = random.uniform();
    auto sum = 0.0;
    for (auto k = std::size_t{0}; k + 1 < item.categories(); ++k) {
        sum += terms[k].probability;
        if (u < sum) return static_cast<Category>(k);
    }
    return static_cast<Category>(item.categories() - 1);
}

/// The sitting of one person.
class Sitting {
public:
    Sitting(BankTables const& tables, Scorer& scorer, SimulationOptions const& options, assembly::Program const* program, ExposureControl const& exposure, Random random)
        : tables_{tables}, scorer_{scorer}, options_{options}, exposure_{exposure}, program_{program}, random_{random}, bans_{exposure.draw(random_)},
          posterior_{tables, options.scoring.prior}, row_(tables.items().size(), not_administered), free_(tables.items().size(), 1), selected_(tables.items().size(), 0)
    {
        if (options.stop.sprt) sprt_.emplace(*options.stop.sprt, options.stop.cut);
        if (options.stop.glr) glr_.emplace(*options.stop.glr, options.stop.cut);
        for (auto const level : bans_.level) weights_.push_back(priority_weight(level));
        for (auto i = std::size_t{0}; i < options.sizes.size(); ++i) free_[i] = options.sizes[i] > 0;
        estimate();
    }

    /// Items that have no answer to give.
    void withhold(std::size_t item) { free_[item] = 0; }

    SimulatedPerson run(Answerer const& answer)
    {
        if (program_ != nullptr) {
            auto excluded = std::vector<std::uint8_t>(free_.size());
            for (auto i = std::size_t{0}; i < free_.size(); ++i) excluded[i] = free_[i] == 0;
            shadow_.emplace(*program_, excluded);
            if (!shadow_->feasible()) shadow_.reset(); // recorded answers may not hold a form: what is broken then is said
        }
        while (true) {
            if (learned_ == person_.items.size() && stop()) break;
            auto const item = choose();
            if (!item) {
                learn();
                person_.reasons = {program_ != nullptr && shadow_ ? StopReason::complete : StopReason::bank_exhausted};
                break;
            }
            administer(*item, answer(*item));
        }
        person_.estimate = estimate_;
        person_.passed = estimate_.theta.value_or(-1e300) >= options_.stop.cut;
        if (program_ != nullptr) person_.broken = assembly::broken_rows(*program_, used());
        return std::move(person_);
    }

    SittingRecord record() const { return {record_.items, record_.thetas}; }
    Bans const& bans() const { return bans_; }
    /// Sympson-Hetter: the items that selection named, administered or not.
    std::vector<std::uint8_t> const& selected() const { return selected_; }

private:
    int answered() const { return answered_; }
    int size(std::size_t item) const { return options_.sizes.empty() ? 1 : options_.sizes[item]; }
    SelectionState state() const { return {.posterior = posterior_, .theta = theta_, .answered = answered(), .weights = weights_, .sizes = options_.sizes}; }

    std::vector<std::uint8_t> used() const
    {
        auto chosen = std::vector<std::uint8_t>(tables_.items().size(), 0);
        for (auto const i : record_.items) chosen[i] = 1;
        return chosen;
    }

    /// Banned items are out unless nothing else is left.
    std::vector<std::uint32_t> eligible() const
    {
        auto items = std::vector<std::uint32_t>{};
        for (auto i = std::uint32_t{0}; i < free_.size(); ++i)
            if (free_[i] != 0 && !bans_.at(i, theta_)) items.push_back(i);
        if (items.empty())
            for (auto i = std::uint32_t{0}; i < free_.size(); ++i)
                if (free_[i] != 0) items.push_back(i);
        return items;
    }

    SelectionOptions selection() const
    {
        auto selection = options_.selection;
        if (options_.start && answered() < options_.start_items) selection.criterion = *options_.start;
        return selection;
    }

    std::size_t candidates(SelectionOptions const& selection) const
    {
        if (options_.exposure.rule == ExposureRule::randomesque && answered() < options_.exposure.items) return static_cast<std::size_t>(options_.exposure.best);
        return selection.criterion == Criterion::randomesque ? static_cast<std::size_t>(selection.best) : 1;
    }

    std::optional<std::size_t> choose()
    {
        auto const how = selection();
        auto const few = candidates(how);
        if (shadow_) {
            auto const best = shadow_->next(worth(how), lacking_, few);
            if (best.empty()) return std::nullopt;
            return best[best.size() == 1 ? 0 : random_.below(best.size())];
        }
        auto const plain = options_.sizes.empty() && how.criterion == Criterion::mfi && few == 1 && options_.exposure.rule != ExposureRule::sympson_hetter;
        if (plain && bans_.banned.empty()) {
            auto const best = most_informative(tables_, free_, theta_);
            return best ? std::optional{best->item} : std::nullopt;
        }
        auto const lottery = options_.exposure.rule == ExposureRule::sympson_hetter;
        auto const ranked = options_.sizes.empty() ? best(tables_, eligible(), state(), how, random_, lottery ? free_.size() : few) : best_an_item(how, lottery ? free_.size() : few);
        if (ranked.empty()) return std::nullopt;
        if (lottery) return sympson_hetter(ranked);
        return ranked[few == 1 ? 0 : random_.below(ranked.size())].item;
    }

    /// The best by what they are worth an item.
    std::vector<Ranked> best_an_item(SelectionOptions const& how, std::size_t count)
    {
        auto const now = posterior_.moments(tables_).standard_deviation;
        auto ranked = valued(tables_, eligible(), state(), how, random_);
        for (auto& each : ranked) each.value = share_of_one(each.value, size(each.item), how.criterion, now * now);
        auto const sign = how.criterion == Criterion::mepv ? -1.0 : 1.0;
        std::sort(ranked.begin(), ranked.end(), [sign](Ranked const& a, Ranked const& b) { return a.value != b.value ? sign * a.value > sign * b.value : a.item < b.item; });
        ranked.resize(std::min(count, ranked.size()));
        return ranked;
    }

    /// Selected items pass a lottery; one that fails is out for this person (the last one left always passes).
    std::size_t sympson_hetter(std::vector<Ranked> const& ranked)
    {
        for (auto r = std::size_t{0}; r + 1 < ranked.size(); ++r) {
            auto const item = ranked[r].item;
            selected_[item] = 1;
            if (random_.uniform() < exposure_.administration_probability()[item]) return item;
            free_[item] = 0;
        }
        selected_[ranked.back().item] = 1;
        return ranked.back().item;
    }

    /// By item, for the shadow test: larger is better; banned items only where the blueprint leaves no other way.
    std::vector<double> worth(SelectionOptions const& how)
    {
        auto all = std::vector<std::uint32_t>{};
        for (auto i = std::uint32_t{0}; i < free_.size(); ++i)
            if (free_[i] != 0) all.push_back(i);
        auto kept_away = std::vector<std::uint8_t>(free_.size());
        for (auto i = std::size_t{0}; i < free_.size(); ++i) kept_away[i] = bans_.at(i, theta_);
        return form_values(valued(tables_, all, state(), how, random_), kept_away, how.criterion);
    }

    void administer(std::size_t item, Category category)
    {
        free_[item] = 0;
        selected_[item] = 1;
        answered_ += size(item);
        in_block_ += size(item);
        record_.items.push_back(item);
        record_.thetas.push_back(theta_);
        person_.items.push_back(item);
        person_.answers.push_back(category);
        if (shadow_) shadow_->administer(item);
        auto const completes = lacking_ && shadow_->may_stop();
        if (in_block_ >= options_.block || answered() >= options_.stop.maximum || completes) learn();
    }

    /// A block is over: its answers are taken in.
    void learn()
    {
        for (; learned_ < person_.items.size(); ++learned_) {
            auto const item = person_.items[learned_];
            auto const k = static_cast<std::size_t>(person_.answers[learned_]);
            row_[item] = person_.answers[learned_];
            posterior_.update(tables_, item, k);
            if (sprt_) sprt_->update(tables_.items()[item], k);
            if (glr_) glr_->update(tables_.items()[item], k);
            estimate();
            estimates_.push_back(theta_);
        }
        in_block_ = 0;
    }

    void estimate()
    {
        auto const moments = posterior_.moments(tables_);
        if (options_.scoring.estimator == Estimator::eap) {
            estimate_ = {.theta = moments.mean, .se = moments.standard_deviation, .se_observed = std::nullopt, .status = ScoreStatus::ok};
        } else {
            estimate_ = scorer_.score(row_);
        }
        auto const stands = estimate_.theta && estimate_.status == ScoreStatus::ok && estimate_.se;
        theta_ = stands ? *estimate_.theta : moments.mean;
        se_ = stands ? *estimate_.se : moments.standard_deviation;
    }

    /// Until the greatest length, were the criterion to look at the same ability from now on.
    double information_left() const
    {
        auto const at = selection().criterion == Criterion::cut ? options_.selection.cut : theta_;
        auto items = std::vector<ItemToCome>{};
        for (auto i = std::size_t{0}; i < free_.size(); ++i)
            if (free_[i] != 0) items.push_back({.worth = information(tables_.items()[i], {at}), .information = information(tables_.items()[i], {theta_}), .items = size(i)});
        return information_to_come(std::move(items), options_.stop.maximum - answered());
    }

    bool stop()
    {
        if (answered() == 0) return false;
        auto best_information = 0.0;
        if (options_.stop.minimum_information)
            if (auto const best = most_informative(tables_, free_, theta_)) best_information = best->value;
        auto const evidence = StopEvidence{.answered = answered(), .theta = theta_, .standard_error = se_,
                                           .mass_at_or_above_cut = options_.stop.class_probability ? posterior_.mass_at_or_above(tables_, options_.stop.cut) : 0.5,
                                           .best_information = best_information, .information_to_come = options_.stop.curtailment_z ? information_left() : 0.0,
                                           .estimates = estimates_, .sprt = sprt_ ? &*sprt_ : nullptr, .glr = glr_ ? &*glr_ : nullptr,
                                           .tables = tables_, .posterior = posterior_};
        person_.reasons = stops(options_.stop, evidence);
        if (person_.reasons.empty()) return false;
        lacking_ = shadow_ && !shadow_->may_stop();
        return !lacking_ || person_.reasons.front() == StopReason::maximum;
    }

    BankTables const& tables_;
    Scorer& scorer_;
    SimulationOptions const& options_;
    ExposureControl const& exposure_;
    assembly::Program const* program_;
    Random random_;
    Bans bans_;
    std::vector<double> weights_;
    NodePosterior posterior_;
    std::vector<Category> row_;
    std::vector<std::uint8_t> free_;
    std::vector<std::uint8_t> selected_;
    std::optional<assembly::ShadowTest> shadow_;
    std::optional<CutEvidence> sprt_;
    std::optional<CutEvidence> glr_;
    SittingRecord record_;
    std::vector<double> estimates_;
    AbilityEstimate estimate_;
    double theta_ = 0;
    double se_ = 0;
    int answered_ = 0;
    int in_block_ = 0;        // items of the block under way
    std::size_t learned_ = 0; // of person_.items, those whose answers were taken in
    bool lacking_ = false; // a stop rule is satisfied, the blueprint not yet
    SimulatedPerson person_;
};

/// k_i by pre-simulation: the share of sittings in which each item is selected, until the shares settle.
void pre_simulate(BankTables const& tables, SimulationOptions const& options, std::size_t persons, ExposureControl& exposure)
{
    auto scorer = Scorer{{tables.items().begin(), tables.items().end()}, options.scoring};
    for (auto round = 0; round < options.sympson_hetter_rounds; ++round) {
        auto share = std::vector<double>(tables.items().size(), 0.0);
        for (auto p = std::size_t{0}; p < persons; ++p) {
            auto const stream = (static_cast<std::uint64_t>(round) + 1) << 32 | p;
            auto random = Random{options.seed ^ answers_stream, stream};
            auto const theta = options.scoring.prior.mean + options.scoring.prior.standard_deviation * random.normal();
            auto sitting = Sitting{tables, scorer, options, nullptr, exposure, Random{options.seed ^ selection_stream, stream}};
            sitting.run([&](std::size_t item) { return draw_category(tables.items()[item], theta, random); });
            for (auto i = std::size_t{0}; i < share.size(); ++i) share[i] += sitting.selected()[i];
        }
        for (auto& s : share) s /= static_cast<double>(persons);
        exposure.adjust(share);
    }
}

template <class Sit>
Simulation run(BankTables const& tables, std::size_t persons, assembly::Program const* program, SimulationOptions const& options, Progress const& progress, Sit const& sit)
{
    EXPECTS(!problem(options));
    EXPECTS(program == nullptr || (program->items == tables.items().size() && options.sizes.empty()));
    EXPECTS(options.sizes.empty() || options.sizes.size() == tables.items().size());
    auto simulation = Simulation{};
    auto exposure = ExposureControl{options.exposure, tables.items().size()};
    if (options.exposure.rule == ExposureRule::sympson_hetter) pre_simulate(tables, options, std::clamp<std::size_t>(persons, 100, 1000), exposure);
    auto scorer = Scorer{{tables.items().begin(), tables.items().end()}, options.scoring};
    for (auto p = std::size_t{0}; p < persons; ++p) {
        auto sitting = Sitting{tables, scorer, options, program, exposure, Random{options.seed ^ selection_stream, p}};
        auto person = sit(sitting, p);
        person.person = p + 1;
        exposure.record(sitting.record(), sitting.bans());
        simulation.persons.push_back(std::move(person));
        if (progress && p % 16 == 0) progress(static_cast<double>(p) / static_cast<double>(persons));
    }
    if (progress) progress(1);
    simulation.summary = summarise(tables, simulation.persons, options.stop.cut);
    return simulation;
}

} // namespace

std::vector<double> administration_probabilities(BankTables const& tables, SimulationOptions const& options, std::size_t persons)
{
    EXPECTS(!problem(options) && options.exposure.rule == ExposureRule::sympson_hetter);
    EXPECTS(options.sizes.empty() || options.sizes.size() == tables.items().size());
    auto exposure = ExposureControl{options.exposure, tables.items().size()};
    pre_simulate(tables, options, persons, exposure);
    auto const probabilities = exposure.administration_probability();
    return {probabilities.begin(), probabilities.end()};
}

std::optional<std::string> problem(SimulationOptions const& options)
{
    if (auto p = problem(options.scoring)) return p;
    if (auto p = problem(options.stop)) return p;
    if (options.block < 1 || options.block > 500) return "a block has 1 to 500 items";
    if (options.selection.strata < 1 || options.selection.strata > 20) return "1 to 20 strata are possible";
    if (options.selection.length < 1 || options.selection.best < 1) return "lengths and numbers of candidates must be at least 1";
    if (!(options.selection.acceleration >= 0 && options.selection.acceleration <= 10)) return "the acceleration must lie within 0 … 10";
    return std::nullopt;
}

Simulation simulate(BankTables const& tables, std::span<double const> thetas, assembly::Program const* program, SimulationOptions const& options, Progress const& progress)
{
    return run(tables, thetas.size(), program, options, progress, [&](Sitting& sitting, std::size_t p) {
        auto random = Random{options.seed ^ answers_stream, p};
        auto person = sitting.run([&](std::size_t item) { return draw_category(tables.items()[item], thetas[p], random); });
        person.true_theta = thetas[p];
        return person;
    });
}

Simulation simulate(BankTables const& tables, ResponseTable const& responses, assembly::Program const* program, SimulationOptions const& options, Progress const& progress)
{
    EXPECTS(responses.items.size() == tables.items().size());
    auto reference_options = options.scoring;
    reference_options.estimator = Estimator::eap;
    auto reference = Scorer{{tables.items().begin(), tables.items().end()}, reference_options};
    return run(tables, responses.persons, program, options, progress, [&](Sitting& sitting, std::size_t p) {
        auto const row = responses.of(p);
        for (auto i = std::size_t{0}; i < row.size(); ++i)
            if (row[i] == not_administered) sitting.withhold(i);
        auto person = sitting.run([&](std::size_t item) { return row[item]; });
        auto const whole = reference.score(row);
        if (whole.status != ScoreStatus::no_responses) person.true_theta = whole.theta;
        return person;
    });
}

namespace {

struct Band {
    BandSummary summary;
    std::vector<double> uses;
};

void add_person(Band& band, SimulatedPerson const& person, double cut)
{
    auto const error = *person.estimate.theta - *person.true_theta;
    ++band.summary.persons;
    band.summary.bias += error;
    band.summary.rmse += error * error;
    band.summary.mean_se += person.estimate.se.value_or(0);
    band.summary.mean_length += static_cast<double>(person.items.size());
    band.summary.pass_rate += person.passed;
    band.summary.accuracy += person.passed == (*person.true_theta >= cut);
    for (auto const i : person.items) band.uses[i] += 1;
}

BandSummary finish(Band& band)
{
    auto& s = band.summary;
    auto const n = static_cast<double>(s.persons);
    for (auto* sum : {&s.bias, &s.rmse, &s.mean_se, &s.mean_length, &s.pass_rate, &s.accuracy}) *sum /= n;
    s.rmse = std::sqrt(s.rmse);
    s.max_exposure = *std::max_element(band.uses.begin(), band.uses.end()) / n;
    return s;
}

double correlation(std::span<SimulatedPerson const> persons)
{
    auto n = 0.0, mean_x = 0.0, mean_y = 0.0;
    for (auto const& p : persons)
        if (p.true_theta && p.estimate.theta) {
            n += 1;
            mean_x += *p.true_theta;
            mean_y += *p.estimate.theta;
        }
    if (n < 2) return 0;
    mean_x /= n;
    mean_y /= n;
    auto xx = 0.0, yy = 0.0, xy = 0.0;
    for (auto const& p : persons)
        if (p.true_theta && p.estimate.theta) {
            auto const x = *p.true_theta - mean_x;
            auto const y = *p.estimate.theta - mean_y;
            xx += x * x;
            yy += y * y;
            xy += x * y;
        }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

} // namespace

SimulationSummary summarise(BankTables const& tables, std::span<SimulatedPerson const> persons, double cut)
{
    auto summary = SimulationSummary{};
    auto const items = tables.items().size();
    auto edges = std::vector<double>{-1e300};
    for (auto e = -4; e <= 4; ++e) edges.push_back(e * 0.5);
    edges.push_back(1e300);
    auto bands = std::vector<Band>(edges.size() - 1);
    for (auto b = std::size_t{0}; b < bands.size(); ++b) {
        bands[b].summary.low = edges[b];
        bands[b].summary.high = edges[b + 1];
        bands[b].uses.assign(items, 0.0);
    }
    auto overall = Band{.summary = {}, .uses = std::vector<double>(items, 0.0)};
    auto uses = std::vector<double>(items, 0.0);
    for (auto const& person : persons) {
        summary.mean_length += static_cast<double>(person.items.size());
        summary.blueprint_violations += !person.broken.empty();
        summary.pass_rate += person.passed;
        for (auto const i : person.items) uses[i] += 1;
        for (auto const reason : person.reasons) ++summary.reasons[std::string{name(reason)}];
        if (!person.true_theta || !person.estimate.theta) continue;
        add_person(overall, person, cut);
        auto const band = std::upper_bound(edges.begin() + 1, edges.end() - 1, *person.true_theta) - edges.begin() - 1;
        add_person(bands[static_cast<std::size_t>(band)], person, cut);
    }
    if (persons.empty()) return summary;
    auto const n = static_cast<double>(persons.size());
    summary.mean_length /= n;
    summary.pass_rate /= n;
    auto pairs = 0.0;
    for (auto& use : uses) {
        pairs += use * (use - 1);
        summary.never_used += use == 0;
        summary.exposure.push_back(use / n);
    }
    summary.max_exposure = *std::max_element(summary.exposure.begin(), summary.exposure.end());
    if (n > 1 && summary.mean_length > 0) summary.overlap = pairs / (n * (n - 1) * summary.mean_length);
    if (overall.summary.persons > 0) {
        auto const all = finish(overall);
        summary.bias = all.bias;
        summary.rmse = all.rmse;
        summary.mean_se = all.mean_se;
        summary.decision_accuracy = all.accuracy;
    }
    summary.correlation = correlation(persons);
    for (auto& band : bands)
        if (band.summary.persons > 0) summary.bands.push_back(finish(band));
    return summary;
}

} // namespace assay::exam::adaptive
