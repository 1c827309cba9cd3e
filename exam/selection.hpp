#pragma once
// Which item comes next: maximum information at the present estimate, inside the blueprint, with a randomised start. Everything that
// it depends on is an argument, so that a replay presents the same form.
#include "exam/exam_version.hpp"

#include <array>
#include <span>

namespace assay::exam {

using Seed = std::array<std::byte, 32>;

/// The eligible item to present as number administered.size() + 1.
///
/// Eligible: in the pool, not administered, not `banned`, and of an area that the blueprint asks for next:
///   1. while the items left to the minimum length are no more than what areas still lack of their minima, only lacking areas count;
///   2. of those, the areas furthest behind their share: the largest share·(n + 1) − count·(sum of shares), in integers.
///      Areas that are equally far behind compete as one; an area without an eligible item is passed over.
/// Chosen: the most informative at `theta`, ties to the lower ItemId; for the first `randomesque.items` items instead one of the
/// `randomesque.candidates` best, by draw().
/// `administered` names each presented item once; `banned` need not be sorted.
/// Errors: errc::bank_exhausted when nothing is eligible; errc::item_not_in_pool when `administered` names an unknown item.
result<ItemId> select_next_item(ExamVersion const& version, std::span<ItemId const> administered, std::span<ItemId const> banned,
                                Theta theta, Seed const& seed);

/// A number in [0, bound), uniform up to bound/2^32, from the counter-based generator
///     SHA-256("assay.exam.selection.v1" || 0 || seed || ordinal as 8 bytes big-endian), its first four bytes big-endian,
/// times bound, divided by 2^32. Each ordinal has a draw of its own: no state to lose. Expects bound in 1 … 2^16.
std::uint32_t draw(Seed const& seed, std::uint64_t ordinal, std::uint32_t bound);

} // namespace assay::exam
