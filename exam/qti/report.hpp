#pragma once
// What `assay import qti` and `assay item score` print.
#include "exam/item_scoring.hpp"
#include "exam/qti/package.hpp"

#include <span>

namespace assay::exam::qti {

/// {"items":[{"file","identifier","title","interactions":[…],"outcome":"imported"|"refused","notes":[…]}]}
json::value report(PackageImport const& import);
json::value report(std::span<ImportedItem const> items);

/// Every item in `files` by its root element, whether or not a manifest names it: a folder may hold several packages and loose items.
/// For a zip file call unzip first. Files that are no items are passed over; an .xml file without a readable root is a refused row.
json::value import_report(PackageFiles const& files);

/// `RESPONSE=ChoiceA,ChoiceB` → {"RESPONSE", {"ChoiceA", "ChoiceB"}}. Pairs are "A D": `RESPONSE=A D,B E`. A comma or backslash within a
/// value is written `\,` or `\\`; nothing after `=` is no answer. Errors: core::errc::malformed without `=` or with an empty name.
result<ResponseSet::value_type> parse_response_argument(std::string_view argument);
/// Several arguments; values given for one name in several add up.
result<ResponseSet> parse_response_arguments(std::span<std::string const> arguments);
/// As it would have to be read for this item: the text of a single string response (text entry) may hold commas unescaped.
result<ResponseSet> parse_response_arguments(Item const& item, std::span<std::string const> arguments);

/// {"score","max_score"}
json::value to_json(ItemScore const& score);

} // namespace assay::exam::qti
