// What stands in a request and is read by us rather than by Beast: the target, cookies, forms of both kinds.
#include "server/net/cookies.hpp"
#include "server/net/form.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay::net;
    auto const text = std::string_view{reinterpret_cast<char const*>(data), size};
    if (auto const target = Target::parse(text)) {
        for (auto const& segment : target->segments)
            if (segment.empty() || segment == "." || segment == ".." || segment.find_first_of(std::string_view{"/\\\0", 3}) != std::string::npos) std::abort();
    }
    if (auto const cookies = parse_cookies(text); cookies && cookies->size() > 50) std::abort();
    if (auto const fields = parse_urlencoded(text); fields && fields->size() > 100) std::abort();
    if (auto const boundary = multipart_boundary(text)) static_cast<void>(parse_multipart(text, *boundary));
    if (auto const parts = parse_multipart(text, "b"); parts && parts->size() > 20) std::abort();
    if (auto const decoded = percent_decode(text, true); decoded && percent_decode(percent_encode(*decoded), false).value() != *decoded) std::abort();
    return 0;
}
