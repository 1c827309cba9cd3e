#pragma once
// Which item comes next. Everything that it depends on is an argument, so that a replay presents the same form.
#include "exam/adaptive/criterion.hpp"
#include "exam/prepared_exam.hpp"

#include <array>
#include <span>

namespace assay::exam {

using Seed = std::array<std::byte, 32>;

/// Items that exposure control keeps from a sitting, drawn when it opens: one list for all of theta, or one for each band of adaptive::theta_band.
/// Each ascending. Such an item is presented only where nothing else is left. Under the rule priority there are as many lists again, one a level of
/// use from 1 (adaptive::use_levels): an item counts the less the later its list, and is kept away in the last one.
using Ineligible = std::vector<std::vector<ItemId>>;
/// No list, one, or as many as there are bands.
bool is_valid(Ineligible const& ineligible) noexcept;

/// How much pretest items need answers, as other sittings say: drawn when a sitting opens. Ascending by item; one that is not named is not presented.
struct PretestWeight {
    ItemId item;
    double weight = 1; ///< above 0, at most 1e6
    friend bool operator==(PretestWeight const&, PretestWeight const&) = default;
};
using PretestWeights = std::vector<PretestWeight>;
bool is_valid(PretestWeights const& weights) noexcept;

/// What is known of a sitting when its next item is chosen.
struct SelectionContext {
    std::span<ItemId const> administered;   ///< each once, in order; of the pool
    std::span<ItemId const> banned;         ///< never in this sitting; need not be sorted
    Ineligible const& ineligible;
    adaptive::NodePosterior const& posterior;
    Theta theta;                            ///< the provisional estimate
    Seed const& seed;
    bool completing = false;                ///< a stop rule is satisfied, and only the form is not complete: what completes it soonest
    std::span<ItemId const> pretested{};    ///< the pretest items that were presented: their enemies are presented only where no form, or no minimum of an area, is left without them
};

/// The version's rules as the criteria ask for them.
adaptive::SelectionOptions selection_options(ExamSettings const& settings, adaptive::Criterion criterion);

/// The item to present as number administered.size() + 1: the best by the version's criterion (ties to the lower ItemId) among
///  * with form rules, the free items of a shadow test, re-assembled for what the criterion says now;
///  * without, the items of the areas in turn (Kingsbury & Zara 1989):
///      1. while the items left to the minimum length are no more than what areas still lack of their minima, only lacking areas count;
///      2. of those, the areas furthest behind their share: the largest share·(n + 1) − count·(sum of shares), in integers.
///         Areas that are equally far behind compete as one; an area without a free item is passed over.
/// Free: in the pool, not administered, not banned, no sibling of what was presented. For the first RandomesqueRule::items items, and for the criterion randomesque always, one of
/// its `candidates` best by draw(). Under Sympson-Hetter instead the best item that passes its lottery; where none is left that does, the best one.
/// Errors: errc::bank_exhausted when nothing is left; errc::form_complete when the shadow test has no further item; errc::item_not_in_pool when
/// `administered` names an unknown item.
result<ItemId> select_next_item(PreparedExam const& exam, SelectionContext const& context);

/// The form of a sitting whose items are fixed when it opens, in the order of presentation; empty in the modes adaptive and stages.
///   linear  the document's form, its groups in drawn order where it is shuffled;
///   loft    the best form without the banned items, by the sum over its items of
///               (1 - randomness) · I(cut) / (largest I(cut) of the pool) + randomness · u,   u uniform on [0, 1), one an item or testlet,
///           less 10 for each that exposure control keeps from the sitting at the cut; within a hundredth of the best sum. Its groups in drawn order.
/// A group is a testlet, the form's items of a passage, or an item by itself. Banned items stay in a linear form, and in one of loft where there is none
/// without them: next_of_form() passes them over.
/// Errors: errc::bank_exhausted where no form was found.
result<std::vector<ItemId>> draw_form(PreparedExam const& exam, Ineligible const& ineligible, std::span<ItemId const> banned, Seed const& seed);

/// The next item of such a form: the first that is neither among `presented` nor out. Out is what was banned, with its whole testlet unless that was begun.
/// Errors: errc::form_complete when none is left.
result<ItemId> next_of_form(PreparedExam const& exam, std::span<ItemId const> form, std::span<ItemId const> presented, std::span<ItemId const> banned);

/// The best form of the pool at the cut, by identifier: what a linear exam's document may present. Empty where there is none. Work for a pool of threads.
std::vector<std::string> best_form(ExamVersion version);

/// The ordinals at which a sitting of this seed presents pretest items, ascending: as many as there are slots, of 1 … minimum length + slots - 1, every set of
/// them equally likely. So no stop rule comes before a slot, and the last item of a sitting is a scored one.
std::vector<std::uint32_t> pretest_ordinals(ExamSettings const& settings, Seed const& seed);

/// The pretest item that the slot at `ordinal` presents: of those that are named by `weights`, neither banned nor presented before nor an enemy of one that
/// was, each with a probability in proportion to its weight. Nothing when none is left: then the slot is an ordinary item's.
/// `presented`: all items of the sitting so far.
std::optional<ItemId> select_pretest_item(PreparedExam const& exam, PretestWeights const& weights, std::span<ItemId const> presented, std::span<ItemId const> banned,
                                          Seed const& seed, std::uint32_t ordinal);

/// These, and whoever is of a family with one of them: what a person who has seen the items is not asked again. Ascending, each once.
std::vector<ItemId> with_families(PreparedExam const& exam, std::span<ItemId const> items);

/// Whether a whole sitting can be held without these: a form of the form rules, or the maximum length and every area's minimum.
bool suffices_without(PreparedExam const& exam, std::span<ItemId const> banned);

/// Whether these items, of the pool, are a whole test: every area has its minimum, and the form rules hold, where there are any.
bool is_complete(PreparedExam const& exam, std::span<ItemId const> items);

/// A number in [0, bound), uniform up to bound/2^32, from the counter-based generator
///     SHA-256("assay.exam.selection.v1" || 0 || seed || ordinal as 8 bytes big-endian), its first four bytes big-endian,
/// times bound, divided by 2^32. Each ordinal has a draw of its own: no state to lose. Expects bound in 1 … 2^16.
std::uint32_t draw(Seed const& seed, std::uint64_t ordinal, std::uint32_t bound);

/// A sequence for what needs more than one number an item: seeded with the first eight bytes of the same hash under "assay.exam.stream.v1".
adaptive::Random random_stream(Seed const& seed, std::uint64_t ordinal);
/// The same for the lottery of Sympson-Hetter of the item at a place in the pool, under "assay.exam.lottery.v1".
adaptive::Random lottery_stream(Seed const& seed, std::uint64_t place);
/// The same for fixed forms, under "assay.exam.form.v1": ordinal 0 assembles, ordinal 1 orders, ordinal 2 draws the panel of modules.
adaptive::Random form_stream(Seed const& seed, std::uint64_t ordinal);
/// The same for pretest slots, under "assay.exam.pretest.v1": ordinal 0 draws where they stand.
adaptive::Random pretest_stream(Seed const& seed, std::uint64_t ordinal);

} // namespace assay::exam
