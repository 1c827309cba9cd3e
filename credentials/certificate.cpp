#include "credentials/certificate.hpp"

#include "credentials/errors.hpp"

#include <algorithm>

namespace assay::credentials {
namespace {

/// What people made of it; the calendar comes on top.
enum class Standing { good, suspended, revoked, superseded, surrendered };

struct Transition {
    Standing from;
    CertificateAction action;
    Standing to;
};

// The whole table. What is not here is refused: nothing follows what is final, and a suspended certificate can neither be
// superseded nor surrendered, because that would end the matter it was suspended for.
constexpr auto transitions = std::array{
    Transition{Standing::good, CertificateAction::suspend, Standing::suspended},
    Transition{Standing::good, CertificateAction::revoke, Standing::revoked},
    Transition{Standing::good, CertificateAction::supersede, Standing::superseded},
    Transition{Standing::good, CertificateAction::surrender, Standing::surrendered},
    Transition{Standing::suspended, CertificateAction::reinstate, Standing::good},
    Transition{Standing::suspended, CertificateAction::revoke, Standing::revoked},
};

std::optional<Standing> after(Standing from, CertificateAction action) noexcept
{
    auto const matches = [&](Transition const& t) { return t.from == from && t.action == action; };
    auto const at = std::ranges::find_if(transitions, matches);
    return at == transitions.end() ? std::nullopt : std::optional{at->to};
}

Standing standing_at(Certificate const& certificate, Timestamp at)
{
    auto standing = Standing::good;
    for (auto const& event : certificate.events) {
        if (event.at > at) break;
        auto const next = after(standing, event.action);
        EXPECTS(next.has_value()); // only what decide() allowed was recorded
        standing = *next;
    }
    return standing;
}

CertificateState by_calendar(Certificate const& certificate, Timestamp at)
{
    if (!certificate.valid_until || at < *certificate.valid_until) return CertificateState::active;
    if (certificate.grace_until && at < *certificate.grace_until) return CertificateState::grace;
    return CertificateState::expired;
}

} // namespace

std::string_view to_string(CertificateState state) noexcept
{
    switch (state) {
    case CertificateState::active: return "active";
    case CertificateState::grace: return "grace";
    case CertificateState::expired: return "expired";
    case CertificateState::suspended: return "suspended";
    case CertificateState::revoked: return "revoked";
    case CertificateState::superseded: return "superseded";
    case CertificateState::surrendered: return "surrendered";
    }
    return "unknown";
}

std::string_view to_string(PublicState state) noexcept
{
    switch (state) {
    case PublicState::valid: return "valid";
    case PublicState::expired: return "expired";
    case PublicState::suspended: return "suspended";
    case PublicState::revoked: return "revoked";
    case PublicState::superseded: return "superseded";
    case PublicState::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view to_string(CertificateAction action) noexcept
{
    switch (action) {
    case CertificateAction::suspend: return "suspend";
    case CertificateAction::reinstate: return "reinstate";
    case CertificateAction::revoke: return "revoke";
    case CertificateAction::supersede: return "supersede";
    case CertificateAction::surrender: return "surrender";
    }
    return "unknown";
}

std::optional<CertificateState> state_at(Certificate const& certificate, Timestamp at)
{
    if (at < certificate.valid_from) return std::nullopt;
    auto const calendar = by_calendar(certificate, at);
    switch (standing_at(certificate, at)) {
    case Standing::good: return calendar;
    case Standing::suspended: return calendar == CertificateState::expired ? calendar : CertificateState::suspended;
    case Standing::revoked: return CertificateState::revoked;
    case Standing::superseded: return CertificateState::superseded;
    case Standing::surrendered: return CertificateState::surrendered;
    }
    return std::nullopt;
}

PublicState public_state_at(Certificate const& certificate, Timestamp at)
{
    auto const state = state_at(certificate, at);
    if (!state) return PublicState::unknown;
    switch (*state) {
    case CertificateState::active: return PublicState::valid;
    case CertificateState::grace:
    case CertificateState::expired: return PublicState::expired;
    case CertificateState::suspended: return PublicState::suspended;
    case CertificateState::revoked:
    case CertificateState::surrendered: return PublicState::revoked;
    case CertificateState::superseded: return PublicState::superseded;
    }
    return PublicState::unknown;
}

result<CertificateEvent> decide(Certificate const& certificate, CertificateAction action, std::string reason, Timestamp now)
{
    EXPECTS(certificate.events.empty() || certificate.events.back().at <= now);
    if (!after(standing_at(certificate, now), action)) return errc::transition_not_allowed;
    if (reason.empty() && action != CertificateAction::supersede) return errc::reason_missing;
    return CertificateEvent{.action = action, .at = now, .reason = std::move(reason)};
}

std::string_view to_string(Visibility visibility) noexcept
{
    switch (visibility) {
    case Visibility::public_page: return "public";
    case Visibility::link_only: return "link";
    case Visibility::hidden: return "hidden";
    }
    return "hidden";
}

std::optional<Visibility> parse_visibility(std::string_view word) noexcept
{
    for (auto const visibility : {Visibility::public_page, Visibility::link_only, Visibility::hidden})
        if (to_string(visibility) == word) return visibility;
    return std::nullopt;
}

Disclosure disclosure(Visibility visibility, PublicState state) noexcept
{
    if (visibility != Visibility::hidden) return Disclosure::everything;
    auto const no_longer_counts = state == PublicState::revoked || state == PublicState::suspended || state == PublicState::superseded;
    return no_longer_counts ? Disclosure::standing_only : Disclosure::nothing;
}

bool is_revoked(CertificateState state) noexcept
{
    return state == CertificateState::revoked || state == CertificateState::superseded || state == CertificateState::surrendered;
}

} // namespace assay::credentials
