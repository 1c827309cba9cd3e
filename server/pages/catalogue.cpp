#include "server/pages/catalogue.hpp"

#include "core/contract.hpp"
#include "core/time.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <unicode/datefmt.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>
#include <unicode/numfmt.h>
#include <unicode/timezone.h>

namespace assay::pages {
namespace {

constexpr auto first_strong_isolate = "\u2068";
constexpr auto pop_isolate = "\u2069";

enum class Kind { text, number, time, word };

struct Message {
    std::string pattern;
    std::map<std::string, Kind, std::less<>> arguments;
    std::string plain; ///< the text itself, when there are no arguments
};

using Messages = std::map<std::string, Message, std::less<>>;

/// European digits in both languages (see the header), the civil calendar everywhere.
icu::Locale const& icu_locale(Locale locale)
{
    static auto const make = [](char const* tag) {
        auto status = U_ZERO_ERROR;
        auto made = icu::Locale::forLanguageTag(tag, status);
        EXPECTS(U_SUCCESS(status));
        return made;
    };
    static auto const english = make("en-GB-u-ca-gregory-nu-latn");
    static auto const arabic = make("ar-u-ca-gregory-nu-latn");
    return locale == Locale::arabic ? arabic : english;
}

std::string to_utf8(icu::UnicodeString const& text)
{
    auto out = std::string{};
    text.toUTF8String(out);
    return out;
}

Kind kind_of(icu::MessagePattern const& pattern, int part, int depth, std::string const& key)
{
    switch (pattern.getPart(part).getArgType()) {
    case UMSGPAT_ARG_TYPE_NONE: return Kind::text;
    case UMSGPAT_ARG_TYPE_PLURAL:
    case UMSGPAT_ARG_TYPE_SELECTORDINAL: return Kind::number;
    case UMSGPAT_ARG_TYPE_SELECT: return Kind::word;
    case UMSGPAT_ARG_TYPE_SIMPLE: {
        auto const type = to_utf8(pattern.getSubstring(pattern.getPart(part + 2)));
        if (type == "number") return Kind::number;
        // A zone can be given to outer arguments only (MessageFormat::getFormat), so times stay out of plural branches.
        if ((type == "date" || type == "time") && depth == 1) return Kind::time;
        break;
    }
    default: break;
    }
    throw std::runtime_error{"messages: " + key + " uses an argument form that we do not support"};
}

Message read_message(std::string const& key, std::string_view text)
{
    auto message = Message{.pattern = std::string{text}, .arguments = {}, .plain = {}};
    auto status = U_ZERO_ERROR;
    auto where = UParseError{};
    auto const pattern = icu::MessagePattern{icu::UnicodeString::fromUTF8(std::string{text}), &where, status};
    if (U_FAILURE(status)) throw std::runtime_error{"messages: " + key + " is no ICU message: " + u_errorName(status)};

    auto depth = 0;
    for (auto part = 0; part < pattern.countParts(); ++part) {
        auto const type = pattern.getPartType(part);
        if (type == UMSGPAT_PART_TYPE_ARG_LIMIT) --depth;
        if (type != UMSGPAT_PART_TYPE_ARG_START) continue;
        ++depth;
        auto const name = to_utf8(pattern.getSubstring(pattern.getPart(part + 1)));
        auto const kind = kind_of(pattern, part, depth, key);
        auto const [known, added] = message.arguments.emplace(name, kind);
        // "{n, plural, one {…{n}…}}": the outer kind decides.
        if (!added && known->second == Kind::text) known->second = kind;
    }
    if (message.arguments.empty()) {
        auto const format = icu::MessageFormat{icu::UnicodeString::fromUTF8(std::string{text}), icu_locale(Locale::english), status};
        auto out = icu::UnicodeString{};
        format.format(static_cast<icu::UnicodeString const*>(nullptr), nullptr, 0, out, status);
        if (U_FAILURE(status)) throw std::runtime_error{"messages: " + key + ": " + u_errorName(status)};
        message.plain = to_utf8(out);
    }
    return message;
}

Messages read_messages(std::string_view text, std::string const& language)
{
    auto const parsed = parse_json(text);
    if (!parsed) throw std::runtime_error{"messages: " + language + " is not JSON: " + parsed.error().message()};
    if (!parsed->is_object()) throw std::runtime_error{"messages: " + language + " is not an object"};

    auto messages = Messages{};
    for (auto const& [key, value] : parsed->get_object()) {
        if (!value.is_string()) throw std::runtime_error{"messages: " + language + ": " + std::string{key} + " is not a string"};
        messages.emplace(std::string{key}, read_message(std::string{key}, value.get_string()));
    }
    return messages;
}

/// Keys and arguments are the contract between a catalogue and the code: both languages keep the same one.
void expect_same_contract(Messages const& one, Messages const& other, std::string const& other_language)
{
    for (auto const& [key, message] : one) {
        auto const found = other.find(key);
        if (found == other.end()) throw std::runtime_error{"messages: " + key + " is missing in " + other_language};
        if (found->second.arguments != message.arguments) {
            throw std::runtime_error{"messages: " + key + " has other arguments in " + other_language};
        }
    }
}

double to_number(json::value const& value)
{
    if (value.is_number()) return value.to_number<double>();
    EXPECTS(value.is_string());
    auto const& text = value.get_string();
    auto number = 0.0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), number);
    EXPECTS(read.ec == std::errc{} && read.ptr == text.data() + text.size());
    return number;
}

UDate to_date(json::value const& value)
{
    EXPECTS(value.is_string());
    auto const at = parse_rfc3339(value.get_string());
    EXPECTS(at.has_value());
    return static_cast<UDate>(at->time_since_epoch().count()) / 1000.0;
}

