#pragma once
// QTI 3.0 (qti-kebab-case) and 2.x (camelCase) items into our own. Whatever is not taken over is named; when the candidate would see
// or be scored something other than what the author wrote, the item is refused.
#include "core/bytes.hpp"
#include "exam/item.hpp"

#include <optional>
#include <string>
#include <vector>

namespace assay::exam::qti {

enum class ImportOutcome { imported, refused };

/// One row of the import report, and the item when there is one.
struct ImportedItem {
    std::string file;
    std::string identifier;
    std::string title;
    std::vector<std::string> interactions; ///< QTI names without prefix and suffix ("choice", "gap-match"), each once, in order
    ImportOutcome outcome = ImportOutcome::refused;
    std::vector<std::string> notes;        ///< what was not taken over and, first, why it was refused
    std::optional<Item> item;              ///< present exactly when imported
};

inline constexpr std::size_t item_size_max = 2 << 20; ///< bytes of XML
inline constexpr int item_depth_max = 64;             ///< nested elements
inline constexpr std::size_t item_nodes_max = 20'000; ///< elements and texts

/// Never throws on any bytes, resolves nothing, and loads nothing but `xml`: entities and document types are refused.
/// `file` is the path within the package; pictures are resolved against its folder.
ImportedItem read_item(ByteView xml, std::string file);

/// Does this look like an item (its root element), rather than a test, a manifest or something else?
bool is_item(ByteView xml);

} // namespace assay::exam::qti
