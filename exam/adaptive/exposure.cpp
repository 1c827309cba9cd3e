#include "exam/adaptive/exposure.hpp"

#include "core/contract.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace assay::exam::adaptive {
namespace {

constexpr std::string_view names[] = {"none", "randomesque", "sympson-hetter", "eligibility", "eligibility-theta", "restricted", "priority"};

/// Old sittings count less and less, so that the rule follows a pool that changes (van der Linden & Veldkamp 2004: 0.999).
constexpr auto fading = 0.999;

bool is_capped(ExposureRule rule) noexcept { return rule == ExposureRule::restricted || rule == ExposureRule::priority; }

} // namespace

double priority_weight(std::size_t level) noexcept
{
    if (level >= use_levels) return 1e-9;
    auto const left = 1 - (static_cast<double>(level) + 0.5) / static_cast<double>(use_levels);
    return std::sqrt(std::sqrt(left)); // correctly rounded by IEEE 754, unlike a power
}

std::string_view name(ExposureRule rule) noexcept { return names[static_cast<std::size_t>(rule)]; }

std::optional<ExposureOptions> exposure(std::string_view text)
{
    auto const colon = text.find(':');
    auto const* found = std::find(std::begin(names), std::end(names), text.substr(0, colon));
    if (found == std::end(names)) return std::nullopt;
    auto options = ExposureOptions{.rule = static_cast<ExposureRule>(found - std::begin(names))};
    if (colon == std::string_view::npos) return options;
    auto const digits = text.substr(colon + 1);
    auto number = 0.0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (options.rule == ExposureRule::randomesque) {
        if (!(number >= 1 && number <= 1000 && number == static_cast<int>(number))) return std::nullopt;
        options.best = static_cast<int>(number);
    } else {
        if (!(number >= 0.01 && number <= 1)) return std::nullopt;
        options.rate = number;
    }
    return options;
}

std::size_t theta_band(double theta) noexcept
{
    auto band = std::size_t{0};
    for (auto const edge : {-1.5, -0.5, 0.5, 1.5}) band += theta >= edge;
    return band;
}

ExposureControl::ExposureControl(ExposureOptions options, std::size_t items)
    : options_{options}, items_{items}, probability_(items, 1.0), eligible_(theta_bands * items, 0.0), administered_(theta_bands * items, 0.0)
{
}

Bans ExposureControl::draw(Random& random) const
{
    auto bans = Bans{.items = items_, .banned = {}, .level = {}};
    auto const by_band = options_.rule == ExposureRule::eligibility_theta;
    if (is_capped(options_.rule)) {
        bans.banned.assign(theta_bands * items_, 0);
        if (options_.rule == ExposureRule::priority) bans.level.assign(items_, 0);
        auto const all = static_cast<double>(sittings_ + 1);
        auto const allowed = std::max(1.0, options_.rate * all);
        for (auto i = std::size_t{0}; i < items_; ++i) {
            auto const at_cap = administered_[i] + 1 > allowed;
            for (auto band = std::size_t{0}; band < theta_bands; ++band) bans.banned[band * items_ + i] = at_cap;
            if (!bans.level.empty())
                bans.level[i] = static_cast<std::uint8_t>(at_cap ? use_levels : std::min<std::size_t>(use_levels - 1, static_cast<std::size_t>(use_levels * administered_[i] / (options_.rate * all))));
        }
    } else if (options_.rule == ExposureRule::eligibility || by_band) {
        bans.banned.assign(theta_bands * items_, 0);
        for (auto i = std::size_t{0}; i < items_; ++i) {
            auto const u = random.uniform(); // one number for all bands: an item's bans then differ as little as possible within a sitting
            for (auto band = std::size_t{0}; band < theta_bands; ++band) {
                auto const source = by_band ? band * items_ + i : i;
                auto const probability = administered_[source] > 0 ? std::min(1.0, options_.rate * eligible_[source] / administered_[source]) : 1.0;
                bans.banned[band * items_ + i] = u >= probability;
            }
        }
    }
    return bans;
}

void ExposureControl::record(SittingRecord const& sitting, Bans const& bans)
{
    EXPECTS(sitting.items.size() == sitting.thetas.size());
    ++sittings_;
    if (is_capped(options_.rule)) {
        for (auto const i : sitting.items) administered_[i] += 1;
    } else if (options_.rule == ExposureRule::eligibility || options_.rule == ExposureRule::eligibility_theta) {
        auto const by_band = options_.rule == ExposureRule::eligibility_theta;
        if (by_band && sitting.thetas.empty()) return; // nothing was presented: it belongs to no band
        auto const first = (by_band ? theta_band(sitting.thetas.back()) : 0) * items_;
        for (auto i = std::size_t{0}; i < items_; ++i) {
            eligible_[first + i] *= fading;
            administered_[first + i] *= fading;
            if (bans.banned.empty() || bans.banned[first + i] == 0) eligible_[first + i] += 1;
        }
        for (auto const i : sitting.items) {
            administered_[first + i] += 1;
            // Overall a banned item is used only where nothing else is left; it then counts as eligible, or it would be banned ever more for nothing.
            // By band it may have come while the estimate was elsewhere: that is use the band must make up for.
            if (!by_band && !bans.banned.empty() && bans.banned[first + i] != 0) eligible_[first + i] += 1;
        }
    }
}

void ExposureControl::adjust(std::span<double const> selected_share)
{
    EXPECTS(selected_share.size() == items_);
    for (auto i = std::size_t{0}; i < items_; ++i) probability_[i] = selected_share[i] > options_.rate ? options_.rate / selected_share[i] : 1.0;
}

} // namespace assay::exam::adaptive
