#pragma once
// What is chosen next where items come in blocks: the next few by the criterion, of a form, or a module of the next stage. A single item is a block of one.
#include "exam/selection.hpp"

namespace assay::exam {

struct ChosenBlock {
    std::vector<ItemId> items; ///< at least one, in the order of presentation; a testlet whole
    std::string module;        ///< in the mode stages
};

/// The block to present after administered.size() items: BlockRule::items times what select_next_item() gives, each as though those before it in the block had
/// been presented, and with what is known before the first. It is shorter where the maximum length is reached, nothing is left, or, while completing, the form is complete.
/// Errors: those of select_next_item() for the first item.
result<ChosenBlock> select_block(PreparedExam const& exam, SelectionContext const& context);

/// The next BlockRule::items items of a fixed form, passing over what is out (next_of_form). Errors: errc::form_complete when none is left.
result<ChosenBlock> block_of_form(PreparedExam const& exam, std::span<ItemId const> form, std::span<ItemId const> presented, std::span<ItemId const> banned);

/// The module of the stage after `modules`, those presented so far, without what is out. Before the first stage a panel is drawn: of those with the fewest banned
/// items each is equally likely. Within the panel the module is the one with the highest StageModule::from at or below theta, where the stage has any; else the one that
/// tells most at theta (the sum of its items' information, "approximate maximum information": Luecht, Brumfield & Breithaupt 2006), the earlier one of two equals.
/// Errors: errc::form_complete after the last stage; errc::bank_exhausted when nothing of the stage is left.
result<ChosenBlock> next_module(PreparedExam const& exam, std::span<std::string const> modules, Theta theta, std::span<ItemId const> banned, Seed const& seed);

/// The next item of a block under way: the first that is neither among `presented` nor out. A testlet of which an item was withdrawn is out.
std::optional<ItemId> next_of_block(PreparedExam const& exam, std::span<ItemId const> block, std::span<ItemId const> presented, std::span<ItemId const> banned);

} // namespace assay::exam
