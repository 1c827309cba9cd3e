#include "credentials/decision.hpp"

#include "credentials/errors.hpp"

#include <algorithm>

namespace assay::credentials {
namespace {

bool allowed(DecisionState from, DecisionState to) noexcept
{
    switch (from) {
    case DecisionState::pending: return to != DecisionState::pending;
    case DecisionState::granted: return to == DecisionState::withdrawn;
    case DecisionState::refused:
    case DecisionState::withdrawn: return false;
    }
    return false;
}

/// Who had a part in how the result came about does not decide on it (ISO/IEC 17024, 9.4.3).
result<void> check_decider(DecisionBasis const& basis, PersonDecides const& decider)
{
    auto const among = [&](std::vector<StaffId> const& people) {
        return std::ranges::find(people, decider.person) != people.end();
    };
    if (decider.same_as == basis.candidate) return errc::decider_is_candidate;
    if (among(basis.trained_by)) return errc::decider_trained_candidate;
    if (among(basis.watched_by)) return errc::decider_watched_sitting;
    if (among(basis.reviewed_by)) return errc::decider_reviewed_sitting;
    return {};
}

result<void> check_rule(RuleDecides const& rule, DecisionState to)
{
    auto const& people = rule.approved_by;
    auto const differs = [&](StaffId const& person) { return person != people.front(); };
    // Saying no is for people: a rule may confirm what it was approved for, and leaves the rest pending.
    if (to != DecisionState::granted || people.empty() || std::ranges::none_of(people, differs))
        return errc::rule_needs_two_approvals;
    return {};
}

} // namespace

std::string_view to_string(DecisionState state) noexcept
{
    switch (state) {
    case DecisionState::pending: return "pending";
    case DecisionState::granted: return "granted";
    case DecisionState::refused: return "refused";
    case DecisionState::withdrawn: return "withdrawn";
    }
    return "unknown";
}

result<CertificationDecision> decide_certification(CertificationDecision const& current, DecisionState to, Decider decider,
                                                   std::string reason, Timestamp now)
{
    if (!allowed(current.state, to)) return errc::decision_already_made;
    auto const& basis = current.basis;
    if (to == DecisionState::granted) {
        if (!basis.result_passed) return errc::result_not_passed;
        if (basis.validity != ResultValidity::clear) return errc::result_not_clear;
    } else if (reason.empty()) {
        return errc::reason_missing;
    }
    auto const* person = std::get_if<PersonDecides>(&decider);
    auto const may_decide = person != nullptr ? check_decider(basis, *person) : check_rule(std::get<RuleDecides>(decider), to);
    if (!may_decide) return may_decide.error();

    auto decided = current;
    decided.state = to;
    decided.decider = std::move(decider);
    decided.decided_at = now;
    decided.reason = std::move(reason);
    return decided;
}

} // namespace assay::credentials
