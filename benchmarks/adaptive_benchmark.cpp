// Time of an adaptive step and of each criterion, one thread, beside a naive baseline in the same run: libm's exp, every probability computed when it is
// needed, every item visited. Absolute figures are of the machine; the ratio decides.
#include "core/exp_log.hpp"
#include "exam/adaptive/criterion.hpp"
#include "exam/adaptive/stopping.hpp"
#include "exam/assembly/shadow.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <optional>

using namespace assay;
using namespace assay::exam;
using namespace assay::exam::adaptive;

namespace {

std::vector<ItemModel> bank_of(std::size_t count)
{
    auto random = Random{count};
    auto items = std::vector<ItemModel>{};
    for (auto i = std::size_t{0}; i < count; ++i) {
        auto const a = 1.2 * exact_order_exp(0.25 * random.normal());
        auto const b = random.normal();
        items.push_back(ItemModel::dichotomous(ModelKind::three_parameter, a, b, 0.1 + 0.15 * random.uniform()));
    }
    return items;
}

struct Times {
    std::vector<double> microseconds;
    double quantile(double q)
    {
        std::sort(microseconds.begin(), microseconds.end());
        return microseconds[static_cast<std::size_t>(q * static_cast<double>(microseconds.size() - 1))];
    }
};

template <class Work>
void measure(Times& times, Work const& work)
{
    auto const start = std::chrono::steady_clock::now();
    work();
    times.microseconds.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
}

volatile double sink = 0;

// The naive way.

double naive_probability(ItemModel const& item, double theta) { return item.lower() + (1 - item.lower()) / (1 + std::exp(-item.slope() * (theta - item.threshold()))); }

double naive_information(ItemModel const& item, double theta)
{
    auto const p = naive_probability(item, theta);
    auto const r = (p - item.lower()) / (1 - item.lower());
    return item.slope() * item.slope() * (1 - p) / p * r * r;
}

struct NaiveAnswer {
    std::size_t item;
    bool right;
};

std::vector<double> naive_posterior(std::vector<ItemModel> const& items, std::vector<NaiveAnswer> const& answers)
{
    auto weights = std::vector<double>{};
    auto total = 0.0;
    for (auto i = 0; i <= 120; ++i) {
        auto const theta = -6 + 0.1 * i;
        auto value = std::exp(-0.5 * theta * theta);
        for (auto const& answer : answers) {
            auto const p = naive_probability(items[answer.item], theta);
            value *= answer.right ? p : 1 - p;
        }
        weights.push_back(value);
        total += value;
    }
    for (auto& w : weights) w /= total;
    return weights;
}

double naive_mean(std::vector<double> const& weights)
{
    auto sum = 0.0;
    for (auto i = 0; i <= 120; ++i) sum += weights[static_cast<std::size_t>(i)] * (-6 + 0.1 * i);
    return sum;
}

template <class Value>
std::size_t naive_best(std::vector<ItemModel> const& items, std::vector<std::uint8_t> const& free, Value const& value)
{
    auto best = std::size_t{0};
    auto best_value = -1e300;
    for (auto i = std::size_t{0}; i < items.size(); ++i)
        if (free[i] != 0)
            if (auto const v = value(items[i]); v > best_value) best_value = v, best = i;
    return best;
}

void print(char const* what, std::size_t items, Times& ours, Times& naive)
{
    std::printf("%-28s %6zu %12.2f %12.2f %12.2f %10.1f\n", what, items, ours.quantile(0.5), ours.quantile(0.99), naive.quantile(0.5), naive.quantile(0.5) / ours.quantile(0.5));
}

/// Answer in -> posterior, theta, SE, stop verdict, next item.
void step(std::size_t count)
{
    auto const items = bank_of(count);
    auto const tables = BankTables{items, {}};
    auto const rules = StopRules{.minimum = 5, .maximum = 30, .cut = 0, .standard_error = 0.01, .class_probability = 0.9999};
    auto ours = Times{};
    auto naive = Times{};
    for (auto person = std::uint64_t{0}; person < 200; ++person) {
        auto random = Random{1, person};
        auto const truth = random.normal();
        auto posterior = NodePosterior{tables, {}};
        auto free = std::vector<std::uint8_t>(count, 1);
        auto estimates = std::vector<double>{};
        auto answers = std::vector<NaiveAnswer>{};
        auto next = most_informative(tables, free, 0)->item;
        for (auto k = 1; k < 30; ++k) {
            auto const right = random.uniform() < response_probability(items[next], {truth});
            free[next] = 0;
            auto chosen = std::size_t{0};
            measure(ours, [&] {
                posterior.update(tables, next, right ? 1 : 0);
                auto const moments = posterior.moments(tables);
                estimates.push_back(moments.mean);
                auto const verdict = stops(rules, {.answered = k, .theta = moments.mean, .standard_error = moments.standard_deviation, .mass_at_or_above_cut = posterior.mass_at_or_above(tables, 0),
                                                   .best_information = 0, .estimates = estimates, .tables = tables, .posterior = posterior});
                if (verdict.empty()) chosen = most_informative(tables, free, moments.mean)->item;
            });
            answers.push_back({next, right});
            measure(naive, [&] {
                auto const weights = naive_posterior(items, answers);
                auto const mean = naive_mean(weights);
                sink = static_cast<double>(naive_best(items, free, [&](ItemModel const& item) { return naive_information(item, mean); }));
            });
            next = chosen;
        }
    }
    print("step (EAP, stop, MFI)", count, ours, naive);
}

void criteria(std::size_t count)
{
    auto const items = bank_of(count);
    auto const tables = BankTables{items, {}};
    auto posterior = NodePosterior{tables, {}};
    auto answers = std::vector<NaiveAnswer>{};
    for (auto i = std::size_t{0}; i < 8; ++i) {
        posterior.update(tables, i, i % 2);
        answers.push_back({i, i % 2 == 1});
    }
    auto free = std::vector<std::uint8_t>(count, 1);
    auto eligible = std::vector<std::uint32_t>{};
    for (auto i = std::uint32_t{8}; i < count; ++i) eligible.push_back(i);
    for (auto i = std::size_t{0}; i < 8; ++i) free[i] = 0;
    auto const theta = posterior.moments(tables).mean;
    auto const weights = naive_posterior(items, answers);
    auto random = Random{1};
    auto const node = [](std::size_t i) { return -6 + 0.1 * static_cast<double>(i); };
    auto const klp = [&](ItemModel const& item) {
        auto const p = naive_probability(item, theta);
        auto sum = 0.0;
        for (auto i = std::size_t{0}; i < 121; ++i) {
            auto const q = naive_probability(item, node(i));
            sum += weights[i] * (p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q)));
        }
        return sum;
    };
    auto const mpwi = [&](ItemModel const& item) {
        auto sum = 0.0;
        for (auto i = std::size_t{0}; i < 121; ++i) sum += weights[i] * naive_information(item, node(i));
        return sum;
    };
    auto const mepv = [&](ItemModel const& item) {
        auto expected = 0.0;
        for (auto const right : {false, true}) {
            auto mass = 0.0, first = 0.0, second = 0.0;
            for (auto i = std::size_t{0}; i < 121; ++i) {
                auto const p = naive_probability(item, node(i));
                auto const w = weights[i] * (right ? p : 1 - p);
                mass += w;
                first += w * node(i);
                second += w * node(i) * node(i);
            }
            auto const p = naive_probability(item, theta);
            expected += (right ? p : 1 - p) * (second / mass - first / mass * (first / mass));
        }
        return -expected;
    };
    auto const compare = [&](char const* what, Criterion kind, auto const& naive_value) {
        auto ours = Times{};
        auto naive = Times{};
        for (auto repeat = 0; repeat < 300; ++repeat) {
            measure(ours, [&] { sink = best(tables, eligible, {posterior, theta, 8}, {.criterion = kind}, random, 1).front().value; });
            measure(naive, [&] { sink = static_cast<double>(naive_best(items, free, naive_value)); });
        }
        print(what, count, ours, naive);
    };
    compare("best by MFI", Criterion::mfi, [&](ItemModel const& item) { return naive_information(item, theta); });
    compare("best by KLP", Criterion::klp, klp);
    compare("best by MPWI", Criterion::mpwi, mpwi);
    compare("best by MEPV", Criterion::mepv, mepv);
}

