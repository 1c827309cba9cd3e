#include "credentials/sharing.hpp"

#include <cstdio>

namespace assay::credentials {
namespace {

/// RFC 5545, 3.3.11: text values.
std::string escaped(std::string_view text)
{
    auto out = std::string{};
    for (auto const c : text) {
        if (c == '\\' || c == ';' || c == ',') out += '\\';
        if (c == '\n') out += "\\n";
        else if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out;
}

/// RFC 5545, 3.1: lines of at most 75 octets, folded between characters, never inside one.
std::string line(std::string_view text)
{
    auto out = std::string{};
    auto room = std::size_t{75};
    while (text.size() > room) {
        auto cut = room;
        while ((static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
        out += std::string{text.substr(0, cut)} + "\r\n ";
        text.remove_prefix(cut);
        room = 74; // the space counts
    }
    return out + std::string{text} + "\r\n";
}

std::string date(std::chrono::sys_days day)
{
    auto const parts = std::chrono::year_month_day{day};
    char text[16];
    std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(parts.year()), static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
    return text;
}

std::string stamp_of(Timestamp at)
{
    auto text = std::string{};
    for (auto const c : to_rfc3339(std::chrono::floor<std::chrono::seconds>(at)))
        if (c != '-' && c != ':') text += c;
    return text;
}

struct Event {
    std::string uid;
    std::chrono::sys_days day;
    std::string summary;
    bool alarm = false;
};

std::string event(Event const& what, std::string_view page, Timestamp stamp)
{
    auto text = line("BEGIN:VEVENT") + line("UID:" + what.uid) + line("DTSTAMP:" + stamp_of(stamp)) + line("DTSTART;VALUE=DATE:" + date(what.day)) +
                line("DTEND;VALUE=DATE:" + date(what.day + std::chrono::days{1})) + line("SUMMARY:" + escaped(what.summary)) +
                line("URL:" + std::string{page}) + line("TRANSP:TRANSPARENT");
    if (what.alarm)
        text += line("BEGIN:VALARM") + line("ACTION:DISPLAY") + line("TRIGGER:-P7D") + line("DESCRIPTION:" + escaped(what.summary)) + line("END:VALARM");
    return text + line("END:VEVENT");
}

/// RFC 3986: everything but unreserved characters.
std::string percent_encoded(std::string_view text)
{
    auto out = std::string{};
    for (auto const c : text) {
        auto const unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            char code[8];
            std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
            out += code;
        }
    }
    return out;
}

std::string month(std::string_view prefix, Timestamp at)
{
    auto const day = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(at)};
    return "&" + std::string{prefix} + "Year=" + std::to_string(static_cast<int>(day.year())) + "&" + std::string{prefix} +
           "Month=" + std::to_string(static_cast<unsigned>(day.month()));
}

} // namespace

std::optional<std::string> renewal_calendar(RecertificationSchedule const& schedule, std::string_view certificate_id, std::string_view title,
                                            std::string_view page, Timestamp stamp)
{
    if (!schedule.valid_until) return std::nullopt;
    auto text = line("BEGIN:VCALENDAR") + line("VERSION:2.0") + line("PRODID:-//Assay//Certificates//EN") + line("METHOD:PUBLISH");
    auto const day = [](Timestamp at) { return std::chrono::floor<std::chrono::days>(at); };
    auto const id = std::string{certificate_id};
    if (schedule.renewal_opens)
        text += event({.uid = id + "-renewal@assay", .day = day(*schedule.renewal_opens), .summary = "Renewal opens: " + std::string{title}}, page, stamp);
    text += event({.uid = id + "-end@assay", .day = day(*schedule.valid_until), .summary = "Last valid day: " + std::string{title}, .alarm = true}, page, stamp);
    return text + line("END:VCALENDAR");
}

std::string linkedin_address(AchievementClaim const& claim, std::string_view page, std::string_view number)
{
    auto url = std::string{"https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME"};
    url += "&name=" + percent_encoded(claim.achievement.name) + "&organizationName=" + percent_encoded(claim.issuer.name);
    url += month("issue", claim.decided_at);
    if (claim.valid_until) url += month("expiration", *claim.valid_until);
    return url + "&certUrl=" + percent_encoded(page) + "&certId=" + percent_encoded(number);
}

} // namespace assay::credentials
