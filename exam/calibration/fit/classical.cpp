#include "exam/calibration/fit/classical.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace assay::exam::calibration {
namespace {

/// Sums of one or two variables, centred in a second pass by the caller's means: exact enough without tricks.
struct Pairs {
    std::vector<double> x, y;

    static double mean(std::vector<double> const& v)
    {
        auto sum = 0.0;
        for (auto const value : v) sum += value;
        return sum / static_cast<double>(v.size());
    }
    static std::optional<double> variance(std::vector<double> const& v)
    {
        if (v.size() < 2) return std::nullopt;
        auto const m = mean(v);
        auto sum = 0.0;
        for (auto const value : v) sum += (value - m) * (value - m);
        return sum / static_cast<double>(v.size() - 1);
    }
    std::optional<double> correlation() const
    {
        if (x.size() < 3) return std::nullopt;
        auto const mx = mean(x), my = mean(y);
        double xx = 0, yy = 0, xy = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            xx += (x[i] - mx) * (x[i] - mx);
            yy += (y[i] - my) * (y[i] - my);
            xy += (x[i] - mx) * (y[i] - my);
        }
        // Equal values leave rounding behind instead of 0.
        auto const floor = 1e-24 * static_cast<double>(x.size());
        if (!(xx > floor * mx * mx) || !(yy > floor * my * my) || xx == 0 || yy == 0) return std::nullopt;
        return xy / std::sqrt(xx * yy);
    }
};

class Analysis {
public:
    Analysis(ResponseTable const& responses, std::span<std::optional<Category> const> keys) : responses_{responses}, keys_{keys}
    {
        for (std::size_t p = 0; p < responses.persons; ++p) {
            auto total = 0.0;
            auto answered = std::size_t{0};
            for (std::size_t i = 0; i < responses.items.size(); ++i)
                if (is_answered(p, i)) {
                    total += score(p, i);
                    ++answered;
                }
            total_.push_back(total);
            answered_.push_back(answered);
        }
    }

    Classical run() const
    {
        auto result = Classical{};
        result.persons = responses_.persons;
        for (auto const answered : answered_) result.complete += answered == responses_.items.size() ? 1 : 0;
        auto sums = std::vector<double>{};
        for (std::size_t p = 0; p < responses_.persons; ++p)
            if (is_complete(p)) sums.push_back(total_[p]);
        if (!sums.empty()) result.mean = Pairs::mean(sums);
        if (auto const variance = Pairs::variance(sums)) result.sd = std::sqrt(*variance);
        result.alpha = alpha(responses_.items.size());
        for (std::size_t i = 0; i < responses_.items.size(); ++i) result.items.push_back(item(i));
        return result;
    }

private:
    bool is_answered(std::size_t p, std::size_t i) const { return responses_.at(p, i) != not_administered; }
    bool is_complete(std::size_t p) const { return answered_[p] == responses_.items.size(); }
    bool has_key(std::size_t i) const { return !keys_.empty() && keys_[i].has_value(); }
    double score(std::size_t p, std::size_t i) const
    {
        auto const category = responses_.at(p, i);
        return has_key(i) ? (category == *keys_[i] ? 1 : 0) : category;
    }
    /// Mean score on the answered items other than `i`.
    std::optional<double> rest(std::size_t p, std::size_t i) const
    {
        if (answered_[p] < 2) return std::nullopt;
        return (total_[p] - score(p, i)) / static_cast<double>(answered_[p] - 1);
    }

    /// Of all items but `without` (the number of items: of all).
    std::optional<double> alpha(std::size_t without) const
    {
        auto const items = responses_.items.size() - (without < responses_.items.size() ? 1 : 0);
        if (items < 2) return std::nullopt;
        auto sums = std::vector<double>{};
        for (std::size_t p = 0; p < responses_.persons; ++p)
            if (is_complete(p)) sums.push_back(total_[p] - (without < responses_.items.size() ? score(p, without) : 0));
        auto const total_variance = Pairs::variance(sums);
        if (!total_variance || !(*total_variance > 0)) return std::nullopt;
        auto of_items = 0.0;
        for (std::size_t i = 0; i < responses_.items.size(); ++i) {
            if (i == without) continue;
            auto column = std::vector<double>{};
            for (std::size_t p = 0; p < responses_.persons; ++p)
                if (is_complete(p)) column.push_back(score(p, i));
            of_items += *Pairs::variance(column);
        }
        return static_cast<double>(items) / static_cast<double>(items - 1) * (1 - of_items / *total_variance);
    }

    ClassicalItem item(std::size_t i) const
    {
        auto result = ClassicalItem{};
        result.item = responses_.items[i];
        auto with_total = Pairs{}, with_rest = Pairs{};
        auto highest = has_key(i) ? 1.0 : 0.0;
        auto chosen = std::map<Category, std::vector<std::size_t>>{};
        for (std::size_t p = 0; p < responses_.persons; ++p) {
            if (!is_answered(p, i)) continue;
            chosen[responses_.at(p, i)].push_back(p);
            highest = std::max(highest, score(p, i));
            with_total.x.push_back(score(p, i));
            with_total.y.push_back(total_[p] / static_cast<double>(answered_[p]));
            if (auto const others = rest(p, i)) {
                with_rest.x.push_back(score(p, i));
                with_rest.y.push_back(*others);
            }
        }
        result.answers = with_total.x.size();
        if (result.answers == 0) return result;
        result.mean = Pairs::mean(with_total.x);
        result.p = result.mean / std::max(1.0, highest);
        if (auto const variance = Pairs::variance(with_total.x)) result.sd = std::sqrt(*variance);
        result.point_biserial = with_total.correlation();
        result.corrected = with_rest.correlation();
        result.alpha_without = alpha(i);
        for (auto const& [category, persons] : chosen) result.categories.push_back(category_row(i, category, persons, result.answers));
        return result;
    }

    CategoryStatistics category_row(std::size_t i, Category category, std::vector<std::size_t> const& persons, std::size_t answers) const
    {
        auto row = CategoryStatistics{category, persons.size(), static_cast<double>(persons.size()) / static_cast<double>(answers), {}, {}};
        auto rests = std::vector<double>{};
        for (auto const p : persons)
            if (auto const others = rest(p, i)) rests.push_back(*others);
        if (!rests.empty()) row.mean_rest = Pairs::mean(rests);
        auto indicator = Pairs{};
        for (std::size_t p = 0; p < responses_.persons; ++p) {
            if (!is_answered(p, i)) continue;
            auto const others = rest(p, i);
            if (!others) continue;
            indicator.x.push_back(responses_.at(p, i) == category ? 1 : 0);
            indicator.y.push_back(*others);
        }
        row.point_biserial = indicator.correlation();
        return row;
    }

    ResponseTable const& responses_;
    std::span<std::optional<Category> const> keys_;
    std::vector<double> total_;
    std::vector<std::size_t> answered_;
};

} // namespace

Classical classical(ResponseTable const& responses, std::span<std::optional<Category> const> keys)
{
    EXPECTS(keys.empty() || keys.size() == responses.items.size());
    return Analysis{responses, keys}.run();
}

} // namespace assay::exam::calibration
