#pragma once
#include <boost/system/error_code.hpp>

namespace assay::core {

/// Why a value from outside was not accepted.
enum class errc {
    malformed = 1,   ///< not in the one accepted form
    too_large,       ///< over the bound that the caller gave
    too_deep,        ///< nested deeper than the bound
    duplicate_member,///< a JSON object names a member twice
    out_of_range,    ///< well formed, but not a value we can represent
    wrong_key,       ///< a seal did not open: altered bytes or another key
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::core

template <>
struct boost::system::is_error_code_enum<assay::core::errc> : std::true_type {};
