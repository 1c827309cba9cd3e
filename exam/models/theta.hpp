#pragma once
#include <compare>

namespace assay::exam {

/// Ability in logits: mean 0, SD 1 in the calibration sample.
struct Theta {
    double logits = 0;
    friend auto operator<=>(Theta const&, Theta const&) = default;
};

/// Normal prior of theta. Default: the calibration population.
struct Prior {
    double mean = 0;               ///< logits
    double standard_deviation = 1; ///< logits, above 0
    friend bool operator==(Prior const&, Prior const&) = default;
};

} // namespace assay::exam
