#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace assay::pages {

/// One page of web/templates. Its first comment says what it is and what it needs:
///     {{!
///     title: verify.title          the message that names the page, with arguments as in {{#t}}; [kind] stands for a word of the context
///     scripts: exam.js             built files that the page loads, if any
///     camera: yes                  the page asks for the camera
///     languages: fixed             no language links (the page has a life of its own, as the exam does)
///     index: yes                   search engines may list it
///     width: wide                  tables need more than a column of text
///     context: …                   for people: every name that the template uses
///     }}
struct TemplateFile {
    std::string title;
    std::vector<std::string> scripts;
    bool camera = false;
    bool languages = true;
    bool index = false;
    std::string width = "text";
    std::string text;
};

/// Throws std::runtime_error naming `name` when the first comment or its title is missing, a line has an unknown word, or the
/// mustache is malformed.
TemplateFile read_template(std::string const& name, std::string text);

std::vector<std::string> split_words(std::string_view text);

} // namespace assay::pages
