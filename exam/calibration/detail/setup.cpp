#include "exam/calibration/detail/setup.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam::calibration::detail {
namespace {

constexpr double slope_bound = 25, intercept_bound = 200, logit_bound = 16;
constexpr double slope_min_with_prior = 1e-3; ///< ln a must exist

double logit(double p) { return std::log(p / (1 - p)); }

std::optional<Normal> convert(std::optional<NormalPrior> const& prior)
{
    if (!prior) return std::nullopt;
    return Normal{prior->mean, prior->sd};
}

Curve curve_for(ModelKind kind, ItemPlan const& plan)
{
    auto curve = Curve{};
    curve.categories = plan.observed.size();
    switch (kind) {
    case ModelKind::one_parameter:
    case ModelKind::two_parameter: break;
    case ModelKind::three_parameter: curve.has_lower = true; break;
    case ModelKind::four_parameter: curve.has_lower = curve.has_upper = true; break;
    case ModelKind::graded: curve.kind = CurveKind::graded; break;
    case ModelKind::generalized_partial_credit:
    case ModelKind::partial_credit:
        curve.kind = CurveKind::partial_credit;
        for (auto const category : plan.observed) curve.category_score.push_back(static_cast<double>(category - plan.observed.front()));
        break;
    case ModelKind::nominal: curve.kind = CurveKind::nominal; break;
    }
    return curve;
}

bool shares_slope(ModelKind kind) { return kind == ModelKind::one_parameter || kind == ModelKind::partial_credit; }

/// Crude but finite: slopes 1, intercepts from the observed shares.
std::vector<double> start_values(Curve const& curve, std::vector<double> const& counts)
{
    auto total_count = 0.0;
    for (auto const n : counts) total_count += n;
    auto value = std::vector<double>(curve.parameters(), 1.0);
    for (std::size_t k = 1; k < curve.categories; ++k) {
        auto& intercept = value[curve.first_intercept() + k - 1];
        if (curve.kind == CurveKind::partial_credit || curve.kind == CurveKind::nominal) {
            intercept = std::log((counts[k] + 0.5) / (counts[0] + 0.5));
            if (curve.kind == CurveKind::nominal) value[k - 1] = 0.5 * static_cast<double>(k);
            else value[0] = 2 / curve.score_of(curve.categories - 1);
            continue;
        }
        auto above = 0.0;
        for (auto j = k; j < curve.categories; ++j) above += counts[j];
        auto share = (above + 0.5 * static_cast<double>(curve.categories - k)) / (total_count + 0.5 * static_cast<double>(curve.categories));
        auto const lower = curve.has_lower ? 0.2 : 0.0, upper = curve.has_upper ? 0.95 : 1.0;
        share = std::clamp((share - lower) / (upper - lower), 1e-4, 1 - 1e-4);
        if (curve.has_lower) share = std::clamp(share, 0.03, 0.97);
        intercept = 1.2 * logit(share);
    }
    if (curve.has_lower) value[curve.lower_position()] = logit(0.2);
    if (curve.has_upper) value[curve.upper_position()] = logit(0.95);
    return value;
}

/// The parameters of a given item. An asymptote at 0 or 1 is left out instead of written as an infinite logit.
Block fixed_block(ItemModel const& model, ItemPlan const& plan)
{
    auto block = Block{};
    block.curve = curve_for(model.kind(), plan);
    block.curve.has_lower = block.curve.has_lower && model.lower() > 0;
    block.curve.has_upper = block.curve.has_upper && model.upper() < 1;
    auto const b = model.thresholds();
    if (block.curve.kind == CurveKind::nominal) {
        for (std::size_t k = 1; k < b.size(); ++k) block.value.push_back(model.slopes()[k]);
        for (std::size_t k = 1; k < b.size(); ++k) block.value.push_back(b[k]);
    } else {
        auto const a = model.slope();
        block.value.push_back(a);
        auto sum = 0.0;
        for (auto const threshold : b) {
            sum += threshold;
            block.value.push_back(-a * (block.curve.kind == CurveKind::partial_credit ? sum : threshold));
        }
        if (block.curve.has_lower) block.value.push_back(logit(model.lower()));
        if (block.curve.has_upper) block.value.push_back(logit(model.upper()));
    }
    block.index.assign(block.value.size(), Block::given);
    return block;
}

Bounds bounds_of(Curve const& curve, CurvePrior const& prior, std::size_t position)
{
    auto const is_slope = position < curve.first_intercept();
    if (is_slope) return {prior.log_slope && curve.kind != CurveKind::nominal ? slope_min_with_prior : -slope_bound, slope_bound};
    if (curve.has_lower && position == curve.lower_position()) return {-logit_bound, 0};
    if (curve.has_upper && position == curve.upper_position()) return {0, logit_bound};
    return {-intercept_bound, intercept_bound};
}

class Builder {
public:
    Builder(ResponseTable const& responses, std::span<ItemRequest const> requests, Options const& options)
        : responses_{responses}, requests_{requests}, options_{options}
    {
    }

