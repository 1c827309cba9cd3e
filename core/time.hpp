#pragma once
#include "core/contract.hpp"

#include <chrono>
#include <string_view>

namespace assay {

/// An instant in UTC, in microseconds: what PostgreSQL's timestamptz holds.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 in UTC, "2026-11-23T09:30:00Z", with ".123456" (trailing zeros cut) only when there is a fraction.
std::string to_rfc3339(Timestamp at);

/// RFC 3339 with 'Z' or a numeric offset, up to 6 fractional digits kept (further ones must be digits and are cut).
/// Errors: core::errc::malformed; core::errc::out_of_range for what is no date (month 13, 30 February, second 60).
result<Timestamp> parse_rfc3339(std::string_view text);

} // namespace assay
