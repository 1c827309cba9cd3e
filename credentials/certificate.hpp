#pragma once
// The states of a certificate. People act (suspend, reinstate, revoke, supersede, surrender) with reasons; time does the
// rest (active, grace, expired) and is never stored.
#include "core/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace assay::credentials {

enum class CertificateState { active, grace, expired, suspended, revoked, superseded, surrendered };
std::string_view to_string(CertificateState state) noexcept;

/// What the public page says. Grace is shown as expired: the signed file says so too, and two answers would be a lie.
/// Surrendered is shown as revoked: it is no longer held, and why is nobody's business.
enum class PublicState { valid, expired, suspended, revoked, superseded, unknown };
std::string_view to_string(PublicState state) noexcept;

enum class CertificateAction { suspend, reinstate, revoke, supersede, surrender };
std::string_view to_string(CertificateAction action) noexcept;

struct CertificateEvent {
    CertificateAction action;
    Timestamp at;
    std::string reason;
    friend bool operator==(CertificateEvent const&, CertificateEvent const&) = default;
};

struct Certificate {
    Timestamp valid_from;
    std::optional<Timestamp> valid_until;
    std::optional<Timestamp> grace_until;
    std::vector<CertificateEvent> events; ///< ascending by time
};

/// The state at `at`, by the events up to then. Nothing before valid_from.
/// revoked, superseded and surrendered are final; suspended becomes expired when grace is over.
std::optional<CertificateState> state_at(Certificate const& certificate, Timestamp at);

/// unknown before valid_from.
PublicState public_state_at(Certificate const& certificate, Timestamp at);

/// The event to append, or the rule that refuses: errc::transition_not_allowed (see the table in certificate.cpp),
/// errc::reason_missing (supersede needs none). Expects `now` not before the last event.
result<CertificateEvent> decide(Certificate const& certificate, CertificateAction action, std::string reason, Timestamp now);

/// The holder's choice: anybody finds the page (search engines may list it), only who has the address, or nobody.
enum class Visibility { public_page, link_only, hidden };
std::string_view to_string(Visibility visibility) noexcept; ///< "public", "link", "hidden"
std::optional<Visibility> parse_visibility(std::string_view word) noexcept;

/// What the page tells whoever has the address. A hidden certificate that no longer counts (revoked, suspended, superseded) still says that, and
/// nothing else: whoever was once given the file must be able to learn it.
enum class Disclosure { everything, standing_only, nothing };
Disclosure disclosure(Visibility visibility, PublicState state) noexcept;

/// Does this state set the bit in the revocation list? Only what is final does: revoked, superseded, surrendered. A suspension can
/// be lifted and has a list of its own, or is shown at the public page alone.
bool is_revoked(CertificateState state) noexcept;

} // namespace assay::credentials
