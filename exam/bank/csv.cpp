#include "exam/bank/csv.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace assay::exam {
namespace {

/// Length of the UTF-8 sequence at the front (RFC 3629), 0 when there is none.
std::size_t utf8_length(std::string_view text) noexcept
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const follows = [&](std::size_t i, unsigned low, unsigned high) { return i < text.size() && byte(i) >= low && byte(i) <= high; };
    auto const first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1, 0x80, 0xbf) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef)
        return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2, 0x80, 0xbf) ? 3 : 0;
    if (first >= 0xf0 && first <= 0xf4)
        return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
    return 0;
}

std::string_view trimmed(std::string_view field) noexcept
{
    while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
    return field;
}

class CsvReader {
public:
    CsvReader(std::string_view text, CsvBounds bounds) : text_{text}, bounds_{bounds}
    {
        if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    }

    read_result<std::vector<CsvRow>> read()
    {
        if (text_.size() > bounds_.size_max) return TextProblem{0, 0, "the table has more than " + std::to_string(bounds_.size_max) + " bytes"};
        while (at_ < text_.size()) {
            if (skip_line_end()) continue; // an empty line
            if (rows_.size() == bounds_.rows_max) return TextProblem{line_, 0, "more than " + std::to_string(bounds_.rows_max) + " rows"};
            auto row = CsvRow{.line = line_, .fields = {}};
            if (!rows_.empty()) row.fields.reserve(rows_.front().fields.size());
            if (auto const problem = read_row(row)) return *problem;
            if (!rows_.empty() && row.fields.size() != rows_.front().fields.size())
                return TextProblem{row.line, 0, "the row has " + std::to_string(row.fields.size()) + " fields, the header " + std::to_string(rows_.front().fields.size())};
            rows_.push_back(std::move(row));
        }
        return std::move(rows_);
    }

private:
    bool skip_line_end() noexcept
    {
        auto const size = text_[at_] == '\n' ? 1u : text_.substr(at_, 2) == "\r\n" ? 2u : 0u;
        at_ += size;
        line_ += size != 0;
        return size != 0;
    }

    std::optional<TextProblem> read_row(CsvRow& row)
    {
        while (true) {
            auto const column = row.fields.size() + 1;
            if (column > bounds_.columns_max) return TextProblem{row.line, column, "more than " + std::to_string(bounds_.columns_max) + " columns"};
            auto& field = row.fields.emplace_back();
            auto const problem = at_ < text_.size() && text_[at_] == '"' ? read_quoted(field, column) : read_plain(field, column);
            if (problem) return problem;
            if (at_ == text_.size() || skip_line_end()) return std::nullopt;
            if (text_[at_] != ',') return TextProblem{line_, column, "a quoted field is followed by text"};
            ++at_;
        }
    }

    std::optional<TextProblem> take_character(std::string& field, std::size_t column)
    {
        auto const length = utf8_length(text_.substr(at_));
        if (length == 0) return TextProblem{line_, column, "not valid UTF-8"};
        auto const first = static_cast<unsigned char>(text_[at_]);
        if ((first < 0x20 && first != '\t') || first == 0x7f) return TextProblem{line_, column, "a control character"};
        if (field.size() + length > bounds_.field_max) return TextProblem{line_, column, "a field longer than " + std::to_string(bounds_.field_max) + " bytes"};
        field.append(text_.substr(at_, length));
        at_ += length;
        return std::nullopt;
    }

    std::optional<TextProblem> read_plain(std::string& field, std::size_t column)
    {
        while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_.substr(at_, 2) != "\r\n") {
            if (text_[at_] == '"') return TextProblem{line_, column, "a quote inside an unquoted field"};
            if (auto problem = take_character(field, column)) return problem;
        }
        return std::nullopt;
    }

    std::optional<TextProblem> read_quoted(std::string& field, std::size_t column)
    {
        for (++at_; at_ < text_.size();) {
            if (text_[at_] == '"' && text_.substr(at_, 2) != "\"\"") {
                ++at_;
                return std::nullopt;
            }
            if (text_[at_] == '"') ++at_; // the first of a doubled quote
            if (auto problem = take_character(field, column)) return problem;
        }
        return TextProblem{line_, column, "a quoted field does not end"};
    }

    std::string_view text_;
    CsvBounds bounds_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<CsvRow> rows_;
};

} // namespace

std::string to_string(TextProblem const& problem)
{
    auto text = std::string{};
    if (problem.line != 0) text += "line " + std::to_string(problem.line);
    if (problem.column != 0) text += (text.empty() ? "column " : ", column ") + std::to_string(problem.column);
    return text.empty() ? problem.what : text + ": " + problem.what;
}

void throw_exception_from_error(TextProblem const& problem, boost::source_location const&) { throw std::runtime_error{to_string(problem)}; }

read_result<std::vector<CsvRow>> read_csv(std::string_view text, CsvBounds bounds) { return CsvReader{text, bounds}.read(); }

std::string csv_field(std::string_view field)
{
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{field};
    auto quoted = std::string{"\""};
    for (auto const c : field) quoted += c == '"' ? std::string{"\"\""} : std::string(1, c);
    return quoted + '"';
}

std::optional<double> parse_decimal(std::string_view field) noexcept
{
    field = trimmed(field);
    if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
    auto value = 0.0;
    auto const [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (field.empty() || error != std::errc{} || end != field.data() + field.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

bool is_missing(std::string_view field) noexcept
{
    auto const text = trimmed(field);
    return text.empty() || text == "NA" || text == ".";
}

std::string shortest_decimal(double value)
{
    auto buffer = std::array<char, 32>{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

} // namespace assay::exam
