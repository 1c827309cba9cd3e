#pragma once
#include "exam/item.hpp"
#include "exam/qti/detail/findings.hpp"
#include "exam/qti/detail/xml.hpp"

#include <set>

namespace assay::exam::qti::detail {

/// Declarations and response processing of one item into ItemParts. What cannot be interpreted refuses the item, by name.
void read_response_declaration(XmlElement const& declaration, ItemParts& item, Findings& findings);
void read_outcome_declaration(XmlElement const& declaration, ItemParts& item, Findings& findings);
/// After the declarations and the body: `processing` may be null (an item without scoring).
void read_response_processing(XmlElement const* processing, ItemParts& item, Findings& findings);

/// Response identifiers whose correct response decides something: an unreachable one refuses the item.
std::set<std::string> responses_judged_by_key(std::vector<Rule> const& rules);

} // namespace assay::exam::qti::detail
