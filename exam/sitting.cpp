#include "exam/sitting.hpp"

#include "exam/detail/overloaded.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

using detail::Overloaded;

bool is_full_credit(ItemScore const& score) noexcept { return score.score >= score.max_score; }

void end_pause(Clock& clock, Timestamp now, ClockRules const& rules)
{
    clock.pauses.push_back(standing_part(*clock.pause, now, rules));
    clock.pause.reset();
}

/// Applies one event; the caller has made sure that it fits.
struct Applying {
    Sitting& sitting;
    ExamVersion const& version;

    void operator()(SittingOpened const& event)
    {
        sitting.opened = true;
        sitting.exam_version = event.exam_version;
        sitting.seed = event.seed;
        sitting.prior = event.prior;
        sitting.banned = event.banned;
        sitting.ineligible = event.ineligible;
        sitting.pretest = event.pretest;
        sitting.form = event.form;
        sitting.clock.limit = version.settings.time_limit;
        sitting.clock.extra = event.extra;
    }
    void operator()(SittingStarted const& event)
    {
        sitting.clock.started_at = event.at;
        sitting.last_heard_at = event.at;
    }
    void operator()(ItemPresented const& event)
    {
        sitting.items.push_back({.item = event.item, .scored = find_item(version, event.item) != nullptr, .presented_at = event.at});
    }
    void operator()(ResponseRecorded const& event)
    {
        auto& item = sitting.items[event.ordinal - 1];
        item.answered_at = event.at;
        item.score = event.score;
        item.correct = is_full_credit(event.score);
        item.category = category_of(find_presentable(version, item.item)->model, event.score.score, event.score.max_score);
        sitting.last_heard_at = event.at;
    }
    void operator()(AttachmentChanged const& event)
    {
        sitting.attachment = event.attachment;
        sitting.last_heard_at = event.at;
    }
    void operator()(ConnectionLost const& event) { sitting.clock.lost_since = event.since; }
    void operator()(ConnectionRestored const& event)
    {
        sitting.clock.disconnects.push_back({*sitting.clock.lost_since, event.at});
        sitting.clock.lost_since.reset();
        sitting.last_heard_at = event.at;
    }
    void operator()(TimeCredited const& event)
    {
        if (event.reason == CreditReason::outage) sitting.clock.outages.push_back({event.from, event.to});
        sitting.clock.credited += event.amount;
    }
    void operator()(MinutesAdded const& event) { sitting.clock.added += event.minutes; }
    void operator()(Paused const& event)
    {
        if (sitting.clock.pause) end_pause(sitting.clock, event.at, version.settings.clock); // staff stop a break
        sitting.clock.pause = OpenPause{event.kind, event.at};
        if (event.kind == PauseKind::candidate_break) ++sitting.clock.breaks_taken;
    }
    void operator()(Resumed const& event) { end_pause(sitting.clock, event.at, version.settings.clock); }
    void operator()(Submitted const&) { sitting.ended = RunState::submitted; }
    void operator()(TimedOut const&) { sitting.ended = RunState::timed_out; }
    void operator()(Terminated const&) { sitting.ended = RunState::terminated; }
    void operator()(ScoreFinalised const& event) { sitting.outcome = event.outcome; }
    void operator()(ItemWithdrawn const& event)
    {
        sitting.banned.insert(std::lower_bound(sitting.banned.begin(), sitting.banned.end(), event.item), event.item);
    }
    void operator()(BlockChosen const& event)
    {
        sitting.block = event.items;
        sitting.block_begin = sitting.items.size();
        if (!event.module.empty()) sitting.modules.push_back(event.module);
    }
    void operator()(BlockClosed const&) { sitting.block.clear(); }
};

using Words = std::optional<std::string>;

Words unless(bool good, char const* words)
{
    if (good) return std::nullopt;
    return std::string{words};
}

Words misfit_of_pretest(ExamVersion const& version, PretestWeights const& weights)
{
    auto const is_pretest = [&](PretestWeight const& each) { return find_item(version, each.item) == nullptr && find_presentable(version, each.item) != nullptr; };
    return unless(is_valid(weights) && std::all_of(weights.begin(), weights.end(), is_pretest), "the weights are not those of the version's pretest items");
}

/// Each once, and of the pool.
bool is_part_of_pool(ExamVersion const& version, std::vector<ItemId> items)
{
    std::sort(items.begin(), items.end());
    return std::adjacent_find(items.begin(), items.end()) == items.end() && std::all_of(items.begin(), items.end(), [&](ItemId id) { return find_item(version, id) != nullptr; });
}

Words misfit_of_form(ExamVersion const& version, std::vector<ItemId> const& form)
{
    auto const mode = version.settings.selection.mode;
    auto const is_fixed = mode == SelectionMode::linear || mode == SelectionMode::loft;
    return unless(is_part_of_pool(version, form) && form.empty() != is_fixed, "the form is not one that the version may fix");
}

