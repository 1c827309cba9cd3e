#pragma once
// The sitting: one candidate taking one form once. Pure event sourcing: decide() says what follows from a command, apply() what an
// event changes; nothing here reads a clock, a database or a random number.
#include "exam/events.hpp"
#include "exam/prepared_exam.hpp"

#include <functional>
#include <span>

namespace assay::exam {

enum class RunState { ready, running, paused, submitted, timed_out, terminated };
std::string_view to_string(RunState state) noexcept;

struct AdministeredItem {
    ItemId item;
    bool scored = true; ///< of the pool; a pretest item is not
    Timestamp presented_at;
    std::optional<Timestamp> answered_at;
    ItemScore score;          ///< this and the next two are meaningless before the answer
    std::size_t category = 0; ///< what the model is told (category_of)
    bool correct = false;     ///< full credit
    friend bool operator==(AdministeredItem const&, AdministeredItem const&) = default;
};

struct Sitting {
    bool opened = false;
    Sha256Digest exam_version;
    Seed seed{};
    Prior prior;
    std::vector<ItemId> banned;          ///< ascending; withdrawn ones among them
    Ineligible ineligible;
    PretestWeights pretest;
    std::vector<ItemId> form;            ///< fixed when it opened; empty: each item is chosen when it comes
    std::vector<ItemId> block;           ///< what was chosen together and is under way; empty: nothing is, or the version has no blocks
    std::size_t block_begin = 0;         ///< the block's first place in `items`, pretest items within the block among them
    std::vector<std::string> modules;    ///< presented so far, in the mode stages
    Clock clock;
    std::uint32_t attachment = 0;        ///< 0: no device has ever attached
    std::vector<AdministeredItem> items; ///< in order; item n has ordinal n + 1
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
/// The first ordinal whose answer may still be changed; nothing where the version allows no review, or no block is under way.
std::optional<std::uint32_t> review_begin(Sitting const& sitting, ExamVersion const& version) noexcept;
/// Whether this ordinal has an answer that may still be changed.
bool may_change(Sitting const& sitting, ExamVersion const& version, std::uint32_t ordinal) noexcept;
/// Whether every item of a block that may be reviewed has its answer: the next thing is to hand it in.
bool awaits_block_end(Sitting const& sitting, ExamVersion const& version) noexcept;
std::size_t answered_count(Sitting const& sitting) noexcept; ///< what the candidate has answered, pretest items among them
std::size_t scored_count(Sitting const& sitting) noexcept;   ///< the pool's items of them: the length of the test

/// What a model is told: the answer to an item, or those to all items of a testlet.
struct ScoredAnswer {
    std::size_t model = 0;    ///< place in PreparedExam::tables()
    std::size_t category = 0;
    std::size_t first = 0;    ///< its first item, in Sitting::items …
    std::size_t count = 1;    ///< … and how many it has, one after the other
    friend bool operator==(ScoredAnswer const&, ScoredAnswer const&) = default;
};
/// In order. A testlet of which an answer is missing tells nothing: it is a whole or none.
std::vector<ScoredAnswer> scored_answers(Sitting const& sitting, PreparedExam const& exam);

/// The distribution of theta after the scored answers so far: 121 nodes, taken in anew.
adaptive::NodePosterior posterior_of(Sitting const& sitting, PreparedExam const& exam);
Estimate estimate_of(adaptive::NodePosterior const& posterior, PreparedExam const& exam) noexcept;

/// What the item's own rules make of a response, or why they refuse it (that error is decide()'s answer).
using ResponseScorer = std::function<result<ItemScore>(ItemId, ResponseSet const&)>;

/// What follows when `command` reaches `sitting` at `now`: events to append, all or none, or the rule that refuses. An empty list means
/// that there is nothing to record (a device that is still attached, an outage already credited).
/// `exam` is the document that the sitting pins. Assembling a form or a block is work for a pool (may_assemble). A `now` before the last event counts as that event's instant.
/// Errors: those of errc that name a rule, and the scorer's.
/// Callers: credit an outage before anything else that follows it, so that nobody's time runs out while we were away; refused with
/// time_limit_reached, send Expire.
result<std::vector<Event>> decide(Sitting const& sitting, PreparedExam const& exam, ResponseScorer const& scorer, Command const& command,
                                  Timestamp now);
/// Whether decide() may assemble a form, or choose a block, for this command: then it belongs on a pool.
bool may_assemble(PreparedExam const& exam, Command const& command) noexcept;

/// Why `event` cannot come next, in words; nothing when it can.
std::optional<std::string> misfit(Sitting const& sitting, ExamVersion const& version, Event const& event);

/// The sitting after `event`. Expects no misfit().
Sitting apply(Sitting sitting, ExamVersion const& version, Event const& event);

/// All of them, from nothing. Expects no misfit(): what decide() gave and a journal kept has none.
Sitting replay(ExamVersion const& version, std::span<Event const> events);

struct StopVerdict {
    std::optional<SubmitCause> cause; ///< nothing: the run goes on
    bool form_is_complete = false;    ///< every area has its minimum and the form rules hold: else the run goes on in spite of the cause
    friend bool operator==(StopVerdict const&, StopVerdict const&) = default;
};
/// What the stop rules say after the last answer. maximum_length counts in any case; every other rule from the minimum length on, and
/// not while the cut lies within near_cut_z · SE of the estimate. Of several rules that hold, the first of SubmitCause is named. A sitting whose form is fixed,
/// or made of stages, is asked for length and time alone. In blocks, asked when one is over.
StopVerdict stop_verdict(Sitting const& sitting, PreparedExam const& exam, Timestamp now);

} // namespace assay::exam
