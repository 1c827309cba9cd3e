#include "tests/architecture/source_tree.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace assay::test {
namespace fs = std::filesystem;
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The position behind the literal or comment that begins at `at`, or `at` when none does.
std::size_t skip_comment(std::string_view text, std::size_t at)
{
    auto const rest = text.substr(at);
    if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
    if (!rest.starts_with("/*")) return at;
    auto const end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
}

std::size_t skip_literal(std::string_view text, std::size_t at)
{
    auto const begins_word = at == 0 || !is_word(text[at - 1]);
    if (text[at] == 'R' && begins_word && text.substr(at).starts_with("R\"")) {
        auto const open = text.find('(', at);
        auto const closing = ")" + std::string{text.substr(at + 2, open - at - 2)} + "\"";
        auto const end = text.find(closing, open);
        return end == std::string_view::npos ? text.size() : end + closing.size();
    }
    auto const quote = text[at];
    // An apostrophe within a number separates digits.
    if (quote != '"' && (quote != '\'' || (at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0))) return at;
    for (auto i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == quote) return i + 1;
    }
    return text.size();
}

} // namespace

fs::path source_folder()
{
    auto const* given = std::getenv("ASSAY_SOURCE_DIR");
    return given != nullptr ? fs::path{given} : fs::path{__FILE__}.parent_path().parent_path().parent_path();
}

std::string blank_comments_and_literals(std::string_view text)
{
    auto out = std::string{text};
    auto const blank = [&](std::size_t from, std::size_t to) {
        for (auto i = from; i < to; ++i)
            if (out[i] != '\n') out[i] = ' ';
    };
    for (auto i = std::size_t{0}; i < text.size();) {
        if (auto const end = skip_comment(text, i); end != i) {
            blank(i, end);
            i = end;
        } else if (auto const after = skip_literal(text, i); after != i) {
            if (after > i + 1) blank(i + 1, after - 1); // the quotes stay: something stands here
            i = after;
        } else {
            ++i;
        }
    }
    return out;
}

int line_of(std::string_view text, std::size_t position)
{
    return 1 + static_cast<int>(std::ranges::count(text.substr(0, position), '\n'));
}

std::vector<SourceFile> read_sources(std::vector<std::string> const& folders)
{
    auto files = std::vector<SourceFile>{};
    for (auto const& folder : folders) {
        if (!fs::is_directory(source_folder() / folder)) continue;
        for (auto const& entry : fs::recursive_directory_iterator{source_folder() / folder}) {
            auto const extension = entry.path().extension();
            if (!entry.is_regular_file() || (extension != ".cpp" && extension != ".hpp")) continue;
            auto stream = std::ifstream{entry.path(), std::ios::binary};
            auto file = SourceFile{fs::relative(entry.path(), source_folder()).generic_string(), {std::istreambuf_iterator<char>{stream}, {}}, {}};
            file.code = blank_comments_and_literals(file.text);
            files.push_back(std::move(file));
        }
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

std::vector<Include> includes_of(SourceFile const& file)
{
    auto found = std::vector<Include>{};
    auto stream = std::istringstream{file.text};
    auto line = std::string{};
    for (auto number = 1; std::getline(stream, line); ++number) {
        if (!line.starts_with("#include ") || line.size() < 12) continue;
        auto const own = line[9] == '"';
        auto const end = line.find(own ? '"' : '>', 10);
        if (end != std::string::npos) found.push_back({line.substr(10, end - 10), own, number});
    }
    return found;
}

} // namespace assay::test
