#include "server/pages/template_file.hpp"

#include <kainjow/mustache.hpp>
#include <sstream>
#include <stdexcept>

namespace assay::pages {

std::vector<std::string> split_words(std::string_view text)
{
    auto words = std::vector<std::string>{};
    auto stream = std::istringstream{std::string{text}};
    for (auto word = std::string{}; stream >> word;) words.push_back(word);
    return words;
}

namespace {

/// "error.title.[kind]": braces would end the comment that the title stands in.
std::string as_mustache(std::string_view title)
{
    auto text = std::string{};
    for (auto const letter : title) {
        if (letter == '[') text += "{{";
        else if (letter == ']') text += "}}";
        else text += letter;
    }
    return text;
}

} // namespace

TemplateFile read_template(std::string const& name, std::string text)
{
    auto const refuse = [&name](std::string const& what) { return std::runtime_error{"template " + name + ": " + what}; };
    auto parsed = kainjow::mustache::mustache{text};
    if (!parsed.is_valid()) throw refuse(parsed.error_message());
    auto const end = text.find("}}");
    if (!text.starts_with("{{!") || end == text.npos) throw refuse("has no first comment");

    auto file = TemplateFile{};
    auto lines = std::istringstream{text.substr(3, end - 3)};
    for (auto line = std::string{}; std::getline(lines, line);) {
        auto const colon = line.find(':');
        if (colon == line.npos) {
            if (!split_words(line).empty()) throw refuse("the first comment says: " + line);
            continue;
        }
        auto const word = line.substr(0, colon);
        auto const rest = split_words(line.substr(colon + 1));
        auto const value = rest.empty() ? std::string{} : rest.front();
        if (word == "context") break;
        if (word == "title") file.title = as_mustache(line.substr(colon + 1));
        else if (word == "scripts") file.scripts = rest;
        else if (word == "camera") file.camera = value == "yes";
        else if (word == "languages") file.languages = value != "fixed";
        else if (word == "index") file.index = value == "yes";
        else if (word == "width") file.width = value;
        else throw refuse("unknown word " + word);
    }
    if (file.title.empty()) throw refuse("has no title");
    file.text = text.substr(text.find('\n', end) + 1);
    return file;
}

} // namespace assay::pages
