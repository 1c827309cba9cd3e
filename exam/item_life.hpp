#pragma once
// The life of an item in the bank, apart from its content: who may do what from which state. Whoever wrote a question is blind to
// what is wrong with it, so somebody else approves it; and nobody is examined with a question that nobody approved.
//
//   draft → in_review → approved → pretest → operational ⇄ suspended;  approved → operational
//   in_review → draft (sent back);  pretest → suspended;  everything but retired → retired, for good
#include "core/contract.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::exam {

enum class ItemState { draft, in_review, approved, pretest, operational, suspended, retired };
std::string_view to_string(ItemState state) noexcept;
result<ItemState> parse_item_state(std::string_view text); ///< errc::malformed_document

enum class ItemAction { submit, send_back, approve, pretest, operate, suspend, reinstate, retire };
std::string_view to_string(ItemAction action) noexcept;
result<ItemAction> parse_item_action(std::string_view text); ///< errc::malformed_document

/// Somebody under all the names by which an author may be written down: id, name, address. Compared without ASCII case.
struct ItemActor {
    std::vector<std::string> names;
};

struct ItemStanding {
    ItemState state = ItemState::draft;
    std::string author;        ///< as recorded at the import: an id, a name or an address
    bool approved = false;     ///< by somebody other than the author, at some time
};

/// The state that follows, or the rule that refuses: errc::item_state_forbids (the table above; reinstating and operating also need the
/// approval), errc::author_may_not_approve, errc::reason_missing (send_back, suspend, retire).
result<ItemState> decide_item(ItemStanding const& standing, ItemAction action, ItemActor const& by, std::string_view reason);

/// What `by` may do now, in the order of ItemAction; what only lacks a reason is among it.
std::vector<ItemAction> allowed_actions(ItemStanding const& standing, ItemActor const& by);

bool needs_reason(ItemAction action) noexcept;
/// May an exam version that is published contain it, and how?
bool is_administrable(ItemState state) noexcept; ///< as an item that scores: operational only
bool is_pretested(ItemState state) noexcept;     ///< in a hidden slot, unscored

} // namespace assay::exam
