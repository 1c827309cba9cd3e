#pragma once
// A document of a tenant's, read: the typed value, or everything that is wrong with it, each with its place.
#include <optional>
#include <string>
#include <vector>

namespace assay::policies {

struct Problem {
    std::string source;  ///< the file's name, as the caller gave it
    int line = 0;        ///< from 1; 0: the document as a whole
    int column = 0;
    std::string key;     ///< dotted: "length.minimum"; empty for a syntax error
    std::string what;    ///< "expected a whole number from 1 to 500, found \"many\""
};
/// "exam.toml:12:3: length.minimum: expected …"
std::string to_string(Problem const& problem);

template <class T>
struct Parsed {
    std::optional<T> value;        ///< there exactly when there is no problem
    std::vector<Problem> problems;
};

/// Bytes of a document at most: anything larger is a problem by itself.
constexpr std::size_t document_size_max = 256 * 1024;

} // namespace assay::policies
