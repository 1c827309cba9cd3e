#pragma once
#include <boost/system/error_code.hpp>

namespace assay::exam {

/// Why the exam refuses. Stable: journalled answers and wire problems are derived from these.
enum class errc {
    invalid_parameters = 1,   ///< item parameters outside what an exam may use
    malformed_document,       ///< an exam version that is not in the one accepted form
    malformed_event,          ///< an event that is not in the one accepted form
    item_not_in_pool,         ///< a sitting speaks of an item that its exam version does not have
    bank_exhausted,           ///< no eligible item is left
    sitting_not_open,         ///< nothing but Open may come first
    sitting_already_open,
    sitting_not_started,
    sitting_already_started,
    sitting_has_ended,        ///< submitted, timed out or terminated
    sitting_paused,           ///< by a break, a proctor or staff
    already_paused,
    not_paused,
    only_staff_may_do_this,   ///< a staff id is missing where the rule asks for one
    break_not_allowed,        ///< the exam version grants no (further) break
    time_limit_reached,       ///< at or after the closing instant
    time_limit_not_reached,   ///< Expire came too early, or the sitting has no limit
    no_time_limit,            ///< there is no deadline to move
    not_attached,             ///< the connection was lost, or there never was one: Attach first
    stale_attachment,         ///< another device has taken over
    item_not_presented,       ///< the ordinal is not the one that is waiting for a response
    response_too_large,
    minutes_out_of_range,
    reason_missing,
    outage_out_of_range,      ///< empty, or reaching into the future
    item_state_forbids,       ///< an item of the bank can't go that way from where it is
    author_may_not_approve,   ///< whoever wrote an item does not approve it
    form_complete,            ///< the form rules leave no further item
    block_not_answered,       ///< no block that may be reviewed waits for being handed in: an item of it has no answer yet
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::exam

template <>
struct boost::system::is_error_code_enum<assay::exam::errc> : std::true_type {};
