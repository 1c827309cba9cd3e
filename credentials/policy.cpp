#include "credentials/policy.hpp"

#include "credentials/errors.hpp"

#include <algorithm>

namespace assay::credentials {

result<void> check(CredentialPolicy const& policy)
{
    auto const within = [](int value, int low, int high) { return value >= low && value <= high; };
    auto const is_reminder = [&](int days) { return within(days, 0, 730); };
    constexpr auto shortest_month = 28;

    auto reminders = policy.reminder_days_before;
    std::ranges::sort(reminders);
    auto const distinct = std::ranges::adjacent_find(reminders) == reminders.end();
    if (!within(policy.validity_months, 0, 120) || !within(policy.renewal_window_days, 0, 730) ||
        !within(policy.grace_days, 0, 365) || reminders.size() > 12 || !distinct || !std::ranges::all_of(reminders, is_reminder))
        return errc::policy_out_of_range;
    if (policy.validity_months > 0 && policy.renewal_window_days > policy.validity_months * shortest_month)
        return errc::policy_out_of_range;
    auto const& paths = policy.renewal;
    if (!within(paths.credits, 0, 1000) || !within(paths.practice_credits_max, 0, paths.credits)) return errc::policy_out_of_range;
    if (policy.validity_months > 0 && !paths.full_exam && paths.delta_exam.empty() && paths.credits == 0) return errc::policy_out_of_range;
    return {};
}

} // namespace assay::credentials
