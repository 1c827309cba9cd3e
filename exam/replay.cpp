#include "exam/replay.hpp"

#include "exam/detail/overloaded.hpp"
#include "exam/sitting_json.hpp"

namespace assay::exam {
namespace {

using detail::Overloaded;

/// The command that the first event of a batch stands for; nothing for an event that only ever follows another.
std::optional<Command> command_behind(Event const& event)
{
    using Behind = std::optional<Command>;
    return std::visit(
        Overloaded{
            [](SittingOpened const& e) -> Behind {
                return Open{e.exam_version, e.seed, e.rules_document, e.rules_accepted_at, e.extra, e.prior, e.banned, e.ineligible, e.pretest};
            },
            [](AttachmentChanged const& e) -> Behind { return Attach{e.attachment}; },
            [](ConnectionRestored const& e) -> Behind { return Attach{e.attachment}; },
            [](ResponseRecorded const& e) -> Behind { return SubmitResponse{e.attachment, e.ordinal, e.response, e.claimed_time}; },
            [](ConnectionLost const& e) -> Behind { return LoseConnection{e.attachment, e.since}; },
            [](Paused const& e) -> Behind { return Pause{e.kind, e.by, e.reason}; },
            [](Resumed const& e) -> Behind { return Resume{e.by}; },
            [](MinutesAdded const& e) -> Behind { return AddMinutes{e.by, e.minutes, e.reason}; },
            [](TimeCredited const& e) -> Behind {
                if (e.reason != CreditReason::outage) return std::nullopt;
                return CreditOutage{e.from, e.to};
            },
            [](ItemWithdrawn const& e) -> Behind { return WithdrawItem{e.item}; },
            [](TimedOut const&) -> Behind { return Expire{}; },
            [](Terminated const& e) -> Behind { return Terminate{e.by, e.reason}; },
            [](auto const&) -> Behind { return std::nullopt; },
        },
        event);
}

/// Start and Finish leave no attachment in their events, and a block's end not which block: the sitting's own it must have been.
std::optional<Command> command_behind(Event const& event, Sitting const& sitting)
{
    if (std::holds_alternative<SittingStarted>(event)) return Start{sitting.attachment};
    if (auto const* e = std::get_if<Submitted>(&event); e != nullptr && e->cause == SubmitCause::candidate)
        return Finish{sitting.attachment};
    if (auto const* e = std::get_if<BlockClosed>(&event)) return FinishBlock{e->attachment, static_cast<std::uint32_t>(sitting.block_begin + 1)};
    return command_behind(event);
}

/// The first member in which two JSON values differ, as recorded and derived canonical JSON.
std::optional<ReplayDifference> difference_between(json::value const& recorded, json::value const& derived, std::string const& member)
{
    auto const* left = recorded.if_object();
    auto const* right = derived.if_object();
    if (left != nullptr && right != nullptr) {
        for (auto const& [name, value] : *left) {
            auto const path = member + "/" + std::string{name};
            auto const* other = right->if_contains(name);
            if (other == nullptr) return ReplayDifference{0, path, canonical_json(value), "nothing"};
            if (auto difference = difference_between(value, *other, path)) return difference;
        }
        for (auto const& [name, value] : *right)
            if (!left->contains(name)) return ReplayDifference{0, member + "/" + std::string{name}, "nothing", canonical_json(value)};
        return std::nullopt;
    }
    auto written = canonical_json(recorded);
    auto expected = canonical_json(derived);
    if (written == expected) return std::nullopt;
    return ReplayDifference{0, member, std::move(written), std::move(expected)};
}

class Replaying {
public:
    Replaying(PreparedExam const& exam, ResponseScorer const& scorer, std::span<Event const> events)
        : exam_{exam}, version_{exam.version()}, scorer_{scorer}, events_{events}
    {
    }

    ReplayReport run()
    {
        while (!report_.difference && next_ < events_.size()) step();
        report_.identical = !report_.difference.has_value();
        for (auto const& item : sitting_.items) report_.items.push_back(item.item);
        report_.outcome = sitting_.outcome;
        return std::move(report_);
    }

private:
    /// Decides one recorded command again and compares all that came of it.
    void step()
    {
        auto const& first = events_[next_];
        auto const* opened = std::get_if<SittingOpened>(&first);
        if (opened != nullptr && opened->exam_version != document_id(version_))
            return differ({next_, "/exam_version", to_string(opened->exam_version), to_string(document_id(version_))});
        if (opened != nullptr && !is_valid(opened->prior)) return differ({next_, "", "a prior out of range", "nothing"});
        if (opened != nullptr && !is_valid(opened->ineligible)) return differ({next_, "/ineligible", "lists that are neither one nor one a band", "nothing"});

        if (opened != nullptr && !sitting_.opened)
            if (auto words = misfit(sitting_, version_, first)) return differ({next_, "", std::move(*words), "nothing"});

        auto const command = command_behind(first, sitting_);
        if (!command || (std::holds_alternative<Paused>(first) && std::get<Paused>(first).kind == PauseKind::network))
            return differ({next_, "", words_for(first), "no command leads to this event here"});

        auto const derived = decide(sitting_, exam_, scorer_, *command, at(first));
        if (!derived) return differ({next_, "", words_for(first), "refused: " + derived.error().message()});
        if (derived->empty()) return differ({next_, "", words_for(first), "nothing to record"});
        for (auto const& event : *derived) {
            compare(event);
            if (report_.difference) return;
        }
    }

    void compare(Event const& derived)
    {
        if (next_ == events_.size()) return differ({next_, "", "nothing", words_for(derived)});
        if (auto difference = difference_between(to_json(events_[next_]), to_json(derived), "")) {
            difference->index = next_;
            return differ(std::move(*difference));
        }
        sitting_ = apply(std::move(sitting_), version_, derived);
        ++next_;
        ++report_.events_checked;
    }

    void differ(ReplayDifference difference) { report_.difference = std::move(difference); }
    static std::string words_for(Event const& event) { return canonical_json(to_json(event)); }

    PreparedExam const& exam_;
    ExamVersion const& version_;
    ResponseScorer const& scorer_;
    std::span<Event const> events_;
    Sitting sitting_;
    std::size_t next_ = 0;
    ReplayReport report_;
};

} // namespace

ReplayReport replay_check(PreparedExam const& exam, ResponseScorer const& scorer, std::span<Event const> events)
{
    return Replaying{exam, scorer, events}.run();
}

} // namespace assay::exam