    read_result<Setup> run()
    {
        setup_.model.grid = Grid::equally_spaced(options_.nodes, options_.lower, options_.upper);
        setup_.codes = {responses_.persons, responses_.items.size(),
                        std::vector<std::uint8_t>(responses_.categories.size(), ResponseCodes::missing)};
        find_given_slope();
        for (std::size_t i = 0; i < requests_.size(); ++i)
            if (auto const problem = add_item(i)) return *problem;
        add_population();
        setup_.model.layout = layout_of(setup_.model.blocks);
        return std::move(setup_);
    }

private:
    /// New 1PL and PCM items take the slope of the old scale's, when those have one.
    void find_given_slope()
    {
        if (options_.slope == Slope::unit) given_slope_ = 1.0;
        auto different = false;
        for (auto const& request : requests_)
            if (request.fixed && shares_slope(request.fixed->kind())) {
                different = different || (given_slope_ && *given_slope_ != request.fixed->slope());
                given_slope_ = request.fixed->slope();
            }
        if (!different) return;
        given_slope_.reset();
        setup_.warnings.push_back("the fixed 1PL and PCM items have different slopes: new ones share a slope of their own, which is estimated");
    }

    std::optional<TextProblem> add_item(std::size_t i)
    {
        auto const& request = requests_[i];
        auto counts = std::vector<double>(ItemModel::categories_max, 0.0);
        auto plan = ItemPlan{};
        auto const limit = request.fixed ? request.fixed->categories() : is_dichotomous(request.kind) ? 2 : ItemModel::categories_max;
        for (std::size_t p = 0; p < responses_.persons; ++p) {
            auto const category = responses_.at(p, i);
            if (category == not_administered) continue;
            if (category < 0 || static_cast<std::size_t>(category) >= limit)
                return TextProblem{0, i + 1,
                                   "item " + responses_.items[i] + ", person " + std::to_string(p + 1) + ": category " + std::to_string(category) +
                                       ", but " + (request.fixed ? "the fixed item has" : std::string{name(request.kind)} + " allows") +
                                       " categories 0 to " + std::to_string(limit - 1)};
            ++counts[static_cast<std::size_t>(category)];
            ++plan.answers;
        }
        find_categories(request, counts, plan);
        if (auto problem = impossible_answer(i, request, counts)) return problem;
        setup_.used.push_back(plan.status == ItemStatus::estimated || (plan.status == ItemStatus::fixed && plan.answers > 0));
        encode(i, plan);
        add_block(request, counts, plan);
        setup_.plans.push_back(std::move(plan));
        return std::nullopt;
    }

    void find_categories(ItemRequest const& request, std::vector<double>& counts, ItemPlan& plan) const
    {
        auto highest = std::size_t{0};
        for (std::size_t k = 0; k < counts.size(); ++k)
            if (counts[k] > 0) highest = k;
        plan.categories = request.fixed ? request.fixed->categories() : std::max<std::size_t>(2, highest + 1);
        for (std::size_t k = 0; k < plan.categories; ++k)
            if (request.fixed || counts[k] > 0) plan.observed.push_back(k);
        if (request.fixed) plan.status = ItemStatus::fixed;
        else if (plan.answers == 0) plan.status = ItemStatus::unanswered;
        else if (plan.observed.size() == 1) {
            plan.status = ItemStatus::constant;
            plan.notes.push_back("everybody answered in category " + std::to_string(highest) + ": no finite estimate exists");
        } else
            for (std::size_t k = 0; k < plan.categories; ++k)
                if (counts[k] == 0) plan.notes.push_back("category " + std::to_string(k) + " was never observed: its probability is 0");
    }

