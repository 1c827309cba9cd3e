#pragma once
// What a holder does with a certificate elsewhere: a calendar entry for its end, an entry in a LinkedIn profile.
#include "credentials/achievement.hpp"
#include "credentials/schedule.hpp"

namespace assay::credentials {

/// An iCalendar (RFC 5545) with the day on which renewal opens and the last valid day, each an all-day event; the last with an alarm a
/// week before. UIDs are stable, so that importing again updates; `stamp` is DTSTAMP. `title` names the certificate, `page` its address.
/// Empty calendar text is never returned: nothing when the certificate never expires.
std::optional<std::string> renewal_calendar(RecertificationSchedule const& schedule, std::string_view certificate_id, std::string_view title,
                                            std::string_view page, Timestamp stamp);

/// The address that adds the certificate to a LinkedIn profile: name, issuer, month of issue and of expiry, page and number.
std::string linkedin_address(AchievementClaim const& claim, std::string_view page, std::string_view number);

} // namespace assay::credentials
