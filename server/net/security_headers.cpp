#include "server/net/detail/security_headers.hpp"

namespace assay::net::detail {
namespace {

/// Scripts, styles and pictures of our own only; nothing inline; no frames around us; WebSockets to this very host, which
/// 'self' does not cover in every browser.
std::string content_security_policy(std::string_view authority)
{
    auto policy = std::string{"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; "
                              "media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; connect-src 'self'"};
    if (!authority.empty()) policy.append(" wss://").append(authority);
    policy += "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
    return policy;
}

void set_unless_set(Headers& headers, std::string_view name, std::string_view value)
{
    if (!headers.find(name)) headers.set(name, value);
}

} // namespace

void add_security_headers(Headers& headers, std::string_view authority, bool camera)
{
    set_unless_set(headers, "Content-Security-Policy", content_security_policy(authority));
    set_unless_set(headers, "Strict-Transport-Security", "max-age=31536000");
    set_unless_set(headers, "X-Content-Type-Options", "nosniff");
    set_unless_set(headers, "X-Frame-Options", "DENY");
    set_unless_set(headers, "Referrer-Policy", "no-referrer");
    set_unless_set(headers, "Cross-Origin-Opener-Policy", "same-origin");
    set_unless_set(headers, "Cross-Origin-Resource-Policy", "same-origin");
    set_unless_set(headers, "Permissions-Policy",
                   camera ? "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=(), payment=(), usb=()"
                          : "camera=(), microphone=(), display-capture=(), fullscreen=(self), geolocation=(), payment=(), usb=()");
    set_unless_set(headers, "Cache-Control", "no-store");
}

} // namespace assay::net::detail
