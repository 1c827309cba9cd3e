// Time of a calibration with standard errors at tolerance 1e-6, one thread, beside a naive baseline in the same run: textbook EM with scalar
// loops over persons, items and nodes, libm's exp, Newton M-steps, no acceleration, no standard errors, stopping at a parameter change of
// 1e-4. Absolute figures are of the machine; the ratio decides.
#include "exam/calibration/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>

using namespace assay::exam;
using namespace assay::exam::calibration;

namespace {

struct Truth {
    double a, b, c;
};

ResponseTable simulate(std::size_t persons, std::size_t items, bool guessing)
{
    auto engine = std::mt19937_64{persons + items};
    auto normal = std::normal_distribution<>{};
    auto uniform = std::uniform_real_distribution<>{};
    auto truth = std::vector<Truth>{};
    for (std::size_t i = 0; i < items; ++i) truth.push_back({std::exp(0.3 * normal(engine)), normal(engine), guessing ? 0.1 + 0.2 * uniform(engine) : 0});
    auto table = ResponseTable{};
    table.persons = persons;
    for (std::size_t i = 0; i < items; ++i) table.items.push_back(std::to_string(i + 1));
    for (std::size_t p = 0; p < persons; ++p) {
        auto const theta = normal(engine);
        for (auto const& t : truth)
            table.categories.push_back(uniform(engine) < t.c + (1 - t.c) / (1 + std::exp(-t.a * (theta - t.b))) ? 1 : 0);
    }
    return table;
}

// The naive way.

constexpr int nodes = 61;

struct NaiveItem {
    double a = 1, d = 0, logit_c = std::log(0.25 / 0.75);
};

double probability(NaiveItem const& item, double theta, bool guessing)
{
    auto const s = 1 / (1 + std::exp(-(item.a * theta + item.d)));
    if (!guessing) return s;
    auto const c = 1 / (1 + std::exp(-item.logit_c));
    return c + (1 - c) * s;
}

double node(int q) { return -6 + 0.2 * q; }

/// Fisher scoring of one item; the priors of the 3PL as calibrate() has them.
double maximise(NaiveItem& item, double const* right, double const* all, bool guessing)
{
    auto const start = item;
    for (int step = 0; step < 10; ++step) {
        double g[3] = {}, h[3][3] = {};
        for (int q = 0; q < nodes; ++q) {
            auto const t = node(q), s = 1 / (1 + std::exp(-(item.a * t + item.d)));
            auto const c = guessing ? 1 / (1 + std::exp(-item.logit_c)) : 0, p = c + (1 - c) * s;
            double const first[3] = {(1 - c) * s * (1 - s) * t, (1 - c) * s * (1 - s), (1 - s) * c * (1 - c)};
            for (int i = 0; i < 3; ++i) {
                g[i] += (right[q] - all[q] * p) / (p * (1 - p)) * first[i];
                for (int j = 0; j < 3; ++j) h[i][j] += all[q] / (p * (1 - p)) * first[i] * first[j];
            }
        }
        if (guessing) {
            auto const b = -item.d / item.a;
            g[0] += -std::log(item.a) / (0.25 * item.a) - b / 4 * (-b / item.a);
            g[1] += -b / 4 * (-1 / item.a);
            g[2] += -(item.logit_c + 1.0986122886681098) / 0.25;
            h[0][0] += 1 / (0.25 * item.a * item.a);
            h[1][1] += 1 / (4 * item.a * item.a);
            h[2][2] += 4;
        } else
            h[2][2] = 1;
        double delta[3];
        for (int i = 0; i < 3; ++i) delta[i] = g[i];
        for (int i = 0; i < 3; ++i)
            for (int r = i + 1; r < 3; ++r) {
                auto const f = h[r][i] / h[i][i];
                for (int k = i; k < 3; ++k) h[r][k] -= f * h[i][k];
                delta[r] -= f * delta[i];
            }
        for (int i = 2; i >= 0; --i) {
            for (int k = i + 1; k < 3; ++k) delta[i] -= h[i][k] * delta[k];
            delta[i] /= h[i][i];
        }
        for (auto& d : delta) d = std::clamp(d, -0.3, 0.3); // a 3PL item's first steps run away otherwise
        item.a = std::max(0.05, item.a + delta[0]);
        item.d += delta[1];
        if (guessing) item.logit_c += delta[2];
        if (std::abs(delta[0]) + std::abs(delta[1]) < 1e-8) break;
    }
    return std::max({std::abs(item.a - start.a), std::abs(item.d - start.d), std::abs(item.logit_c - start.logit_c)});
}

struct Naive {
    double log_likelihood = 0;
    int iterations = 0;
};

Naive naive_em(ResponseTable const& responses, bool guessing)
{
    auto const count = responses.items.size();
    auto items = std::vector<NaiveItem>(count);
    auto result = Naive{};
    for (auto change = 1.0; change > 1e-4 && result.iterations < 1000; ++result.iterations) {
        auto table = std::vector<double>(count * nodes), right = std::vector<double>(count * nodes, 0.0), all = right;
        for (std::size_t i = 0; i < count; ++i)
            for (int q = 0; q < nodes; ++q) table[i * nodes + q] = probability(items[i], node(q), guessing);
        double weight[nodes], total = 0;
        for (int q = 0; q < nodes; ++q) total += weight[q] = std::exp(-0.5 * node(q) * node(q));
        result.log_likelihood = 0;
        for (std::size_t p = 0; p < responses.persons; ++p) {
            double posterior[nodes], marginal = 0;
            for (int q = 0; q < nodes; ++q) {
                auto l = weight[q] / total;
                for (std::size_t i = 0; i < count; ++i) l *= responses.at(p, i) == 1 ? table[i * nodes + q] : 1 - table[i * nodes + q];
                marginal += posterior[q] = l;
            }
            result.log_likelihood += std::log(marginal);
            for (std::size_t i = 0; i < count; ++i)
                for (int q = 0; q < nodes; ++q) {
                    auto const h = posterior[q] / marginal;
                    all[i * nodes + q] += h;
                    if (responses.at(p, i) == 1) right[i * nodes + q] += h;
                }
        }
        change = 0;
        for (std::size_t i = 0; i < count; ++i) change = std::max(change, maximise(items[i], &right[i * nodes], &all[i * nodes], guessing));
    }
    return result;
}

template <class Work>
double seconds(Work const& work)
{
    auto const start = std::clock(); // of this process: other people's load doesn't count
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void compare(char const* what, std::size_t persons, std::size_t items, ModelKind kind)
{
    auto const responses = simulate(persons, items, kind == ModelKind::three_parameter);
    auto const requests = std::vector<ItemRequest>(items, ItemRequest{kind, default_priors(kind), {}});
    auto best = 1e9;
    auto ours = Calibration{};
    for (int run = 0; run < 5; ++run) best = std::min(best, seconds([&] { ours = *calibrate(responses, requests, {.standard_errors = true}); }));
    auto naive = Naive{};
    auto const naive_time = seconds([&] { naive = naive_em(responses, kind == ModelKind::three_parameter); });
    std::printf("%-22s %8.3f s  %3d E-steps  log likelihood %.4f   naive EM without errors %8.3f s  %4d E-steps  %.4f   ratio %.0f\n", what, best, ours.iterations,
                ours.log_likelihood, naive_time, naive.iterations, naive.log_likelihood, naive_time / best);
}

} // namespace

int main()
{
    compare("2PL, 5,000 x 60, SE", 5000, 60, ModelKind::two_parameter);
    compare("3PL, 3,000 x 40, SE", 3000, 40, ModelKind::three_parameter);
}
