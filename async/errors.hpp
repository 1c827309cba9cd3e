#pragma once
#include <boost/system/error_code.hpp>
#include <stdexcept>

namespace assay::async {

enum class errc {
    deadline_exceeded = 1, ///< the time allowed ran out first; the work was cancelled and has ended
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

/// More work is waiting than we are willing to hold: the request boundary answers 503 with Retry-After.
class Overloaded : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace assay::async

template <>
struct boost::system::is_error_code_enum<assay::async::errc> : std::true_type {};