    static std::optional<TextProblem> impossible_answer(std::size_t i, ItemRequest const& request, std::vector<double> const& counts)
    {
        if (!request.fixed) return std::nullopt;
        for (std::size_t k = 0; k < request.fixed->categories(); ++k)
            if (counts[k] > 0 && !std::isfinite(category_terms(*request.fixed, k, Theta{0}).log_probability))
                return TextProblem{0, i + 1, "category " + std::to_string(k) + " was observed, but the fixed item gives it probability 0"};
        return std::nullopt;
    }

    void encode(std::size_t i, ItemPlan const& plan)
    {
        if (!setup_.used[i]) return;
        auto code = std::vector<std::uint8_t>(ItemModel::categories_max, ResponseCodes::missing);
        for (std::size_t k = 0; k < plan.observed.size(); ++k) code[plan.observed[k]] = static_cast<std::uint8_t>(k);
        for (std::size_t p = 0; p < responses_.persons; ++p)
            if (auto const category = responses_.at(p, i); category != not_administered)
                setup_.codes.category[p * responses_.items.size() + i] = code[static_cast<std::size_t>(category)];
    }

    void add_block(ItemRequest const& request, std::vector<double> const& counts, ItemPlan const& plan)
    {
        auto& model = setup_.model;
        if (request.fixed) {
            model.blocks.push_back(fixed_block(*request.fixed, plan));
            model.blocks.back().used = setup_.used.back();
            return;
        }
        auto block = Block{};
        block.curve = curve_for(request.kind, plan);
        block.used = setup_.used.back();
        if (!block.used) {
            block.value.assign(block.curve.parameters(), 0.0);
            block.index.assign(block.value.size(), Block::given);
            model.blocks.push_back(std::move(block));
            return;
        }
        auto observed_counts = std::vector<double>{};
        for (auto const category : plan.observed) observed_counts.push_back(counts[category]);
        block.value = start_values(block.curve, observed_counts);
        block.prior = {convert(request.priors.log_slope), convert(request.priors.difficulty), convert(request.priors.logit_lower),
                       convert(request.priors.logit_upper)};
        auto const shared = shares_slope(request.kind);
        for (std::size_t m = 0; m < block.value.size(); ++m) {
            if (shared && m == 0) {
                block.index.push_back(shared_slope(block));
                continue;
            }
            block.index.push_back(model.free_count++);
            model.bounds.push_back(bounds_of(block.curve, block.prior, m));
        }
        model.blocks.push_back(std::move(block));
    }

    std::size_t shared_slope(Block& block)
    {
        auto& model = setup_.model;
        if (given_slope_) {
            block.value[0] = *given_slope_;
            block.prior.log_slope.reset();
            return Block::given;
        }
        block.value[0] = 1;
        if (shared_index_) {
            block.prior.log_slope.reset(); // its prior counts once
            return *shared_index_;
        }
        shared_index_ = model.free_count++;
        model.bounds.push_back(bounds_of(block.curve, block.prior, 0));
        return *shared_index_;
    }

    void add_population()
    {
        auto& model = setup_.model;
        auto block = Block{};
        block.curve.kind = CurveKind::population;
        block.curve.categories = 1;
        block.value = {0, 0};
        if (options_.estimate_population) {
            block.index = {model.free_count, model.free_count + 1};
            model.free_count += 2;
            model.bounds.push_back({options_.lower, options_.upper});
            model.bounds.push_back({std::log(0.05), std::log(options_.upper - options_.lower)});
        } else
            block.index = {Block::given, Block::given};
        model.blocks.push_back(std::move(block));
    }

    ResponseTable const& responses_;
    std::span<ItemRequest const> requests_;
    Options const& options_;
    std::optional<double> given_slope_;
    std::optional<std::size_t> shared_index_;
    Setup setup_;
};

} // namespace

read_result<Setup> set_up(ResponseTable const& responses, std::span<ItemRequest const> requests, Options const& options)
{
    return Builder{responses, requests, options}.run();
}

} // namespace assay::exam::calibration::detail
