#pragma once
// What a blueprint can ask of an item by its content.
#include "exam/item.hpp"

namespace assay::exam {

struct ItemTraits {
    std::string type;    ///< kind_name of its interactions; "composite" when they differ; empty without any
    std::string key;     ///< "A", "B" …: place of the right answer of a single choice in the author's order; empty when it is shuffled or there is no one place
    double words = 0;    ///< to read: of the body and of every prompt and choice, parted by white space
    friend bool operator==(ItemTraits const&, ItemTraits const&) = default;
};
ItemTraits traits_of(Item const& item);

} // namespace assay::exam
