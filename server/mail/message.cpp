#include "server/mail/message.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <cstdio>

namespace assay::mail {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Where a UTF-8 text may be cut so that a piece is at most `size_max` bytes and no character is torn.
std::size_t piece_length(std::string_view text, std::size_t size_max)
{
    if (text.size() <= size_max) return text.size();
    auto end = size_max;
    while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return end;
}

std::string encoded_words(std::string_view text)
{
    constexpr std::size_t piece_max = 42; // 56 base64 characters and the wrapping stay within 75 (RFC 2047, section 2)
    auto out = std::string{};
    while (!text.empty()) {
        auto const length = piece_length(text, piece_max);
        out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + to_base64(bytes_of(text.substr(0, length))) + "?=");
        text.remove_prefix(length);
    }
    return out;
}

std::string header_text(std::string text)
{
    std::ranges::replace_if(text, is_control, ' ');
    auto const plain = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x7f; });
    return plain && text.size() < 60 && !text.starts_with("=?") ? text : encoded_words(text);
}

std::string header_address(Address const& address)
{
    EXPECTS(is_mail_address(address.email));
    // Always encoded: a display name in plain text would need the quoting rules of RFC 5322.
    return address.name.empty() ? address.email : encoded_words(address.name) + " <" + address.email + ">";
}

std::string header_date(Timestamp at)
{
    using namespace std::chrono;
    constexpr char const* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const day = floor<days>(at);
    auto const date = year_month_day{day};
    auto const clock = hh_mm_ss{floor<seconds>(at - day)};
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000", weekdays[weekday{day}.c_encoding()],
                  static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

std::string crlf_lines(std::string_view text)
{
    auto out = std::string{};
    for (auto const c : text) {
        if (c == '\n') out += '\r';
        if (c != '\r') out += c;
    }
    return out;
}

} // namespace

bool is_mail_address(std::string_view text) noexcept
{
    auto const at = text.find('@');
    if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64 || text.find('@', at + 1) != std::string_view::npos) return false;
    auto const local = text.substr(0, at), domain = text.substr(at + 1);
    auto const is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    auto const local_ok = std::ranges::all_of(local, [&](char c) { return is_word(c) || std::string_view{"!#$%&'*+/=?^_`{|}~.-"}.find(c) != std::string_view::npos; });
    auto const domain_ok = std::ranges::all_of(domain, [&](char c) { return is_word(c) || c == '-' || c == '.'; });
    auto const dots_ok = [](std::string_view part) { return !part.empty() && part.front() != '.' && part.back() != '.' && part.find("..") == std::string_view::npos; };
    return local_ok && domain_ok && dots_ok(local) && dots_ok(domain) && domain.front() != '-';
}

std::string compose(Message const& m)
{
    auto const body = to_base64(bytes_of(crlf_lines(m.text)));
    auto out = "Date: " + header_date(m.date) + "\r\nFrom: " + header_address(m.from) + "\r\nTo: " + header_address(m.to) +
               "\r\nMessage-ID: <" + m.message_id + ">\r\nSubject: " + header_text(m.subject) +
               "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
               "Content-Language: " + header_text(m.language) + "\r\nAuto-Submitted: auto-generated\r\n\r\n";
    for (auto at = std::size_t{}; at < body.size(); at += 76) out += body.substr(at, 76) + "\r\n";
    return out;
}

} // namespace assay::mail
