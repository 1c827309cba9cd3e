#pragma once
#include <boost/system/error_code.hpp>

namespace assay::net {

/// Why something from the network was not accepted, or a connection has ended.
enum class errc {
    malformed_target = 1,  ///< the request target is not in the one accepted form
    malformed_cookie,      ///< the Cookie header breaks RFC 6265 section 4.2.1, or repeats a name
    malformed_form,        ///< the body is not in the form that its content type announces
    too_large,             ///< over a bound of ours: bytes, fields or parts
    unsupported_media_type,
    bad_token,             ///< a CSRF token that is not ours, not of this session, or too old
    file_not_found,
    connection_closed,     ///< the peer, or we, closed; Connection::closed_as says how
    message_too_large,     ///< over message_size_max; the connection is closed with 1009
    rate_exceeded,         ///< too many messages; the connection is closed with 1008
    queue_full,            ///< the peer reads too slowly for what we send
    timed_out,             ///< the peer went silent; also: a client call took too long
    connect_failed,        ///< client: no TCP or TLS connection, or the certificate is not the pinned one
    upgrade_refused,       ///< client: the server answered the WebSocket upgrade with something else
    malformed_response,    ///< client: not HTTP, or over our bounds
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::net

template <>
struct boost::system::is_error_code_enum<assay::net::errc> : std::true_type {};
