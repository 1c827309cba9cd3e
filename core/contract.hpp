#pragma once
// What a caller must expect comes back as result<T>; what must never happen is EXPECTS. Nothing lies in between.

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace assay {

/// A value, or the reason there is none (an error_code of the folder that refuses).
template <class T>
using result = boost::system::result<T>;

/// Thrown by EXPECTS: a bug of ours. Caught once, at the request boundary, logged there and answered 500.
class ContractViolation : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

[[noreturn]] void contract_violated(char const* condition, char const* file, int line);

} // namespace assay

/// States what the code relies on; on in every build.
#define EXPECTS(condition) ((condition) ? void(0) : ::assay::contract_violated(#condition, __FILE__, __LINE__))
