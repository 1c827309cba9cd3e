#pragma once
// Reads the members of one JSON object strictly: each is asked for once by name and kind, and nothing else may be there. The first thing
// wrong is remembered, so that a reader is a plain list of its members with one check at the end.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/uuid.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay::exam::detail {

class JsonFields {
public:
    explicit JsonFields(json::value const& value) noexcept : object_{value.if_object()}, good_{object_ != nullptr} {}

    json::value const* take(std::string_view member)
    {
        auto const* found = take_optional(member);
        if (found == nullptr) good_ = false;
        return found;
    }
    json::value const* take_optional(std::string_view member)
    {
        auto const* found = object_ == nullptr ? nullptr : object_->if_contains(member);
        if (found != nullptr) ++taken_;
        return found;
    }

    bool has(std::string_view member) const noexcept { return object_ != nullptr && object_->contains(member); }

    std::string text(std::string_view member)
    {
        auto const* value = take(member);
        auto const* string = value == nullptr ? nullptr : value->if_string();
        if (string == nullptr) return refuse<std::string>();
        return {string->data(), string->size()};
    }
    bool boolean(std::string_view member)
    {
        auto const* value = take(member);
        auto const* boolean = value == nullptr ? nullptr : value->if_bool();
        return boolean == nullptr ? refuse<bool>() : *boolean;
    }
    /// A JSON number as a double: canonical JSON writes 1.0 as 1, so an integer is accepted too.
    double real(std::string_view member)
    {
        auto const* value = take(member);
        return value == nullptr ? 0 : real_of(*value);
    }
    double real_of(json::value const& value)
    {
        if (auto const* d = value.if_double()) return *d;
        if (auto const* i = value.if_int64()) return static_cast<double>(*i);
        if (auto const* u = value.if_uint64()) return static_cast<double>(*u);
        return refuse<double>();
    }
    std::optional<double> optional_real(std::string_view member)
    {
        if (!has(member)) return std::nullopt;
        return real(member);
    }
    double real_or(std::string_view member, double otherwise) { return has(member) ? real(member) : otherwise; }
    template <class Integer = int>
    Integer integer(std::string_view member)
    {
        auto const* value = take(member);
        if (value == nullptr) return refuse<Integer>();
        if (auto const* i = value->if_int64(); i != nullptr && std::in_range<Integer>(*i)) return static_cast<Integer>(*i);
        if (auto const* u = value->if_uint64(); u != nullptr && std::in_range<Integer>(*u)) return static_cast<Integer>(*u);
        return refuse<Integer>();
    }
    /// Counts up to a million hours' worth of any unit we use, so that sums of them can't overflow.
    template <class Duration>
    Duration duration(std::string_view member)
    {
        auto const count = integer<std::int64_t>(member);
        if (count < -4'000'000'000'000'000 || count > 4'000'000'000'000'000) return refuse<Duration>();
        return Duration{count};
    }
    template <class Duration>
    std::optional<Duration> optional_duration(std::string_view member)
    {
        if (object_ == nullptr || !object_->contains(member)) return std::nullopt;
        return duration<Duration>(member);
    }
    Timestamp instant(std::string_view member) { return parsed(text(member), parse_rfc3339, to_rfc3339); }
    Sha256Digest digest(std::string_view member) { return parsed(text(member), parse_sha256); }
    template <class AnyId>
    AnyId id(std::string_view member) { return parsed(text(member), parse_id<AnyId>); }

    template <class AnyId>
    std::optional<AnyId> optional_id(std::string_view member)
    {
        if (object_ == nullptr || !object_->contains(member)) return std::nullopt;
        return id<AnyId>(member);
    }
    template <class AnyId>
    std::vector<AnyId> ids(std::string_view member)
    {
        auto list = std::vector<AnyId>{};
        for (auto const& value : array(member)) {
            auto const* string = value.if_string();
            list.push_back(string == nullptr ? refuse<AnyId>() : parsed(std::string{string->data(), string->size()}, parse_id<AnyId>));
        }
        return list;
    }
    json::array const& array(std::string_view member)
    {
        static auto const nothing = json::array{};
        auto const* value = take(member);
        auto const* array = value == nullptr ? nullptr : value->if_array();
        if (array == nullptr) good_ = false;
        return array == nullptr ? nothing : *array;
    }
    /// One of an enumeration's words, listed in the order of the enumerators.
    template <class Enumeration, std::size_t N>
    Enumeration word(std::string_view member, std::string_view const (&words)[N])
    {
        auto const* value = take(member);
        return value == nullptr ? Enumeration{} : word_in<Enumeration>(*value, words);
    }
    template <class Enumeration, std::size_t N>
    Enumeration word_in(json::value const& value, std::string_view const (&words)[N])
    {
        if (auto const* written = value.if_string())
            for (auto i = std::size_t{0}; i < N; ++i)
                if (words[i] == std::string_view{written->data(), written->size()}) return static_cast<Enumeration>(i);
        return refuse<Enumeration>();
    }

    void require(bool good) noexcept { good_ = good_ && good; }
    /// Everything asked for was there, and nothing else.
    bool good() const noexcept { return good_ && object_ != nullptr && taken_ == object_->size(); }

private:
    template <class T>
    T refuse()
    {
        good_ = false;
        return T{};
    }
    template <class Parse>
    auto parsed(std::string const& written, Parse parse) -> typename decltype(parse(written))::value_type
    {
        auto const value = parse(written);
        if (value) return *value;
        return refuse<typename decltype(parse(written))::value_type>();
    }
    /// The same, where more than one spelling is readable: only the one that we write.
    template <class Parse, class Write>
    auto parsed(std::string const& written, Parse parse, Write write) -> typename decltype(parse(written))::value_type
    {
        auto const value = parsed(written, parse);
        require(!good_ || write(value) == written);
        return value;
    }

    json::object const* object_;
    bool good_;
    std::size_t taken_ = 0;
};

} // namespace assay::exam::detail