icu::TimeZone* make_zone(std::string_view name)
{
    auto* const zone = icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(std::string{name}));
    if (*zone != icu::TimeZone::getUnknown()) return zone;
    delete zone;
    return icu::TimeZone::createTimeZone("UTC");
}

icu::Formattable to_formattable(Kind kind, json::value const& value)
{
    switch (kind) {
    case Kind::number: return icu::Formattable{to_number(value)};
    case Kind::time: return icu::Formattable{to_date(value), icu::Formattable::kIsDate};
    case Kind::word: return icu::Formattable{icu::UnicodeString::fromUTF8(std::string{value.as_string()})};
    case Kind::text: break;
    }
    if (value.is_number()) return icu::Formattable{value.to_number<double>()};
    auto const text = first_strong_isolate + std::string{value.as_string()} + pop_isolate;
    return icu::Formattable{icu::UnicodeString::fromUTF8(text)};
}

std::string read_file(std::filesystem::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"messages: cannot read " + path.string()};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

struct Catalogue::Impl {
    Messages english;
    Messages arabic;
    Messages const& of(Locale locale) const { return locale == Locale::arabic ? arabic : english; }
};

Catalogue::Catalogue(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;
Catalogue::~Catalogue() = default;

Catalogue Catalogue::load(std::filesystem::path const& folder)
{
    return parse(read_file(folder / "en.json"), read_file(folder / "ar.json"));
}

Catalogue Catalogue::parse(std::string_view english_json, std::string_view arabic_json)
{
    auto impl = std::make_unique<Impl>();
    impl->english = read_messages(english_json, "en");
    impl->arabic = read_messages(arabic_json, "ar");
    expect_same_contract(impl->english, impl->arabic, "ar");
    expect_same_contract(impl->arabic, impl->english, "en");
    return Catalogue{std::move(impl)};
}

bool Catalogue::has(std::string_view key) const noexcept { return impl_->english.contains(key); }

std::string Catalogue::format(std::string_view key, Locale locale, std::string_view time_zone, Arguments const& arguments) const
{
    auto const& messages = impl_->of(locale);
    auto const found = messages.find(key);
    if (found == messages.end()) throw ContractViolation{"no message " + std::string{key}};
    auto const& message = found->second;
    if (message.arguments.empty()) return message.plain;

    auto names = std::vector<icu::UnicodeString>{};
    auto values = std::vector<icu::Formattable>{};
    for (auto const& [name, kind] : message.arguments) {
        auto const value = arguments(name);
        if (value.is_null()) throw ContractViolation{"no argument " + name + " for the message " + std::string{key}};
        names.push_back(icu::UnicodeString::fromUTF8(name));
        values.push_back(to_formattable(kind, value));
    }

    // MessageFormat caches inside const calls, so each call has its own.
    auto status = U_ZERO_ERROR;
    auto format = icu::MessageFormat{icu::UnicodeString::fromUTF8(message.pattern), icu_locale(locale), status};
    EXPECTS(U_SUCCESS(status));
    for (auto const& [name, kind] : message.arguments) {
        if (kind != Kind::time) continue;
        auto* const dates = dynamic_cast<icu::DateFormat*>(format.getFormat(icu::UnicodeString::fromUTF8(name), status));
        EXPECTS(U_SUCCESS(status) && dates != nullptr);
        dates->adoptTimeZone(make_zone(time_zone));
    }
    auto out = icu::UnicodeString{};
    format.format(names.data(), values.data(), static_cast<int>(values.size()), out, status);
    EXPECTS(U_SUCCESS(status));
    return to_utf8(out);
}

std::string Catalogue::format(std::string_view key, Locale locale, json::object const& arguments, std::string_view time_zone) const
{
    auto const look_up = [&arguments](std::string_view name) {
        auto const* value = arguments.if_contains(name);
        return value == nullptr ? json::value{} : *value;
    };
    return format(key, locale, time_zone, look_up);
}

json::object Catalogue::patterns(Locale locale, std::vector<std::string> const& prefixes) const
{
    auto out = json::object{};
    for (auto const& prefix : prefixes) {
        auto const& messages = impl_->of(locale);
        for (auto at = messages.lower_bound(prefix); at != messages.end() && at->first.starts_with(prefix); ++at) {
            out[at->first] = at->second.pattern;
        }
    }
    return out;
}

std::string Catalogue::show(json::value const& value, Style style, Locale locale, std::string_view time_zone) const
{
    auto status = U_ZERO_ERROR;
    auto out = icu::UnicodeString{};
    if (style == Style::number || style == Style::percent) {
        auto const format = std::unique_ptr<icu::NumberFormat>{
            style == Style::percent ? icu::NumberFormat::createPercentInstance(icu_locale(locale), status)
                                    : icu::NumberFormat::createInstance(icu_locale(locale), status)};
        EXPECTS(U_SUCCESS(status));
        format->setMaximumFractionDigits(style == Style::percent ? 0 : 2);
        format->format(to_number(value), out);
        return to_utf8(out);
    }
    auto const* const skeleton = style == Style::date ? "yMMMMd" : "yMMMMdjmmz";
    auto const format =
        std::unique_ptr<icu::DateFormat>{icu::DateFormat::createInstanceForSkeleton(skeleton, icu_locale(locale), status)};
    EXPECTS(U_SUCCESS(status));
    format->adoptTimeZone(make_zone(time_zone));
    format->format(to_date(value), out);
    return to_utf8(out);
}

} // namespace assay::pages
