#include "core/time.hpp"

#include "core/errors.hpp"

#include <charconv>
#include <cstdio>

namespace assay {
namespace {

/// Exactly `width` digits at `at`; -1 when they are not there.
int digits(std::string_view text, std::size_t at, std::size_t width)
{
    if (at + width > text.size()) return -1;
    auto value = 0;
    for (auto const c : text.substr(at, width)) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

} // namespace

std::string to_rfc3339(Timestamp at)
{
    using namespace std::chrono;
    auto const day = floor<days>(at);
    auto const date = year_month_day{day};
    auto const clock = hh_mm_ss{at - day};
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    auto out = std::string{text};
    if (auto const fraction = static_cast<int>(clock.subseconds().count()); fraction != 0) {
        std::snprintf(text, sizeof text, ".%06d", fraction);
        out += text;
        while (out.back() == '0') out.pop_back();
    }
    return out + "Z";
}

result<Timestamp> parse_rfc3339(std::string_view text)
{
    using namespace std::chrono;
    if (text.size() < 20 || text.size() > 64) return core::errc::malformed;
    auto const y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
    auto const h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
    if (y < 0 || mo < 0 || d < 0 || h < 0 || mi < 0 || s < 0) return core::errc::malformed;
    auto const t = text[10];
    if (text[4] != '-' || text[7] != '-' || (t != 'T' && t != 't') || text[13] != ':' || text[16] != ':') return core::errc::malformed;

    auto at = std::size_t{19};
    auto fraction = microseconds{};
    if (text[at] == '.') {
        auto const first = ++at;
        auto scale = 100000;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) fraction += microseconds{(text[at] - '0') * scale};
        if (at == first) return core::errc::malformed;
    }
    if (at >= text.size()) return core::errc::malformed;
    auto offset = minutes{};
    auto const zone = text.substr(at);
    if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
        auto const oh = digits(zone, 1, 2), om = digits(zone, 4, 2);
        if (oh < 0 || om < 0) return core::errc::malformed;
        if (oh > 23 || om > 59) return core::errc::out_of_range;
        offset = (zone[0] == '-' ? -1 : 1) * (hours{oh} + minutes{om});
    } else if (zone != "Z" && zone != "z") {
        return core::errc::malformed;
    }

    auto const date = year{y} / month{static_cast<unsigned>(mo)} / day{static_cast<unsigned>(d)};
    if (!date.ok() || h > 23 || mi > 59 || s > 59) return core::errc::out_of_range;
    return Timestamp{sys_days{date}} + hours{h} + minutes{mi} + seconds{s} + fraction - offset;
}

} // namespace assay