/// What a step took, in counts that are the same on every machine.
struct Counts {
    std::vector<std::size_t> nodes, pivots;
    void add(assembly::ShadowTest const& test)
    {
        nodes.push_back(test.nodes());
        pivots.push_back(test.pivots());
    }
    static std::size_t quantile(std::vector<std::size_t> values, double q)
    {
        std::sort(values.begin(), values.end());
        return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
    }
    void print(char const* what) const
    {
        std::printf("%-28s nodes %zu, %zu, %zu; pivots %zu, %zu, %zu (median, p99, most)\n", what, quantile(nodes, 0.5), quantile(nodes, 0.99), quantile(nodes, 1), quantile(pivots, 0.5),
                    quantile(pivots, 0.99), quantile(pivots, 1));
    }
};

/// A warm shadow test: the objective has moved to the new theta, one more item is fixed. And one assembled anew, as exam::decide does at each step.
void shadow(std::size_t count)
{
    auto const models = bank_of(count);
    auto bank = ItemBank{};
    auto random = Random{5};
    for (auto i = std::size_t{0}; i < count; ++i) {
        auto item = BankItem{.item = std::to_string(i), .model = models[i]};
        item.area = std::string(1, static_cast<char>('a' + random.below(5)));
        item.key = std::string(1, static_cast<char>('A' + random.below(4)));
        item.words = 20 + static_cast<double>(random.below(80));
        if (random.uniform() < 0.15) item.passage = "p" + std::to_string(random.below(10));
        if (random.uniform() < 0.15) item.enemies = {"e" + std::to_string(random.below(15))};
        bank.items.push_back(std::move(item));
    }
    auto const blueprint = assembly::read_blueprint(R"({"length":30,"areas":{"a":{"min":5,"max":7},"b":{"min":5,"max":7},"c":{"min":5,"max":7},"d":{"min":5,"max":7},"e":{"min":5,"max":7}},
        "keys":{"A":{"min":5,"max":10},"B":{"min":5,"max":10},"C":{"min":5,"max":10},"D":{"min":5,"max":10}},"words":{"max":1800},"passages":{"max":2,"items":{"min":2,"max":4}}})").value();
    auto const program = assembly::make_program(bank, blueprint).value();
    auto warm = Times{};
    auto anew = Times{};
    auto warm_counts = Counts{};
    auto anew_counts = Counts{};
    auto proven = 0, steps = 0;
    auto loss = 0.0; // of the form assembled anew beside the warm one, relative
    auto const nothing = std::vector<std::uint8_t>(count, 0);
    for (auto person = std::uint64_t{0}; person < 40; ++person) {
        auto test = assembly::ShadowTest{program, {}};
        auto draws = Random{9, person};
        auto theta = 0.0;
        auto administered = std::vector<std::size_t>{};
        for (auto k = 0; k < 30; ++k) {
            theta += draws.normal() * 0.6 / (1 + k);
            auto values = std::vector<double>{};
            for (auto const& model : models) values.push_back(information(model, {theta}));
            auto next = std::vector<std::size_t>{};
            measure(warm, [&] { next = test.next(values); });
            warm_counts.add(test);
            auto fresh = std::optional<assembly::ShadowTest>{};
            measure(anew, [&] {
                fresh.emplace(program, nothing, administered, values);
                sink = static_cast<double>(fresh->next(values).front());
            });
            anew_counts.add(*fresh);
            auto of_warm = 0.0, of_anew = 0.0;
            for (auto i = std::size_t{0}; i < count; ++i) {
                of_warm += test.form()[i] * values[i];
                of_anew += fresh->form()[i] * values[i];
            }
            loss = std::max(loss, (of_warm - of_anew) / of_warm);
            ++steps;
            proven += fresh->outcome() == assembly::SolveOutcome::optimal;
            test.administer(next.front());
            administered.push_back(next.front());
        }
    }
    for (auto const& [what, times] : {std::pair{"shadow test, warm", &warm}, std::pair{"shadow test, assembled anew", &anew}})
        std::printf("%-28s %6zu %12.2f %12.2f\n", what, count, times->quantile(0.5), times->quantile(0.99));
    warm_counts.print("shadow test, warm");
    anew_counts.print("shadow test, assembled anew");
    std::printf("assembled anew: %d of %d proven to 1e-9, the others bounded; worth at most %.4f less than the warm one\n", proven, steps, loss);
}

