#include "exam/qti/report.hpp"
#include "core/errors.hpp"
#include "exam/qti/detail/xml.hpp"

#include <algorithm>

namespace assay::exam::qti {
namespace {

json::array texts(std::vector<std::string> const& list)
{
    auto array = json::array{};
    for (auto const& text : list) array.emplace_back(text);
    return array;
}

json::object row(ImportedItem const& item)
{
    return {{"file", item.file},
            {"identifier", item.identifier},
            {"title", item.title},
            {"interactions", texts(item.interactions)},
            {"outcome", item.outcome == ImportOutcome::imported ? "imported" : "refused"},
            {"notes", texts(item.notes)}};
}

bool has_suffix(std::string_view path, std::string_view suffix)
{
    if (path.size() < suffix.size()) return false;
    return std::ranges::equal(path.substr(path.size() - suffix.size()), suffix, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

void note_missing_pictures(ImportedItem& item, PackageFiles const& files)
{
    if (!item.item) return;
    for (auto const& path : media(*item.item))
        if (!files.contains(path)) item.notes.push_back("picture \"" + path + "\" is not in the package");
}

// Splits at commas; a backslash takes the next character as it is.
std::vector<std::string> split_values(std::string_view text)
{
    auto values = std::vector<std::string>{};
    if (text.empty()) return values;
    auto value = std::string{};
    for (auto i = std::size_t{0}; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ',' || text[i + 1] == '\\')) value += text[++i];
        else if (text[i] == ',') values.push_back(std::exchange(value, {}));
        else value += text[i];
    }
    values.push_back(std::move(value));
    return values;
}

struct Split {
    std::string name;
    std::string text;
};

result<Split> split_name(std::string_view argument)
{
    auto const equals = argument.find('=');
    if (equals == argument.npos || equals == 0) return core::errc::malformed;
    return Split{std::string{argument.substr(0, equals)}, std::string{argument.substr(equals + 1)}};
}

void add(ResponseSet& responses, std::string name, std::vector<std::string> values)
{
    auto& all = responses[std::move(name)];
    all.insert(all.end(), std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
}

} // namespace

json::value report(PackageImport const& import)
{
    auto rows = json::array{};
    for (auto const& item : import.items) rows.push_back(row(item.imported));
    return json::object{{"items", std::move(rows)}};
}

json::value report(std::span<ImportedItem const> items)
{
    auto rows = json::array{};
    for (auto const& item : items) rows.push_back(row(item));
    return json::object{{"items", std::move(rows)}};
}

json::value import_report(PackageFiles const& files)
{
    auto rows = json::array{};
    for (auto const& [path, bytes] : files) {
        if (!has_suffix(path, ".xml")) continue;
        auto const root = detail::root_name(bytes);
        if (!root.empty() && !is_item(bytes)) continue; // a test, a manifest, usage data, anything else
        auto item = read_item(bytes, path);
        note_missing_pictures(item, files);
        rows.push_back(row(item));
    }
    return json::object{{"items", std::move(rows)}};
}

result<ResponseSet::value_type> parse_response_argument(std::string_view argument)
{
    auto split = split_name(argument);
    if (!split) return split.error();
    return ResponseSet::value_type{std::move(split->name), split_values(split->text)};
}

result<ResponseSet> parse_response_arguments(std::span<std::string const> arguments)
{
    auto responses = ResponseSet{};
    for (auto const& argument : arguments) {
        auto parsed = parse_response_argument(argument);
        if (!parsed) return parsed.error();
        add(responses, parsed->first, std::move(parsed->second));
    }
    return responses;
}

result<ResponseSet> parse_response_arguments(Item const& item, std::span<std::string const> arguments)
{
    auto responses = ResponseSet{};
    for (auto const& argument : arguments) {
        auto split = split_name(argument);
        if (!split) return split.error();
        auto values = split_values(split->text);
        auto const* interaction = item.interaction(split->name);
        // A text entry takes one text: commas that nobody escaped belong to it.
        if (interaction != nullptr && std::holds_alternative<TextEntryInteraction>(interaction->kind) && values.size() > 1) values = {split->text};
        add(responses, std::move(split->name), std::move(values));
    }
    return responses;
}

json::value to_json(ItemScore const& score) { return json::object{{"score", score.score}, {"max_score", score.max_score}}; }

} // namespace assay::exam::qti
