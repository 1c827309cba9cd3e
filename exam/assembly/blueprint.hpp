#pragma once
// What every form has to satisfy. The document is JSON; all members but "length" may be left out:
//
//     {"length": 30,                                          or {"min": 20, "max": 30}
//      "areas":    {"sql": {"min": 8, "max": 12}, …},         items by content area; "types" by item type; "keys" by position of the right answer
//      "words":    {"max": 2500}, "seconds": {"max": 3600},   sums over the form
//      "passages": {"min": 1, "max": 3, "items": {"min": 2, "max": 4}},   how many passages, and items of each one used
//      "enemies":  [["item 1", "item 7"], …],                 at most one of each set (besides the bank's own sets)
//      "friends":  [["item 3", "item 4"], …],                 all or none of each set (besides the bank's own)
//      "include":  ["item 9"], "exclude": ["item 2"],
//      "theta":    [-0.5, 0, 0.5]}                            the objective: the sum of the items' information at these points; default [0]
//
// Areas that the document does not name may be used freely, as may types and keys.
#include "core/json.hpp"
#include "exam/bank/item_bank.hpp"

#include <map>

namespace assay::exam::assembly {

struct Range {
    double minimum = 0;
    double maximum = 1e9;
    friend bool operator==(Range const&, Range const&) = default;
};

struct PassageRule {
    Range passages;        ///< how many may be used
    Range items{1, 1e9};   ///< of each that is used
    friend bool operator==(PassageRule const&, PassageRule const&) = default;
};

struct Blueprint {
    Range length{20, 20};
    std::map<std::string, Range> areas;
    std::map<std::string, Range> types;
    std::map<std::string, Range> keys;
    Range words;
    Range seconds;
    std::optional<PassageRule> passages;
    std::vector<std::vector<std::string>> enemies;
    std::vector<std::vector<std::string>> friends;
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    std::vector<double> theta{0};
    friend bool operator==(Blueprint const&, Blueprint const&) = default;
};

/// Errors name the member ("areas.sql.min: a number from 0 to … is expected"). Unknown members are errors.
read_result<Blueprint> read_blueprint(std::string_view json);
json::value to_json(Blueprint const& blueprint);

} // namespace assay::exam::assembly
