#pragma once
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace assay::net::detail {

/// "Sun, 06 Nov 1994 08:49:37 GMT": IMF-fixdate, RFC 9110 section 5.6.7; English whatever the locale says.
inline std::string http_date(std::chrono::sys_seconds at)
{
    constexpr auto days = std::array{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr auto months = std::array{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const day = std::chrono::floor<std::chrono::days>(at);
    auto const date = std::chrono::year_month_day{day};
    auto const time = std::chrono::hh_mm_ss{at - day};
    auto text = std::array<char, 40>{};
    auto const length = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", days[std::chrono::weekday{day}.c_encoding()],
                                      static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                                      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace assay::net::detail
