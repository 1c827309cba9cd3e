#pragma once
// The project's own source as these tests read it.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace assay::test {

/// ASSAY_SOURCE_DIR, or the folder this file was compiled in.
std::filesystem::path source_folder();

struct SourceFile {
    std::string path; ///< relative to the source folder, '/'-separated
    std::string text;
    std::string code; ///< text with comments and the insides of literals blanked: same length, same lines
};

/// Every .cpp and .hpp below these top-level folders, in order of their paths.
std::vector<SourceFile> read_sources(std::vector<std::string> const& folders);

/// Comments and the insides of string and character literals become blanks; line breaks stay.
std::string blank_comments_and_literals(std::string_view text);

int line_of(std::string_view text, std::size_t position);

struct Include {
    std::string name;   ///< between the quotes or brackets
    bool own = false;   ///< in quotes
    int line = 0;
};
std::vector<Include> includes_of(SourceFile const& file);

} // namespace assay::test
