#pragma once
// What a candidate answered, and what it is worth: the seam between items, which score, and the sitting, which estimates.
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace assay::exam {

/// QTI response identifier → values in QTI notation: "A", "A D" for a pair, text as typed. A missing identifier: no answer.
using ResponseSet = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Points an item gave, of those it can give.
struct ItemScore {
    double score = 0;
    double max_score = 0;
    friend bool operator==(ItemScore const&, ItemScore const&) = default;
};

} // namespace assay::exam
