#pragma once
#include "core/time.hpp"

#include <string>

namespace assay::mail {

struct Address {
    std::string name; ///< any script; may be empty
    std::string email;
};

/// A plain-text mail. `message_id` stays the same over all retries, so that a mail that arrives twice is seen as one.
struct Message {
    Address from, to;
    std::string message_id; ///< without angle brackets: "…@host"
    std::string subject;    ///< any script, one line
    std::string text;       ///< UTF-8, lines end in \n
    std::string language;   ///< BCP 47
    Timestamp date;
};

/// Is this an address that we hand to a mail server? Syntax only (RFC 5321, ASCII, at most 254 bytes), no quoting, no spaces,
/// so that nothing in it can end a header line.
bool is_mail_address(std::string_view text) noexcept;

/// RFC 5322 with MIME: encoded words (RFC 2047) where a header is not ASCII, base64 body. Lines end in CRLF.
/// Expects both addresses to satisfy is_mail_address; control characters in names and subject become spaces.
std::string compose(Message const& message);

} // namespace assay::mail
