#pragma once
// The sitting: one candidate taking one form once. Pure event sourcing: decide() says what follows from a command, apply() what an
// event changes; nothing here reads a clock, a database or a random number.
#include "exam/events.hpp"

#include <functional>
#include <span>

namespace assay::exam {

enum class RunState { ready, running, paused, submitted, timed_out, terminated };
std::string_view to_string(RunState state) noexcept;

struct AdministeredItem {
    ItemId item;
    Timestamp presented_at;
    std::optional<Timestamp> answered_at;
    ItemScore score;      ///< meaningless before the answer
    bool correct = false; ///< full credit: what the models, which know right and wrong only, are told
    friend bool operator==(AdministeredItem const&, AdministeredItem const&) = default;
};

struct Sitting {
    bool opened = false;
    Sha256Digest exam_version;
    Seed seed{};
    std::vector<ItemId> banned;
    Clock clock;
    std::uint32_t attachment = 0;        ///< 0: no device has ever attached
    std::vector<AdministeredItem> items; ///< in order; item n has ordinal n + 1
    Posterior posterior;
    std::optional<RunState> ended;       ///< submitted, timed_out or terminated
    std::optional<Outcome> outcome;
    std::uint64_t version = 0;           ///< events applied: the stream's position
    Timestamp last_at;                   ///< of the last event
    Timestamp last_heard_at;             ///< of the last event that the candidate's device caused: no disconnect began before it
    friend bool operator==(Sitting const&, Sitting const&) = default;
};

/// The run state in the words of the whole system; `network` is a lost connection that no other pause hides.
RunState run_state(Sitting const& sitting) noexcept;
std::optional<PauseKind> paused_by(Sitting const& sitting) noexcept;

/// The ordinal that is waiting for a response; nothing before the first item and after the last answer.
std::optional<std::uint32_t> presented_ordinal(Sitting const& sitting) noexcept;
std::size_t answered_count(Sitting const& sitting) noexcept;

/// What the item's own rules make of a response, or why they refuse it (that error is decide()'s answer).
using Scorer = std::function<result<ItemScore>(ItemId, ResponseSet const&)>;

/// What follows when `command` reaches `sitting` at `now`: events to append, all or none, or the rule that refuses. An empty list means
/// that there is nothing to record (a device that is still attached, an outage already credited).
/// `version` is the document that the sitting pins. A `now` before the last event counts as that event's instant.
/// Errors: those of errc that name a rule, and the scorer's.
/// Callers: credit an outage before anything else that follows it, so that nobody's time runs out while we were away; refused with
/// time_limit_reached, send Expire.
result<std::vector<Event>> decide(Sitting const& sitting, ExamVersion const& version, Scorer const& scorer, Command const& command,
                                  Timestamp now);

/// Why `event` cannot come next, in words; nothing when it can.
std::optional<std::string> misfit(Sitting const& sitting, ExamVersion const& version, Event const& event);

/// The sitting after `event`. Expects no misfit().
Sitting apply(Sitting sitting, ExamVersion const& version, Event const& event);

/// All of them, from nothing. Expects no misfit(): what decide() gave and a journal kept has none.
Sitting replay(ExamVersion const& version, std::span<Event const> events);

/// Why the run stops after the last answer, or nothing while it goes on.
///   maximum_length:    as many answers as LengthRule::maximum;
///   precision_reached: minimum length and every blueprint minimum reached, SE <= standard_error_stop, and the cut not within
///                      near_cut_z · SE of the estimate.
std::optional<SubmitCause> stop_rule(Sitting const& sitting, ExamVersion const& version);

} // namespace assay::exam
