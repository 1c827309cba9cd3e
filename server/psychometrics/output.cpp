#include "server/psychometrics/output.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>

namespace assay::server::psychometrics {
namespace {

void write(json::value const& value, std::string& text)
{
    auto first = true;
    auto const separate = [&] {
        if (!first) text += ',';
        first = false;
    };
    if (value.is_double()) {
        auto const number = value.get_double();
        auto buffer = std::array<char, 40>{};
        auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::general, 17).ptr;
        text += std::isfinite(number) ? std::string{buffer.data(), end} : "null";
    } else if (value.is_array()) {
        text += '[';
        for (auto const& entry : value.get_array()) {
            separate();
            write(entry, text);
        }
        text += ']';
    } else if (value.is_object()) {
        text += '{';
        for (auto const& [key, entry] : value.get_object()) {
            separate();
            text += json::serialize(json::string{key}) + ':';
            write(entry, text);
        }
        text += '}';
    } else {
        text += json::serialize(value);
    }
}

/// Characters, not bytes: continuation bytes of UTF-8 take no column.
std::size_t columns(std::string const& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

std::string json_text(json::value const& value)
{
    auto text = std::string{};
    write(value, text);
    return text + "\n";
}

json::value number_or_null(std::optional<double> value) { return value ? json::value(*value) : json::value(nullptr); }

json::array strings(std::vector<std::string> const& texts)
{
    auto array = json::array{};
    for (auto const& text : texts) array.emplace_back(text);
    return array;
}

json::object conventions(exam::ScoringOptions const& options)
{
    auto const& q = options.quadrature;
    auto object = json::object{};
    object["metric"] = "logistic, D = 1; slopes of a bank with another D are multiplied by it";
    object["quadrature"] = json::object{{"nodes", q.nodes}, {"low", q.low}, {"high", q.high}, {"rule", json::string{exam::name(q.rule)}}};
    object["prior"] = json::object{{"mean", options.prior.mean}, {"sd", options.prior.standard_deviation}};
    return object;
}

std::string decimals(std::optional<double> value, int digits)
{
    if (!value || !std::isfinite(*value)) return "-";
    auto buffer = std::array<char, 64>{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, *value);
    return buffer.data();
}

void print_table(std::ostream& out, std::vector<std::vector<std::string>> const& rows)
{
    auto widths = std::vector<std::size_t>{};
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (auto c = std::size_t{0}; c < row.size(); ++c) widths[c] = std::max(widths[c], columns(row[c]));
    }
    for (auto const& row : rows) {
        for (auto c = std::size_t{0}; c < row.size(); ++c) {
            auto const padding = std::string(widths[c] - columns(row[c]), ' ');
            auto const is_last = c + 1 == row.size();
            out << (c == 0 ? row[c] + (is_last ? "" : padding) : "  " + padding + row[c]);
        }
        out << "\n";
    }
}

void print_warnings(std::ostream& out, std::vector<std::string> const& warnings)
{
    for (auto const& warning : warnings) out << "warning: " << warning << "\n";
}

} // namespace assay::server::psychometrics
