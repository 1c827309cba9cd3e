#pragma once
#include <boost/system/error_code.hpp>

namespace assay::exam {

/// Why an item document or a response to an item was not accepted.
enum class item_errc {
    malformed_item = 1,     ///< the document is not in our one form, or its parts contradict each other
    unknown_response,       ///< the response names no interaction of the item
    unknown_choice,         ///< a value is no choice of its interaction
    repeated_choice,        ///< a choice or pair is named twice where once is allowed
    too_many_choices,       ///< more values than max-choices, max-associations, match-max or the cardinality allow
    malformed_pair,         ///< a pair is not two identifiers with one space between
    response_too_long,      ///< more text or more values than any interaction of ours asks for
};

boost::system::error_category const& item_category() noexcept;
inline boost::system::error_code make_error_code(item_errc code) noexcept { return {static_cast<int>(code), item_category()}; }

} // namespace assay::exam

template <>
struct boost::system::is_error_code_enum<assay::exam::item_errc> : std::true_type {};