Words misfit_of_block(Sitting const& sitting, ExamVersion const& version, BlockChosen const& event)
{
    if (auto words = unless(has_blocks(version.settings), "the version has no blocks")) return words;
    if (auto words = unless(!presented_ordinal(sitting) && !review_begin(sitting, version), "a block is chosen while another is under way")) return words;
    auto const had = [&](AdministeredItem const& earlier) { return std::find(event.items.begin(), event.items.end(), earlier.item) != event.items.end(); };
    if (auto words = unless(!event.items.empty() && is_part_of_pool(version, event.items) && std::none_of(sitting.items.begin(), sitting.items.end(), had),
                            "the block is not one that the version may present"))
        return words;
    auto const is_stage = version.settings.selection.mode == SelectionMode::stages;
    return unless(event.module.empty() != is_stage && (!is_stage || sitting.modules.size() < version.settings.stages.size()), "the block's module is not one of the stage");
}

Words misfit_of_item(Sitting const& sitting, ExamVersion const& version, ItemPresented const& event)
{
    if (auto words = unless(!presented_ordinal(sitting), "an item is presented while another waits for its answer")) return words;
    if (auto words = unless(event.ordinal == sitting.items.size() + 1, "the item's ordinal is not the next one")) return words;
    if (auto words = unless(find_presentable(version, event.item) != nullptr, "the item is not in the exam version's pool")) return words;
    auto const again = std::any_of(sitting.items.begin(), sitting.items.end(),
                                   [&](AdministeredItem const& earlier) { return earlier.item == event.item; });
    return unless(!again, "the item is presented a second time");
}

Words misfit_of_response(Sitting const& sitting, ExamVersion const& version, ResponseRecorded const& event)
{
    if (auto words = unless(presented_ordinal(sitting) == event.ordinal || may_change(sitting, version, event.ordinal), "the response is not to an item that waits, or may be changed"))
        return words;
    return unless(sitting.items[event.ordinal - 1].item == event.item, "the response names another item");
}

} // namespace

std::string_view to_string(RunState state) noexcept
{
    switch (state) {
    case RunState::ready: return "ready";
    case RunState::running: return "running";
    case RunState::paused: return "paused";
    case RunState::submitted: return "submitted";
    case RunState::timed_out: return "timed_out";
    case RunState::terminated: return "terminated";
    }
    return "";
}

Timestamp at(Event const& event) noexcept
{
    return std::visit([](auto const& e) { return e.at; }, event);
}

RunState run_state(Sitting const& sitting) noexcept
{
    if (sitting.ended) return *sitting.ended;
    if (!sitting.clock.started_at) return RunState::ready;
    return paused_by(sitting) ? RunState::paused : RunState::running;
}

std::optional<PauseKind> paused_by(Sitting const& sitting) noexcept
{
    if (sitting.ended || !sitting.clock.started_at) return std::nullopt;
    if (sitting.clock.pause) return sitting.clock.pause->kind;
    if (sitting.clock.lost_since) return PauseKind::network;
    return std::nullopt;
}

std::optional<std::uint32_t> presented_ordinal(Sitting const& sitting) noexcept
{
    if (sitting.ended || sitting.items.empty() || sitting.items.back().answered_at) return std::nullopt;
    return static_cast<std::uint32_t>(sitting.items.size());
}

std::optional<std::uint32_t> review_begin(Sitting const& sitting, ExamVersion const& version) noexcept
{
    if (!version.settings.block.review || sitting.ended || sitting.block.empty()) return std::nullopt;
    return static_cast<std::uint32_t>(sitting.block_begin + 1);
}

bool may_change(Sitting const& sitting, ExamVersion const& version, std::uint32_t ordinal) noexcept
{
    auto const begin = review_begin(sitting, version);
    return begin && ordinal >= *begin && ordinal <= sitting.items.size() && sitting.items[ordinal - 1].answered_at.has_value();
}

bool awaits_block_end(Sitting const& sitting, ExamVersion const& version) noexcept { return review_begin(sitting, version) && !presented_ordinal(sitting); }

std::size_t answered_count(Sitting const& sitting) noexcept
{
    if (sitting.items.empty()) return 0;
    return sitting.items.size() - (sitting.items.back().answered_at ? 0 : 1);
}

std::size_t scored_count(Sitting const& sitting) noexcept
{
    auto const counts = [](AdministeredItem const& item) { return item.scored && item.answered_at.has_value(); };
    return static_cast<std::size_t>(std::count_if(sitting.items.begin(), sitting.items.end(), counts));
}

