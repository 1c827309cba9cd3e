#include "credentials/renewal.hpp"

#include "credentials/errors.hpp"

#include <algorithm>
#include <iterator>

namespace assay::credentials {

int counted_credits(RenewalPaths const& paths, std::span<EducationCredit const> record, Timestamp from, Timestamp until)
{
    auto learning = 0, practice = 0;
    for (auto const& one : record) {
        if (!one.evidence || one.credits < 1 || one.earned_at < from || one.earned_at >= until) continue;
        (one.practice ? practice : learning) += one.credits;
    }
    return learning + std::min(practice, paths.practice_credits_max);
}

std::string_view to_string(RenewalPath path) noexcept
{
    switch (path) {
    case RenewalPath::full_exam: return "full_exam";
    case RenewalPath::delta_exam: return "delta_exam";
    case RenewalPath::credits: return "credits";
    }
    return "unknown";
}

result<RenewalPath> renewal_path(RenewalPaths const& paths, RenewalBasis const& basis)
{
    if (paths.full_exam && basis.passed_full_exam) return RenewalPath::full_exam;
    if (!paths.delta_exam.empty() && paths.delta_exam == basis.passed_delta_exam) return RenewalPath::delta_exam;
    if (paths.credits > 0 && counted_credits(paths, basis.record, basis.from, basis.until) >= paths.credits) return RenewalPath::credits;
    return errc::renewal_not_earned;
}

std::optional<ScheduleMove> schedule_move(CredentialPolicy const& policy, RecertificationSchedule const& planned, Timestamp now)
{
    using namespace std::chrono;
    EXPECTS(check(policy).has_value());
    if (!planned.valid_until || now >= planned.grace_until.value_or(*planned.valid_until)) return std::nullopt;
    auto const last_day = floor<days>(*planned.valid_until);
    auto move = ScheduleMove{};

    auto const opens = std::max(Timestamp{last_day} - days{policy.renewal_window_days}, planned.valid_from);
    if (!planned.renewal_opens || opens < *planned.renewal_opens) move.renewal_opens = opens;
    auto const grace = *planned.valid_until + days{policy.grace_days};
    if (!planned.grace_until || grace > *planned.grace_until) move.grace_until = grace;

    constexpr auto reminder_hour = hours{8};
    auto wanted = std::vector<Timestamp>{}, waiting = std::vector<Timestamp>{};
    for (auto const before : policy.reminder_days_before) {
        auto const at = Timestamp{last_day} - days{before} + reminder_hour;
        if (at > now && at > planned.valid_from) wanted.push_back(at);
    }
    std::ranges::copy_if(planned.reminders, std::back_inserter(waiting), [now](Timestamp at) { return at > now; });
    std::ranges::sort(wanted);
    std::ranges::sort(waiting);
    std::ranges::set_difference(wanted, waiting, std::back_inserter(move.reminders_added));
    std::ranges::set_difference(waiting, wanted, std::back_inserter(move.reminders_dropped));
    if (move == ScheduleMove{}) return std::nullopt;
    return move;
}

} // namespace assay::credentials
