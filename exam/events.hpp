#pragma once
// Everything that can happen in a sitting. Events are facts, stored for good; commands are wishes, which decide() turns into events or
// refuses. An instant stands in each event: the database's clock, never the client's.
#include "exam/clock.hpp"
#include "exam/response.hpp"
#include "exam/result.hpp"
#include "exam/selection.hpp"

#include <variant>

namespace assay::exam {

// ---- events

/// What the sitting pins, and what selection reads from outside: drawn once, recorded as values.
struct SittingOpened {
    Timestamp at;
    Sha256Digest exam_version;
    Seed seed{};
    Sha256Digest rules_document; ///< rules and confidentiality agreement, as the candidate accepted them
    Timestamp rules_accepted_at;
    std::chrono::minutes extra{0};
    Prior prior;
    std::vector<ItemId> banned; ///< ascending: not for this candidate (earlier attempts, suspended items)
    Ineligible ineligible{};    ///< by exposure control
    PretestWeights pretest{};   ///< where the version has slots
    std::vector<ItemId> form{}; ///< in the order of presentation, where the version fixes forms beforehand
    friend bool operator==(SittingOpened const&, SittingOpened const&) = default;
};
struct SittingStarted {
    Timestamp at;
    friend bool operator==(SittingStarted const&, SittingStarted const&) = default;
};
struct ItemPresented {
    Timestamp at;
    std::uint32_t ordinal = 0; ///< from 1
    ItemId item;
    friend bool operator==(ItemPresented const&, ItemPresented const&) = default;
};
/// The answer to an item; in a block that may be reviewed a later one takes the place of an earlier.
struct ResponseRecorded {
    Timestamp at;
    std::uint32_t attachment = 0;
    std::uint32_t ordinal = 0;
    ItemId item;
    ResponseSet response;
    ItemScore score;
    std::chrono::milliseconds claimed_time{0}; ///< as the page measured it: a claim
    friend bool operator==(ResponseRecorded const&, ResponseRecorded const&) = default;
};
struct AttachmentChanged {
    Timestamp at;
    std::uint32_t attachment = 0; ///< rises; older ones are cut off
    friend bool operator==(AttachmentChanged const&, AttachmentChanged const&) = default;
};
struct ConnectionLost {
    Timestamp at;
    std::uint32_t attachment = 0;
    Timestamp since; ///< when the device was last heard of: the disconnect counts from there
    friend bool operator==(ConnectionLost const&, ConnectionLost const&) = default;
};
struct ConnectionRestored {
    Timestamp at;
    std::uint32_t attachment = 0;
    friend bool operator==(ConnectionRestored const&, ConnectionRestored const&) = default;
};
enum class CreditReason { outage, disconnect, pause };
/// The closing instant moves by `amount`, because of [from, to).
struct TimeCredited {
    Timestamp at;
    CreditReason reason = CreditReason::outage;
    Timestamp from;
    Timestamp to;
    Microseconds amount{0};
    friend bool operator==(TimeCredited const&, TimeCredited const&) = default;
};
struct MinutesAdded {
    Timestamp at;
    StaffId by;
    std::chrono::minutes minutes{0};
    std::string reason;
    friend bool operator==(MinutesAdded const&, MinutesAdded const&) = default;
};
struct Paused {
    Timestamp at;
    PauseKind kind = PauseKind::staff; ///< never network: that is ConnectionLost
    std::optional<StaffId> by;         ///< nobody: the candidate's own break
    std::string reason;
    friend bool operator==(Paused const&, Paused const&) = default;
};
struct Resumed {
    Timestamp at;
    std::optional<StaffId> by;
    friend bool operator==(Resumed const&, Resumed const&) = default;
};
/// The items that come next, in this order and whatever is answered among them: where the version presents blocks. Begins a new one.
struct BlockChosen {
    Timestamp at;
    std::vector<ItemId> items;
    std::string module; ///< of the stage, in the mode stages
    friend bool operator==(BlockChosen const&, BlockChosen const&) = default;
};
/// The candidate has handed the block in: no answer of it changes any more. Where blocks may be reviewed.
struct BlockClosed {
    Timestamp at;
    std::uint32_t attachment = 0;
    friend bool operator==(BlockClosed const&, BlockClosed const&) = default;
};
/// An item that was suspended in mid-window: not presented any more in this sitting. Where it stands on the screen, it stays.
struct ItemWithdrawn {
    Timestamp at;
    ItemId item;
    friend bool operator==(ItemWithdrawn const&, ItemWithdrawn const&) = default;
};
enum class SubmitCause {
    candidate,         ///< handed in
    precision_reached, ///< the standard error stop, away from the cut
    maximum_length,
    bank_exhausted,    ///< no eligible item was left
    class_probability_reached,
    probability_ratio_decided, ///< SPRT
    likelihood_ratio_decided,  ///< GLR
    confidence_interval_clear, ///< of the cut
    nothing_left_to_learn,     ///< no item has the minimum information
    estimate_settled,          ///< plateau
    planned_time_used,
    form_complete,             ///< the form rules leave no further item
    class_settled,             ///< the rest of the test would hardly change it (curtailment)
};
struct Submitted {
    Timestamp at;
    SubmitCause cause = SubmitCause::candidate;
    friend bool operator==(Submitted const&, Submitted const&) = default;
};
struct TimedOut {
    Timestamp at;        ///< when it was written down
    Timestamp closed_at; ///< when the time was up, with what an open break or disconnect had earned
    friend bool operator==(TimedOut const&, TimedOut const&) = default;
};
struct Terminated {
    Timestamp at;
    StaffId by;
    std::string reason;
    friend bool operator==(Terminated const&, Terminated const&) = default;
};
struct ScoreFinalised {
    Timestamp at;
    Outcome outcome;
    friend bool operator==(ScoreFinalised const&, ScoreFinalised const&) = default;
};

using Event = std::variant<SittingOpened, SittingStarted, ItemPresented, ResponseRecorded, AttachmentChanged, ConnectionLost,
                           ConnectionRestored, TimeCredited, MinutesAdded, Paused, Resumed, Submitted, TimedOut, Terminated,
                           ScoreFinalised, ItemWithdrawn, BlockChosen, BlockClosed>;

Timestamp at(Event const& event) noexcept;

// ---- commands

/// The first one. Expects nothing of the caller but honest values; `banned`, the lists of `ineligible` and `pretest` in any order.
struct Open {
    Sha256Digest exam_version;
    Seed seed{};
    Sha256Digest rules_document;
    Timestamp rules_accepted_at;
    std::chrono::minutes extra{0}; ///< 0 … 1440
    Prior prior;
    std::vector<ItemId> banned;
    Ineligible ineligible{};
    PretestWeights pretest{}; ///< of pretest items of the version
};
/// A device takes the sitting, or returns to it: the same number continues, a higher one cuts the older device off.
struct Attach {
    std::uint32_t attachment = 0;
};
/// The clock starts and the first item is presented.
struct Start {
    std::uint32_t attachment = 0;
};
/// To the item that waits or, in a block that may be reviewed, to one of the block that has an answer already.
struct SubmitResponse {
    std::uint32_t attachment = 0;
    std::uint32_t ordinal = 0;
    ResponseSet response;
    std::chrono::milliseconds claimed_time{0};
};
/// The server has not heard of the device since `since`.
struct LoseConnection {
    std::uint32_t attachment = 0;
    Timestamp since;
};
struct Pause {
    PauseKind kind = PauseKind::staff; ///< candidate_break, proctor, staff
    std::optional<StaffId> by;         ///< required unless it is a break
    std::string reason;                ///< required unless it is a break
};
struct Resume {
    std::optional<StaffId> by; ///< nobody: the candidate ends the break
};
struct AddMinutes {
    StaffId by;
    std::chrono::minutes minutes{0}; ///< 1 … 600
    std::string reason;
};
/// Our own service was away in [from, to), as the nodes' heartbeats show. Repeating it credits nothing twice.
struct CreditOutage {
    Timestamp from;
    Timestamp to;
};
/// The item was suspended. Repeating it records nothing twice; nothing to record either for an item that the sitting has had or can't have.
struct WithdrawItem {
    ItemId item;
};
/// The candidate hands in a block whose items all have an answer, and goes on.
struct FinishBlock {
    std::uint32_t attachment = 0;
    std::uint32_t first = 0; ///< the block's first ordinal: what was meant for another block hands none in
};
/// The candidate hands in.
struct Finish {
    std::uint32_t attachment = 0;
};
/// The sweeper's: writes down that the time is up.
struct Expire {};
struct Terminate {
    StaffId by;
    std::string reason;
};

using Command = std::variant<Open, Attach, Start, SubmitResponse, LoseConnection, Pause, Resume, AddMinutes, CreditOutage, Finish, Expire,
                             Terminate, WithdrawItem, FinishBlock>;

} // namespace assay::exam
