#pragma once
#include <boost/system/error_code.hpp>

namespace assay::proctor {

/// Why proctoring refuses.
enum class errc {
    malformed_record = 1,     ///< a stored incident or review does not have the form that we write
    already_decided,          ///< the incident has a verdict, or the review is complete
    reason_does_not_fit,      ///< the reason is not one that carries this decision
    ban_without_end,          ///< ban_until needs an instant after the decision; nothing else may have one
    second_person_required,   ///< whoever proposed a void or a ban can't confirm it
    nothing_to_confirm,       ///< the decision needs no second person
    incidents_undecided,      ///< a sitting is judged after each of its incidents has a verdict
    still_running,            ///< the incident goes on, or the sitting does: too early to judge
    note_too_long,            ///< over review_note_max bytes
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::proctor

template <>
struct boost::system::is_error_code_enum<assay::proctor::errc> : std::true_type {};