std::vector<ScoredAnswer> scored_answers(Sitting const& sitting, PreparedExam const& exam)
{
    auto answers = std::vector<ScoredAnswer>{};
    auto const& items = sitting.items;
    for (auto i = std::size_t{0}; i < items.size(); ++i) {
        if (!items[i].scored) continue;
        auto const at = exam.position(items[i].item).value();
        auto const* testlet = exam.testlet_of(at);
        if (testlet == nullptr) {
            if (items[i].answered_at) answers.push_back({.model = at, .category = items[i].category, .first = i});
            continue;
        }
        auto points = ItemScore{};
        auto count = std::size_t{0};
        for (; count < testlet->items.size() && i + count < items.size(); ++count) {
            auto const& item = items[i + count];
            if (item.item != exam.version().pool[testlet->items[count]].id || !item.answered_at) break;
            points.score += item.score.score;
            points.max_score += item.score.max_score;
        }
        if (count == testlet->items.size())
            answers.push_back({.model = testlet->model, .category = category_of(exam.tables().items()[testlet->model], points.score, points.max_score), .first = i, .count = count});
        if (count > 0) i += count - 1;
    }
    return answers;
}

adaptive::NodePosterior posterior_of(Sitting const& sitting, PreparedExam const& exam)
{
    auto posterior = adaptive::NodePosterior{exam.tables(), sitting.prior};
    for (auto const& answer : scored_answers(sitting, exam)) posterior.update(exam.tables(), answer.model, answer.category);
    return posterior;
}

Estimate estimate_of(adaptive::NodePosterior const& posterior, PreparedExam const& exam) noexcept
{
    auto const moments = posterior.moments(exam.tables());
    return {.theta = {moments.mean}, .standard_error = moments.standard_deviation};
}

std::optional<std::string> misfit(Sitting const& sitting, ExamVersion const& version, Event const& event)
{
    if (std::holds_alternative<SittingOpened>(event)) {
        if (auto words = unless(!sitting.opened, "the sitting is opened twice")) return words;
        if (auto words = unless(is_valid(std::get<SittingOpened>(event).prior), "the prior is out of range")) return words;
        if (auto words = unless(is_valid(std::get<SittingOpened>(event).ineligible), "the ineligible items are neither one list nor one a band")) return words;
        if (auto words = misfit_of_pretest(version, std::get<SittingOpened>(event).pretest)) return words;
        return misfit_of_form(version, std::get<SittingOpened>(event).form);
    }
    if (auto words = unless(sitting.opened, "the sitting has not been opened")) return words;
    if (auto words = unless(at(event) >= sitting.last_at, "the event is older than the one before it")) return words;
    if (std::holds_alternative<ScoreFinalised>(event)) return unless(sitting.ended && !sitting.outcome, "there is no ended run to score");
    if (auto words = unless(!sitting.ended, "the run has ended")) return words;
    auto const started = sitting.clock.started_at.has_value();
    return std::visit(
        Overloaded{
            [&](SittingStarted const&) { return unless(!started, "the run starts twice"); },
            [&](ItemPresented const& e) {
                if (auto words = unless(started, "the run has not started")) return words;
                return misfit_of_item(sitting, version, e);
            },
            [&](ResponseRecorded const& e) { return misfit_of_response(sitting, version, e); },
            [&](AttachmentChanged const& e) { return unless(e.attachment > sitting.attachment, "the attachment does not rise"); },
            [&](ConnectionLost const&) { return unless(!sitting.clock.lost_since, "the connection is lost twice"); },
            [&](ConnectionRestored const&) { return unless(sitting.clock.lost_since.has_value(), "no connection was lost"); },
            [&](Paused const& e) {
                auto const& open = sitting.clock.pause;
                auto const over = !open || (open->kind == PauseKind::candidate_break && e.kind != PauseKind::candidate_break);
                return unless(started && over && e.kind != PauseKind::network, "the run cannot be paused here");
            },
            [&](Resumed const&) { return unless(sitting.clock.pause.has_value(), "the run is not paused"); },
            [&](TimeCredited const& e) {
                return unless(started && e.from <= e.to && e.amount.count() >= 0, "the credit has no start, or runs backwards");
            },
            [&](MinutesAdded const&) { return unless(started, "the run has not started"); },
            [&](ItemWithdrawn const& e) {
                if (auto words = unless(find_presentable(version, e.item) != nullptr, "the item is not in the exam version's pool")) return words;
                return unless(!std::binary_search(sitting.banned.begin(), sitting.banned.end(), e.item), "the item is withdrawn twice");
            },
            [&](BlockChosen const& e) {
                if (auto words = unless(started, "the run has not started")) return words;
                return misfit_of_block(sitting, version, e);
            },
            [&](BlockClosed const&) { return unless(awaits_block_end(sitting, version), "no block waits for its end"); },
            [&](Submitted const&) { return unless(started, "the run has not started"); },
            [&](TimedOut const&) { return unless(started, "the run has not started"); },
            [&](auto const&) { return Words{}; },
        },
        event);
}

Sitting apply(Sitting sitting, ExamVersion const& version, Event const& event)
{
    EXPECTS(!misfit(sitting, version, event));
    std::visit(Applying{sitting, version}, event);
    sitting.last_at = at(event);
    ++sitting.version;
    return sitting;
}

Sitting replay(ExamVersion const& version, std::span<Event const> events)
{
    auto sitting = Sitting{};
    for (auto const& event : events) sitting = apply(std::move(sitting), version, event);
    return sitting;
}

} // namespace assay::exam
