#include "core/errors.hpp"
#include "core/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <set>
#include <utility>

// Boost.JSON's own parser keeps the last of two equal members; what we verify must have one reading, so this handler
// builds the value on Boost's stack and refuses a name that its object already has.

namespace assay {
namespace {

struct Handler {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    using code = boost::system::error_code;

    json::value_stack stack;
    std::vector<std::set<std::string, std::less<>>> names;
    std::string key, text, number;
    code refusal;

    bool on_document_begin(code&) { return true; }
    bool on_document_end(code&) { return true; }
    bool on_object_begin(code&)
    {
        names.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, code&)
    {
        names.pop_back();
        stack.push_object(size);
        return true;
    }
    bool on_array_begin(code&) { return true; }
    bool on_array_end(std::size_t size, code&)
    {
        stack.push_array(size);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, code&)
    {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, code& ec)
    {
        key.append(part.data(), part.size());
        stack.push_key(key);
        if (!names.back().insert(std::exchange(key, {})).second) {
            ec = core::errc::duplicate_member;
            return false;
        }
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, code&)
    {
        text.append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, code&)
    {
        text.append(part.data(), part.size());
        stack.push_string(text);
        text.clear();
        return true;
    }
    bool on_number_part(json::string_view part, code&)
    {
        number.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, json::string_view, code&)
    {
        number.clear();
        stack.push_int64(value);
        return true;
    }
    bool on_uint64(std::uint64_t value, json::string_view, code&)
    {
        number.clear();
        stack.push_uint64(value);
        return true;
    }
    bool on_double(double, json::string_view part, code& ec)
    {
        // Boost 1.81 is off by an ulp on some literals; the bytes that we hash need the double nearest to the text.
        number.append(part.data(), part.size());
        auto value = 0.0;
        auto const [end, status] = std::from_chars(number.data(), number.data() + number.size(), value);
        auto const whole = status == std::errc{} && end == number.data() + number.size();
        number.clear();
        if (!whole) { // 1e999: an infinity has no canonical form
            ec = core::errc::out_of_range;
            return false;
        }
        stack.push_double(value);
        return true;
    }
    bool on_bool(bool value, code&)
    {
        stack.push_bool(value);
        return true;
    }
    bool on_null(code&)
    {
        stack.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, code&) { return true; }
    bool on_comment(json::string_view, code&) { return true; }
};

} // namespace

result<json::value> parse_json(std::string_view text, JsonBounds bounds)
{
    if (text.size() > bounds.size_max) return core::errc::too_large;
    auto options = json::parse_options{};
    options.max_depth = bounds.depth_max;
    auto parser = json::basic_parser<Handler>{options};
    parser.handler().stack.reset();
    auto error = boost::system::error_code{};
    auto const used = parser.write_some(false, text.data(), text.size(), error);
    if (error) {
        if (error == json::error::too_deep) return core::errc::too_deep;
        if (error.category() == core::category()) return error;
        return core::errc::malformed;
    }
    if (used != text.size()) return core::errc::malformed;
    return parser.handler().stack.release();
}

} // namespace assay
