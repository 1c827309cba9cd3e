#include "credentials/schedule.hpp"

#include <algorithm>

namespace assay::credentials {

using namespace std::chrono;

sys_days add_months(sys_days day, int count) noexcept
{
    auto const from = year_month_day{day};
    auto const month = from.year() / from.month() + months{count};
    auto const last = year_month_day_last{month.year(), month_day_last{month.month()}};
    return sys_days{month / std::min(from.day(), last.day())};
}

RecertificationSchedule schedule(CredentialPolicy const& policy, Timestamp valid_from, std::optional<Timestamp> renews)
{
    EXPECTS(check(policy).has_value());
    auto plan = RecertificationSchedule{.valid_from = valid_from};
    if (policy.validity_months == 0) return plan;

    constexpr auto end_of_day = days{1} - seconds{1};
    constexpr auto reminder_hour = hours{8};
    auto const counted_from = renews ? std::max(*renews, valid_from) : valid_from;
    auto const last_day = add_months(floor<days>(counted_from), policy.validity_months);
    plan.valid_until = Timestamp{last_day} + end_of_day;
    plan.grace_until = *plan.valid_until + days{policy.grace_days};
    plan.renewal_opens = std::max(Timestamp{last_day} - days{policy.renewal_window_days}, valid_from);
    for (auto const before : policy.reminder_days_before) {
        auto const at = Timestamp{last_day} - days{before} + reminder_hour;
        if (at > valid_from) plan.reminders.push_back(at);
    }
    std::ranges::sort(plan.reminders);
    return plan;
}

} // namespace assay::credentials
