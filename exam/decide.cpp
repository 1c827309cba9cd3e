#include "exam/blocks.hpp"
#include "exam/errors.hpp"
#include "exam/sitting.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

using Events = std::vector<Event>;

constexpr auto response_values_max = std::size_t{256};
constexpr auto response_bytes_max = std::size_t{64 * 1024};

bool fits(ResponseSet const& response) noexcept
{
    auto values = std::size_t{0};
    auto bytes = std::size_t{0};
    for (auto const& [identifier, given] : response) {
        bytes += identifier.size();
        values += 1 + given.size();
        for (auto const& value : given) bytes += value.size();
    }
    return values <= response_values_max && bytes <= response_bytes_max;
}

/// The events of one command, with the sitting as they leave it: each rule sees what the ones before it brought about.
class Deciding {
public:
    Deciding(Sitting const& sitting, PreparedExam const& exam, ResponseScorer const& scorer, Timestamp now)
        : sitting_{sitting}, exam_{exam}, version_{exam.version()}, rules_{exam.settings().clock}, scorer_{scorer},
          now_{sitting.opened ? std::max(now, sitting.last_at) : now} // a stepped clock never makes a sitting run backwards
    {
    }

    result<Events> operator()(Open const& command)
    {
        if (sitting_.opened) return errc::sitting_already_open;
        if (command.extra.count() < 0 || command.extra > std::chrono::hours{24}) return errc::minutes_out_of_range;
        EXPECTS(is_valid(command.prior) && is_valid(command.ineligible));
        auto banned = ascending(command.banned);
        auto ineligible = command.ineligible;
        for (auto& list : ineligible) list = ascending(std::move(list));
        auto pretest = command.pretest;
        std::sort(pretest.begin(), pretest.end(), [](PretestWeight const& a, PretestWeight const& b) { return a.item < b.item; });
        auto form = draw_form(exam_, ineligible, banned, command.seed);
        if (!form) return form.error();
        emit(SittingOpened{now_, command.exam_version, command.seed, command.rules_document, command.rules_accepted_at, command.extra,
                           command.prior, std::move(banned), std::move(ineligible), std::move(pretest), std::move(*form)});
        return done();
    }