/// Many sittings at once: what one keeps between two answers, and answers a second when they come to all of them in turn, so that nothing is in the cache.
void open_sittings(std::size_t count, std::size_t sittings)
{
    struct Open {
        NodePosterior posterior;
        std::vector<std::uint8_t> free;
        std::size_t next;
        double truth;
    };
    auto const items = bank_of(count);
    auto const tables = BankTables{items, {}};
    auto const rules = StopRules{.minimum = 5, .maximum = 30, .cut = 0, .standard_error = 0.01};
    auto random = Random{3};
    auto const first = most_informative(tables, std::vector<std::uint8_t>(count, 1), 0)->item;
    auto open = std::vector<Open>{};
    open.reserve(sittings);
    for (auto s = std::size_t{0}; s < sittings; ++s) open.push_back({NodePosterior{tables, {}}, std::vector<std::uint8_t>(count, 1), first, random.normal()});
    auto const bytes = sizeof(Open) + open.front().posterior.bytes() + count;
    auto steps = std::size_t{0};
    auto const begin = std::clock(); // processor time: other programs on the machine don't count
    for (auto k = 1; k <= 15; ++k)
        for (auto& sitting : open) {
            auto const right = random.uniform() < response_probability(items[sitting.next], {sitting.truth});
            sitting.free[sitting.next] = 0;
            sitting.posterior.update(tables, sitting.next, right ? 1 : 0);
            auto const moments = sitting.posterior.moments(tables);
            auto const verdict = stops(rules, {.answered = k, .theta = moments.mean, .standard_error = moments.standard_deviation, .mass_at_or_above_cut = 0.5, .best_information = 0,
                                               .estimates = {}, .tables = tables, .posterior = sitting.posterior});
            if (verdict.empty()) sitting.next = most_informative(tables, sitting.free, moments.mean)->item;
            ++steps;
        }
    auto const seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("%zu open sittings of %zu items: %zu bytes each, %.0f answers a second of processor time\n", sittings, count, bytes, static_cast<double>(steps) / seconds);
}

} // namespace

int main()
{
    std::printf("%-28s %6s %12s %12s %12s %10s\n", "what", "items", "median us", "p99 us", "naive us", "ratio");
    for (auto const count : {std::size_t{300}, std::size_t{2000}}) step(count);
    criteria(300);
    shadow(300);
    open_sittings(300, 10'000);
}
