#include "server/net/errors.hpp"

#include <string>

namespace assay::net {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.net"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::malformed_target: return "the request target is malformed";
        case errc::malformed_cookie: return "the Cookie header is malformed or names a cookie twice";
        case errc::malformed_form: return "the form is malformed";
        case errc::too_large: return "too large";
        case errc::unsupported_media_type: return "a media type that is not accepted here";
        case errc::bad_token: return "the form's security token is missing, too old or not from this sign-in";
        case errc::file_not_found: return "no such file";
        case errc::connection_closed: return "the connection is closed";
        case errc::message_too_large: return "the message is too large";
        case errc::rate_exceeded: return "too many messages in too little time";
        case errc::queue_full: return "the peer reads too slowly";
        case errc::timed_out: return "nothing heard in the time allowed";
        case errc::connect_failed: return "could not connect";
        case errc::upgrade_refused: return "the server refused the WebSocket";
        case errc::malformed_response: return "the response is malformed or too large";
        }
        return "unknown";
    }
};

} // namespace

boost::system::error_category const& category() noexcept
{
    static Category const instance;
    return instance;
}

} // namespace assay::net
