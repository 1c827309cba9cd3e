#include "exam/assembly/blueprint.hpp"

#include <boost/json/value_from.hpp>

namespace assay::exam::assembly {
namespace {

constexpr auto entries_max = std::size_t{100'000};

/// Thrown within this file only, to leave nested members quickly; read_blueprint turns it into the result.
struct Refusal {
    std::string what;
};

[[noreturn]] void refuse(std::string const& member, std::string const& what) { throw Refusal{member + ": " + what}; }

double number(json::value const& value, std::string const& member, double low, double high)
{
    auto error = boost::system::error_code{};
    auto const read = value.is_number() ? value.to_number<double>(error) : 0.0;
    if (!value.is_number() || error || !(read >= low && read <= high))
        refuse(member, "a number from " + shortest_decimal(low) + " to " + shortest_decimal(high) + " is expected");
    return read;
}

json::object const& object(json::value const& value, std::string const& member)
{
    if (!value.is_object()) refuse(member, "an object is expected");
    return value.get_object();
}

Range range(json::value const& value, std::string const& member, double low)
{
    auto result = Range{.minimum = low};
    for (auto const& [key, bound] : object(value, member)) {
        if (key == "min") result.minimum = number(bound, member + ".min", 0, 1e9);
        else if (key == "max") result.maximum = number(bound, member + ".max", 0, 1e9);
        else refuse(member + "." + std::string{key}, "unknown; min and max are possible");
    }
    if (result.minimum > result.maximum) refuse(member, "min is above max");
    return result;
}

std::map<std::string, Range> ranges(json::value const& value, std::string const& member)
{
    auto result = std::map<std::string, Range>{};
    for (auto const& [key, bound] : object(value, member)) result.emplace(key, range(bound, member + "." + std::string{key}, 0));
    return result;
}

std::vector<std::string> names(json::value const& value, std::string const& member)
{
    if (!value.is_array()) refuse(member, "a list of item names is expected");
    auto result = std::vector<std::string>{};
    for (auto const& entry : value.get_array()) {
        if (!entry.is_string()) refuse(member, "a list of item names is expected");
        result.emplace_back(entry.get_string());
        if (result.size() > entries_max) refuse(member, "too many entries");
    }
    return result;
}

std::vector<std::vector<std::string>> sets(json::value const& value, std::string const& member)
{
    if (!value.is_array()) refuse(member, "a list of sets of item names is expected");
    auto result = std::vector<std::vector<std::string>>{};
    for (auto const& entry : value.get_array()) {
        result.push_back(names(entry, member));
        if (result.size() > entries_max) refuse(member, "too many entries");
    }
    return result;
}

PassageRule passage_rule(json::value const& value)
{
    auto result = PassageRule{};
    for (auto const& [key, bound] : object(value, "passages")) {
        if (key == "min") result.passages.minimum = number(bound, "passages.min", 0, 1e9);
        else if (key == "max") result.passages.maximum = number(bound, "passages.max", 0, 1e9);
        else if (key == "items") result.items = range(bound, "passages.items", 1);
        else refuse("passages." + std::string{key}, "unknown; min, max and items are possible");
    }
    if (result.passages.minimum > result.passages.maximum) refuse("passages", "min is above max");
    return result;
}

Blueprint blueprint_of(json::value const& document)
{
    auto result = Blueprint{};
    auto has_length = false;
    for (auto const& [key, value] : object(document, "blueprint")) {
        if (key == "length") {
            has_length = true;
            if (value.is_number()) result.length.minimum = result.length.maximum = number(value, "length", 1, 10'000);
            else result.length = range(value, "length", 1);
            if (result.length.maximum > 10'000 || result.length.minimum < 1) refuse("length", "1 to 10000 items are possible");
        } else if (key == "areas") result.areas = ranges(value, "areas");
        else if (key == "types") result.types = ranges(value, "types");
        else if (key == "keys") result.keys = ranges(value, "keys");
        else if (key == "words") result.words = range(value, "words", 0);
        else if (key == "seconds") result.seconds = range(value, "seconds", 0);
        else if (key == "passages") result.passages = passage_rule(value);
        else if (key == "enemies") result.enemies = sets(value, "enemies");
        else if (key == "friends") result.friends = sets(value, "friends");
        else if (key == "include") result.include = names(value, "include");
        else if (key == "exclude") result.exclude = names(value, "exclude");
        else if (key == "theta") {
            if (!value.is_array() || value.get_array().empty() || value.get_array().size() > 1000) refuse("theta", "a list of 1 to 1000 numbers is expected");
            result.theta.clear();
            for (auto const& point : value.get_array()) result.theta.push_back(number(point, "theta", -100, 100));
        } else refuse(std::string{key}, "unknown member of a blueprint");
    }
    if (!has_length) refuse("length", "missing");
    return result;
}

json::object to_json(Range const& range, double low)
{
    auto object = json::object{};
    if (range.minimum != low) object["min"] = range.minimum;
    if (range.maximum != 1e9) object["max"] = range.maximum;
    return object;
}

} // namespace

read_result<Blueprint> read_blueprint(std::string_view text)
{
    auto const document = parse_json(text, {.size_max = 16u << 20, .depth_max = 8});
    if (!document) return TextProblem{0, 0, "the blueprint is no JSON document: " + document.error().message()};
    try {
        return blueprint_of(*document);
    } catch (Refusal const& refusal) {
        return TextProblem{0, 0, "blueprint: " + refusal.what};
    }
}

json::value to_json(Blueprint const& b)
{
    auto object = json::object{};
    object["length"] = json::object{{"min", b.length.minimum}, {"max", b.length.maximum}};
    for (auto const& [name, map] : {std::pair{"areas", &b.areas}, std::pair{"types", &b.types}, std::pair{"keys", &b.keys}}) {
        if (map->empty()) continue;
        auto entries = json::object{};
        for (auto const& [key, value] : *map) entries[key] = to_json(value, 0);
        object[name] = std::move(entries);
    }
    if (b.words != Range{}) object["words"] = to_json(b.words, 0);
    if (b.seconds != Range{}) object["seconds"] = to_json(b.seconds, 0);
    if (b.passages) {
        auto passages = to_json(b.passages->passages, 0);
        passages["items"] = to_json(b.passages->items, 1);
        object["passages"] = std::move(passages);
    }
    for (auto const& [name, list] : {std::pair{"enemies", &b.enemies}, std::pair{"friends", &b.friends}})
        if (!list->empty()) object[name] = json::value_from(*list);
    if (!b.include.empty()) object["include"] = json::value_from(b.include);
    if (!b.exclude.empty()) object["exclude"] = json::value_from(b.exclude);
    object["theta"] = json::value_from(b.theta);
    return object;
}

} // namespace assay::exam::assembly