    result<Events> operator()(Attach const& command)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        if (command.attachment < sitting_.attachment || command.attachment == 0) return errc::stale_attachment;
        if (expired()) return errc::time_limit_reached;
        if (command.attachment > sitting_.attachment) emit(AttachmentChanged{now_, command.attachment});
        if (sitting_.clock.lost_since) {
            auto const since = *sitting_.clock.lost_since;
            emit(ConnectionRestored{now_, command.attachment});
            settle_disconnect(since);
        }
        return done();
    }

    result<Events> operator()(Start const& command)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        if (started()) return errc::sitting_already_started;
        if (auto const refused = refuse_unless_attached(command.attachment)) return *refused;
        emit(SittingStarted{now_});
        auto const presented = present_next(false);
        if (!presented) return presented.error(); // nothing to present: the sitting stays ready, and someone must look at the bans
        return done();
    }

    result<Events> operator()(SubmitResponse const& command)
    {
        if (auto const refused = refuse_unless_in_hand(command.attachment)) return *refused;
        auto const is_next = presented_ordinal(sitting_) == command.ordinal;
        if (!is_next && !may_change(sitting_, version_, command.ordinal)) return errc::item_not_presented;
        if (!fits(command.response)) return errc::response_too_large;

        auto const item = sitting_.items[command.ordinal - 1].item;
        auto const score = scorer_(item, command.response);
        if (!score) return score.error();
        auto const recorded = ItemScore{score->score + 0.0, score->max_score + 0.0}; // -0 has no canonical JSON of its own
        emit(ResponseRecorded{now_, command.attachment, command.ordinal, item, command.response, recorded, command.claimed_time});

        if (!is_next) return done();
        if (auto const next = next_of_testlet()) {
            emit(ItemPresented{now_, next_ordinal(), *next});
            return done();
        }
        if (auto const next = next_of_block(exam_, sitting_.block, presented(), sitting_.banned)) {
            emit(ItemPresented{now_, next_ordinal(), or_pretest(*next)});
            return done();
        }
        if (awaits_block_end(sitting_, version_)) return done();
        return go_on();
    }

    result<Events> operator()(FinishBlock const& command)
    {
        if (auto const refused = refuse_unless_in_hand(command.attachment)) return *refused;
        if (!awaits_block_end(sitting_, version_) || review_begin(sitting_, version_) != command.first) return errc::block_not_answered;
        emit(BlockClosed{now_, command.attachment});
        return go_on();
    }

    result<Events> operator()(LoseConnection const& command)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        if (command.attachment != sitting_.attachment || command.attachment == 0) return errc::stale_attachment;
        if (!started() || sitting_.clock.lost_since) return done();
        auto const since = std::clamp(command.since, sitting_.last_heard_at, now_);
        // Judged by when the device fell silent: it is noticed later, and the deadline may have passed in between.
        if (has_closed(sitting_.clock, rules_, since)) return errc::time_limit_reached;
        emit(ConnectionLost{now_, command.attachment, since});
        return done();
    }

    result<Events> operator()(Pause const& command)
    {
        if (auto const refused = refuse_unless_running_out()) return *refused;
        auto const is_break = command.kind == PauseKind::candidate_break;
        EXPECTS(command.kind != PauseKind::network);
        auto const& open = sitting_.clock.pause;
        if (open && (is_break || open->kind != PauseKind::candidate_break)) return errc::already_paused;
        if (is_break && sitting_.clock.breaks_taken >= rules_.breaks_max) return errc::break_not_allowed;
        if (!is_break && !command.by) return errc::only_staff_may_do_this;
        if (!is_break && command.reason.empty()) return errc::reason_missing;
        auto const earlier = open;
        emit(Paused{now_, command.kind, command.by, command.reason});
        if (earlier) settle(CreditReason::pause, earlier->since, now_);
        return done();
    }

    result<Events> operator()(Resume const& command)
    {
        if (auto const refused = refuse_unless_running_out()) return *refused;
        auto const open = sitting_.clock.pause;
        if (!open) return errc::not_paused;
        if (open->kind != PauseKind::candidate_break && !command.by) return errc::only_staff_may_do_this;
        emit(Resumed{now_, command.by});
        settle(CreditReason::pause, open->since, now_);
        return done();
    }

    result<Events> operator()(AddMinutes const& command)
    {
        if (auto const refused = refuse_unless_running_out()) return *refused;
        if (!sitting_.clock.limit) return errc::no_time_limit;
        if (command.minutes.count() < 1 || command.minutes.count() > 600) return errc::minutes_out_of_range;
        if (command.reason.empty()) return errc::reason_missing;
        emit(MinutesAdded{now_, command.by, command.minutes, command.reason});
        return done();
    }

    result<Events> operator()(CreditOutage const& command)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        if (command.from >= command.to || command.to > now_) return errc::outage_out_of_range;
        // Allowed after the deadline: it may have passed because we were away.
        if (!started() || !sitting_.clock.limit || command.to <= *sitting_.clock.started_at) return done();
        auto const outage = Interval{std::max(command.from, *sitting_.clock.started_at), command.to};
        if (!is_known_outage(sitting_.clock, outage)) credit_outage(outage);
        return done();
    }

    result<Events> operator()(Finish const& command)
    {
        if (auto const refused = refuse_unless_in_hand(command.attachment)) return *refused;
        return submit(SubmitCause::candidate);
    }

    result<Events> operator()(WithdrawItem const& command)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        auto const had = std::any_of(sitting_.items.begin(), sitting_.items.end(), [&](AdministeredItem const& item) { return item.item == command.item; });
        auto const out = std::binary_search(sitting_.banned.begin(), sitting_.banned.end(), command.item);
        if (had || out || find_presentable(version_, command.item) == nullptr) return done();
        emit(ItemWithdrawn{now_, command.item});
        return done();
    }

    result<Events> operator()(Expire const&)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        if (!expired()) return errc::time_limit_not_reached;
        emit(TimedOut{now_, *closes_at(sitting_.clock, rules_, now_)});
        return finalise(false);
    }

    result<Events> operator()(Terminate const& command)
    {
        if (auto const refused = refuse_unless_going_on()) return *refused;
        if (command.reason.empty()) return errc::reason_missing;
        emit(Terminated{now_, command.by, command.reason});
        return finalise(true);
    }

