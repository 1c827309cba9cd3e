#pragma once
#include "core/json.hpp"
#include "server/pages/locale.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace assay::pages {

/// Every text that a person reads, in every language: web/messages/{en,ar}.json, flat objects of key -> ICU MessageFormat pattern.
/// Arguments that are strings come out between U+2068 and U+2069 (first-strong isolates), so that a Latin name inside an
/// Arabic sentence, or the reverse, cannot reorder what stands around it. Numbers are set in European digits in both
/// languages: they stand beside serial numbers, item content and certificates that use them.
/// Immutable after loading; safe to use from any thread.
class Catalogue {
public:
    /// Looks an argument up by its name; null when there is none. Numbers, RFC 3339 times and text all arrive as JSON values or
    /// strings; the pattern says what the argument is ("{count, plural, …}" reads a number, "{at, date, long}" a time).
    using Arguments = std::function<json::value(std::string_view name)>;

    /// Reads `en.json` and `ar.json` in `folder`. Throws std::runtime_error naming file and key when one is missing, is not
    /// JSON, holds a malformed pattern, or when the two languages differ in keys or arguments: such a build must not start.
    static Catalogue load(std::filesystem::path const& folder);

    /// The same from texts in memory.
    static Catalogue parse(std::string_view english_json, std::string_view arabic_json);

    Catalogue(Catalogue&&) noexcept;
    Catalogue& operator=(Catalogue&&) noexcept;
    ~Catalogue();

    bool has(std::string_view key) const noexcept;

    /// The text of `key`, plain (not HTML-escaped). Times are shown in `time_zone` (an IANA name; an unknown one is UTC).
    /// Expects a key of the catalogue, and its arguments in the kind that the pattern names: both are bugs of ours.
    std::string format(std::string_view key, Locale locale, std::string_view time_zone, Arguments const& arguments) const;
    std::string format(std::string_view key, Locale locale, json::object const& arguments = {}, std::string_view time_zone = "UTC") const;

    /// The patterns, as written, whose key starts with one of `prefixes`: what a page's script formats by itself.
    json::object patterns(Locale locale, std::vector<std::string> const& prefixes) const;

    enum class Style { date, date_time, number, percent };
    /// An RFC 3339 time or a number, alone. Expects a value of that kind.
    std::string show(json::value const& value, Style style, Locale locale, std::string_view time_zone) const;

private:
    struct Impl;
    explicit Catalogue(std::unique_ptr<Impl> impl) noexcept;
    std::unique_ptr<Impl> impl_;
};

} // namespace assay::pages
