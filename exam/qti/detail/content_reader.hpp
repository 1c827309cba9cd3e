#pragma once
#include "exam/item.hpp"
#include "exam/qti/detail/findings.hpp"
#include "exam/qti/detail/xml.hpp"

namespace assay::exam::qti::detail {

/// The item body: content through the allow-list, interactions taken out into `item.interactions`. Needs item.responses and item.outcomes.
/// `folder` is where the item lies in its package: pictures are named from the package's root.
void read_body(XmlElement const& body, std::string const& folder, ItemParts& item, Findings& findings);

/// The path that `reference` means, seen from `folder`; empty when it leaves the package or is no relative path.
std::string resolve(std::string_view folder, std::string_view reference);

/// "choice" of choice-interaction; empty for everything that is no interaction.
std::string interaction_name(XmlElement const& element);

} // namespace assay::exam::qti::detail