private:
    using Refusal = std::optional<boost::system::error_code>;

    bool started() const noexcept { return sitting_.clock.started_at.has_value(); }
    bool expired() const { return has_closed(sitting_.clock, rules_, now_); }

    Refusal refuse_unless_going_on() const
    {
        if (!sitting_.opened) return errc::sitting_not_open;
        if (sitting_.ended) return errc::sitting_has_ended;
        return std::nullopt;
    }
    /// Started, not ended, and there is time left.
    Refusal refuse_unless_running_out() const
    {
        if (auto refused = refuse_unless_going_on()) return refused;
        if (!started()) return errc::sitting_not_started;
        if (expired()) return errc::time_limit_reached;
        return std::nullopt;
    }
    Refusal refuse_unless_attached(std::uint32_t attachment) const
    {
        if (sitting_.attachment == 0 || sitting_.clock.lost_since) return errc::not_attached;
        if (attachment != sitting_.attachment) return errc::stale_attachment;
        return std::nullopt;
    }
    /// … and the device that asks is the one that has the sitting, which nobody holds.
    Refusal refuse_unless_in_hand(std::uint32_t attachment) const
    {
        if (auto refused = refuse_unless_going_on()) return refused;
        if (!started()) return errc::sitting_not_started;
        if (attachment < sitting_.attachment) return errc::stale_attachment; // says so even when the time is up: it must let go
        if (expired()) return errc::time_limit_reached;
        if (sitting_.clock.pause) return errc::sitting_paused;
        return refuse_unless_attached(attachment);
    }

    void emit(Event event)
    {
        sitting_ = apply(std::move(sitting_), version_, event);
        events_.push_back(std::move(event));
    }

    /// Settles what is over and not yet credited.
    void settle(CreditReason reason, Timestamp from, Timestamp to)
    {
        if (!sitting_.clock.limit) return;
        auto const amount = earned_credit(without_open(sitting_.clock), rules_, now_) - sitting_.clock.credited;
        if (amount.count() > 0) emit(TimeCredited{now_, reason, from, to, amount});
    }
    /// What the disconnect that has just ended adds; the part inside a pause that still stands will be credited as that pause.
    void settle_disconnect(Timestamp since)
    {
        if (!sitting_.clock.limit) return;
        auto before = sitting_.clock;
        before.disconnects.pop_back();
        auto const amount = earned_credit(sitting_.clock, rules_, now_) - earned_credit(before, rules_, now_);
        if (amount.count() > 0) emit(TimeCredited{now_, CreditReason::disconnect, since, now_, amount});
    }
    /// Recorded even when it moves nothing: it may hand back a candidate's own disconnect allowance.
    void credit_outage(Interval const& outage)
    {
        auto with = without_open(sitting_.clock);
        with.outages.push_back(outage);
        auto const amount = earned_credit(with, rules_, now_) - sitting_.clock.credited;
        emit(TimeCredited{now_, CreditReason::outage, outage.from, outage.to, amount});
    }
    /// A pause or disconnect that goes on is credited when it ends.
    static Clock without_open(Clock clock)
    {
        clock.pause.reset();
        clock.lost_since.reset();
        return clock;
    }

    /// The next item of a testlet under way. None when it was withdrawn: what is left of the testlet then tells nothing.
    std::optional<ItemId> next_of_testlet() const
    {
        auto const& last = sitting_.items.back();
        auto const* testlet = last.scored ? exam_.testlet_of(exam_.position(last.item).value()) : nullptr;
        if (testlet == nullptr) return std::nullopt;
        for (auto k = std::size_t{1}; k < testlet->items.size(); ++k) {
            auto const next = version_.pool[testlet->items[k]].id;
            if (version_.pool[testlet->items[k - 1]].id != last.item || std::binary_search(sitting_.banned.begin(), sitting_.banned.end(), next)) continue;
            return next;
        }
        return std::nullopt;
    }

    /// What follows where nothing is left of what was chosen before: the end, or more.
    result<Events> go_on()
    {
        auto const verdict = stop_verdict(sitting_, exam_, now_);
        if (verdict.cause && (verdict.form_is_complete || *verdict.cause == SubmitCause::maximum_length)) return submit(*verdict.cause);
        auto const presented = present_next(verdict.cause.has_value());
        if (!presented) return submit(presented.error() == errc::form_complete ? SubmitCause::form_complete : SubmitCause::bank_exhausted);
        return done();
    }

    /// Chooses an item, or a block of them, and presents the first. `completing`: a stop rule is satisfied already.
    result<void> present_next(bool completing)
    {
        auto chosen = choose(completing);
        if (!chosen) return chosen.error();
        auto const first = chosen->items.front();
        if (has_blocks(exam_.settings())) emit(BlockChosen{now_, std::move(chosen->items), std::move(chosen->module)});
        emit(ItemPresented{now_, next_ordinal(), or_pretest(first)});
        return {};
    }

    result<ChosenBlock> choose(bool completing) const
    {
        if (exam_.settings().selection.mode == SelectionMode::stages) return next_module(exam_, sitting_.modules, estimate().theta, sitting_.banned, sitting_.seed);
        if (!sitting_.form.empty()) return block_of_form(exam_, sitting_.form, presented(), sitting_.banned);
        auto const posterior = posterior_of(sitting_, exam_);
        auto const administered = presented(true);
        auto const pretested = presented(false);
        return select_block(exam_, {.administered = administered,
                                    .banned = sitting_.banned,
                                    .ineligible = sitting_.ineligible,
                                    .posterior = posterior,
                                    .theta = estimate_of(posterior, exam_).theta,
                                    .seed = sitting_.seed,
                                    .completing = completing,
                                    .pretested = pretested});
    }

    /// `next`, or the pretest item that is due in its place. `next` was chosen in any case: a pretest item takes no less time to come than any other, and
    /// comes only where the run goes on. One that would have stood within a testlet comes after it.
    ItemId or_pretest(ItemId next) const
    {
        auto const slots = pretest_ordinals(exam_.settings(), sitting_.seed);
        auto const due = static_cast<std::size_t>(std::upper_bound(slots.begin(), slots.end(), next_ordinal()) - slots.begin());
        if (due <= presented(false).size()) return next;
        auto sure = presented(); // what is sure to come has enemies too
        sure.insert(sure.end(), sitting_.form.begin(), sitting_.form.end());
        sure.insert(sure.end(), sitting_.block.begin(), sitting_.block.end());
        return select_pretest_item(exam_, sitting_.pretest, sure, sitting_.banned, sitting_.seed, next_ordinal()).value_or(next);
    }

    std::uint32_t next_ordinal() const noexcept { return static_cast<std::uint32_t>(sitting_.items.size() + 1); }

    std::vector<ItemId> presented() const
    {
        auto ids = std::vector<ItemId>{};
        for (auto const& item : sitting_.items) ids.push_back(item.item);
        return ids;
    }
    /// Of the pool, or the pretest items.
    std::vector<ItemId> presented(bool scored) const
    {
        auto ids = std::vector<ItemId>{};
        for (auto const& item : sitting_.items)
            if (item.scored == scored) ids.push_back(item.item);
        return ids;
    }

    Estimate estimate() const { return estimate_of(posterior_of(sitting_, exam_), exam_); }

    static std::vector<ItemId> ascending(std::vector<ItemId> ids)
    {
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        return ids;
    }

    result<Events> submit(SubmitCause cause)
    {
        emit(Submitted{now_, cause});
        return finalise(false);
    }
    result<Events> finalise(bool terminated)
    {
        emit(ScoreFinalised{now_, outcome_of(sitting_, exam_, terminated)});
        return done();
    }
    result<Events> done() { return std::move(events_); }

    Sitting sitting_;
    PreparedExam const& exam_;
    ExamVersion const& version_;
    ClockRules const& rules_;
    ResponseScorer const& scorer_;
    Timestamp now_;
    Events events_;
};

} // namespace

result<std::vector<Event>> decide(Sitting const& sitting, PreparedExam const& exam, ResponseScorer const& scorer, Command const& command,
                                  Timestamp now)
{
    return std::visit(Deciding{sitting, exam, scorer, now}, command);
}

bool may_assemble(PreparedExam const& exam, Command const& command) noexcept
{
    if (std::holds_alternative<Open>(command)) return exam.settings().selection.mode == SelectionMode::loft;
    if (exam.settings().selection.mode != SelectionMode::adaptive || (exam.program() == nullptr && !has_blocks(exam.settings()))) return false;
    return std::holds_alternative<Start>(command) || std::holds_alternative<SubmitResponse>(command) || std::holds_alternative<FinishBlock>(command);
}

} // namespace assay::exam
