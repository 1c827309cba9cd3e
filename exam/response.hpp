#pragma once
#include <map>
#include <string>
#include <vector>

namespace assay::exam {

using ResponseSet = std::map<std::string, std::vector<std::string>, std::less<>>;

struct ItemScore {
    double score = 0;
    double max_score = 0;
    friend bool operator==(ItemScore const&, ItemScore const&) = default;
};

} // namespace assay::exam
