#pragma once
#include <optional>
#include <string_view>

namespace assay::pages {

/// The languages that every text exists in. A new one is a new catalogue, a line here and nothing else.
enum class Locale { english, arabic };

constexpr std::string_view tag(Locale locale) noexcept { return locale == Locale::arabic ? "ar" : "en"; }
constexpr std::string_view direction(Locale locale) noexcept { return locale == Locale::arabic ? "rtl" : "ltr"; }

/// The locale of a BCP 47 tag by its language alone ("ar-EG" is Arabic), none for a language that we do not have.
std::optional<Locale> parse_locale(std::string_view tag) noexcept;

/// What the visitor asked for, the most deliberate first: `?lang=`, then the `lang` cookie, then Accept-Language
/// (RFC 9110 12.5.4 with its weights; at most 512 bytes and 32 ranges are read), then English. Never fails: a malformed wish is no wish.
Locale negotiate(std::string_view query_lang, std::string_view cookie_lang, std::string_view accept_language) noexcept;

} // namespace assay::pages
