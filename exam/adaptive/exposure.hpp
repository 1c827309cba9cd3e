#pragma once
// Who may see which item, so that none is known to everybody. The rules learn from one sitting to the next; what a sitting uses of them is drawn when it
// starts, and is a value that can be recorded.
#include "exam/adaptive/random.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::exam::adaptive {

enum class ExposureRule {
    none,
    randomesque,       ///< the first items are drawn among the `best` ones                                  Kingsbury & Zara (1989)
    sympson_hetter,    ///< an item that was selected is administered with its probability k_i, from pre-simulation   Sympson & Hetter (1985)
    eligibility,       ///< an item is banned from a sitting with 1 - P(E_i), P(E_i) <- min(1, rate · eligible_i / administered_i)   van der Linden & Veldkamp (2004)
    eligibility_theta, ///< the same for each band of theta by itself (below)                                van der Linden & Veldkamp (2007)
    restricted,        ///< hard cap: never above rate of the sittings so far (at least one)                  Revuelta & Ponsoda (1998)
    priority,          ///< that cap, and below it the more an item was used the less it counts (below)       Cheng & Chang (2009)
};
// eligibility_theta: a sitting counts once, in the band of its last estimate, with all its items: eligible_i by whether the item was eligible in that band,
//   administered_i by whether it was presented, at whatever estimate. So each band's own rate is steered, and with it the overall one: their mean. (Counted
//   in every band that the estimate passed, an item could come to the rate once for each of them.) While the estimate is in another band, that band's
//   bans hold, so candidates far from the middle may meet an item of the middle more often than the rate; the more, the fewer sittings the band has.
// priority: what the criterion says of an item is multiplied by ((rate - use)/rate)^(1/4), use its share of the sittings so far; Cheng and Chang's priority
//   index for exposure has the exponent 1. With 1/4 the cap binds late, which costs no length beside `restricted`, and two candidates share
//   fewer items. Use is taken in fifths of the rate, each at its middle, so that what a sitting needs to know are five short lists. A value below 0 is
//   divided instead; of mepv it is the expected decrease of the variance.

struct ExposureOptions {
    ExposureRule rule = ExposureRule::none;
    double rate = 0.25; ///< target, 0.01 … 1
    int best = 5;       ///< randomesque: candidates, 1 … 1000
    int items = 5;      ///< randomesque: for so many first items
};
/// "none", "randomesque:5", "sympson-hetter:0.25", "eligibility:0.25", "eligibility-theta:0.25", "restricted:0.25", "priority:0.25"; numbers may be left out.
std::optional<ExposureOptions> exposure(std::string_view text);
std::string_view name(ExposureRule rule) noexcept;

/// Bands of theta: below -1.5, -1.5 … -0.5, … , above 1.5.
inline constexpr std::size_t theta_bands = 5;
std::size_t theta_band(double theta) noexcept;

/// Levels of use that the rule priority tells apart: level k is use from k to k + 1 fifths of the rate; at `use_levels` the cap is reached.
inline constexpr std::size_t use_levels = 5;
/// ((rate - use)/rate)^(1/4) in the middle of a level; 1e-9 at the cap, where an item comes only when nothing else is left.
double priority_weight(std::size_t level) noexcept;

/// Bans of one sitting, drawn at its start: banned[band * items + item].
struct Bans {
    std::size_t items = 0;
    std::vector<std::uint8_t> banned; ///< empty: none
    std::vector<std::uint8_t> level;  ///< priority: by item, 0 … use_levels; otherwise empty
    bool at(std::size_t item, double theta) const noexcept { return !banned.empty() && banned[theta_band(theta) * items + item] != 0; }
};

/// What a sitting administered, for the rules to learn from.
struct SittingRecord {
    std::vector<std::size_t> items;
    std::vector<double> thetas; ///< the estimate that each item was chosen at
};

class ExposureControl {
public:
    ExposureControl(ExposureOptions options, std::size_t items);

    Bans draw(Random& random) const;
    void record(SittingRecord const& sitting, Bans const& bans);

    /// Sympson-Hetter: k_i, 1 at first.
    std::span<double const> administration_probability() const noexcept { return probability_; }
    /// Sympson-Hetter: k_i <- min(1, rate / P(selected)), from the share of sittings in which the item was selected.
    void adjust(std::span<double const> selected_share);

    ExposureOptions const& options() const noexcept { return options_; }

private:
    ExposureOptions options_;
    std::size_t items_;
    std::size_t sittings_ = 0;
    std::vector<double> probability_;
    std::vector<double> eligible_;     // [band][item], faded
    std::vector<double> administered_; // [band][item], faded; restricted, priority: counts
};

} // namespace assay::exam::adaptive
