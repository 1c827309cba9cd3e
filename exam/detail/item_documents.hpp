#pragma once
// The JSON of the parts that a candidate's copy and the item's own document share.
#include "exam/item.hpp"

namespace assay::exam::detail {

enum class Audience {
    candidate, ///< without what only the server needs: shuffle and fixed
    archive,
};

json::array content_document(std::vector<Node> const& nodes);
json::object interaction_document(Interaction const& interaction, Audience audience);

} // namespace assay::exam::detail
