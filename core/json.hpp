#pragma once
#include "core/bytes.hpp"

#include <boost/json/value.hpp>

namespace assay {

namespace json = boost::json;

/// RFC 8785 (JCS): members sorted by UTF-16 code units, ECMAScript numbers, minimal escapes. The bytes that we hash and sign.
/// Expects finite numbers (JSON has no others) and valid UTF-8, which parse_json guarantees.
/// An integer beyond ±2^53 is written as the double nearest to it, as the RFC demands.
std::string canonical_json(json::value const& value);

struct JsonBounds {
    std::size_t size_max = 1 << 20; ///< bytes
    std::size_t depth_max = 32;
};

/// One JSON text (RFC 8259, valid UTF-8, no trailing bytes), read strictly.
/// Errors: core::errc::too_large, too_deep, duplicate_member, malformed.
result<json::value> parse_json(std::string_view text, JsonBounds bounds = {});

/// Member access that never throws: nullptr when `value` is no object, has no such member, or it has another kind.
/// The pointer lives as long as `value`.
json::value const* find(json::value const& value, std::string_view member) noexcept;
json::string const* find_string(json::value const& value, std::string_view member) noexcept;
json::object const* find_object(json::value const& value, std::string_view member) noexcept;
json::array const* find_array(json::value const& value, std::string_view member) noexcept;

// The same for an object. Without these an object would turn into a temporary value, and the answer would dangle.
json::value const* find(json::object const& object, std::string_view member) noexcept;
json::string const* find_string(json::object const& object, std::string_view member) noexcept;
json::object const* find_object(json::object const& object, std::string_view member) noexcept;
json::array const* find_array(json::object const& object, std::string_view member) noexcept;

} // namespace assay
