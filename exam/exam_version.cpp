#include "exam/exam_version.hpp"

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
    std::vector<std::string> take() { return std::move(sentences_); }

private:
    std::vector<std::string> sentences_;
};

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

void check_pool(ExamVersion const& version, Findings& found)
{
    auto const& settings = version.settings;
    found.unless(version.pool.size() <= 20000, "The pool has more than 20000 items.");
    found.unless(std::cmp_greater_equal(version.pool.size(), settings.length.maximum),
                 "The pool (" + number(static_cast<long long>(version.pool.size())) + " items) is smaller than the maximum length (" +
                     number(settings.length.maximum) + ").");
    auto identifiers = std::set<std::string_view>{};
    auto counts = std::vector<int>(settings.blueprint.size());
    auto ascending = true;
    for (auto i = std::size_t{0}; i < version.pool.size(); ++i) {
        auto const& item = version.pool[i];
        ascending = ascending && (i == 0 || version.pool[i - 1].id < item.id);
        found.unless(!item.identifier.empty() && identifiers.insert(item.identifier).second,
                     "The item identifier '" + item.identifier + "' is empty or stands for two items.");
        if (auto const area = area_index(settings, item.area))
            ++counts[*area];
        else
            found.unless(false, "Item '" + item.identifier + "' is of the area '" + item.area + "', which the blueprint does not name.");
    }
    found.unless(ascending, "The pool is not in ascending order of ids, or names an item twice.");
    for (auto a = std::size_t{0}; a < counts.size(); ++a) {
        auto const& area = settings.blueprint[a];
        found.unless(counts[a] >= 1 && counts[a] >= area.minimum, "The area '" + area.area + "' has " + number(counts[a]) +
                                                                      " items, but needs at least " +
                                                                      number(std::max(1, area.minimum)) + ".");
    }
}

} // namespace

PoolItem const* find_item(ExamVersion const& version, ItemId id) noexcept
{
    auto const found = std::lower_bound(version.pool.begin(), version.pool.end(), id,
                                        [](PoolItem const& item, ItemId const& wanted) { return item.id < wanted; });
    return found != version.pool.end() && found->id == id ? &*found : nullptr;
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
    found.unless(within(settings.standard_error_stop, 0.15, 2), "The standard error stop is not within 0.15 to 2 logits.");
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
    auto all = findings(version.settings);
    for (auto& sentence : found.take()) all.push_back(std::move(sentence));
    return all;
}

std::vector<std::string> production_findings(ExamVersion const& version)
{
    auto found = Findings{};
    found.unless(version.settings.standard_setting.has_value(), "The cut rests on no standard-setting record.");
    auto const provisional =
        std::count_if(version.pool.begin(), version.pool.end(), [](PoolItem const& item) { return item.provisional; });
    found.unless(provisional == 0, number(provisional) + " items have provisional parameters.");
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
