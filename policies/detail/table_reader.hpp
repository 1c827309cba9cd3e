#pragma once
// toml++ as the readers see it: typed members with bounds, unknown keys named, every problem with its place.
#include "policies/parsed.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace assay::policies::detail {

/// One table of a document. Reading a member marks it as known; finish() reports what is left over.
/// A member that is absent keeps its default, unless it is required.
class TableReader {
public:
    virtual ~TableReader() = default;
    virtual bool has(std::string_view key) = 0;
    virtual void whole_number(std::string_view key, int& value, int least, int most) = 0;
    virtual void number(std::string_view key, double& value, double least, double most) = 0;
    virtual void flag(std::string_view key, bool& value) = 0;
    virtual void text(std::string_view key, std::string& value, std::size_t size_max) = 0;
    virtual void texts(std::string_view key, std::vector<std::string>& values, std::size_t count_max, std::size_t size_max) = 0;
    virtual void text_lists(std::string_view key, std::vector<std::vector<std::string>>& lists, std::size_t count_max, std::size_t size_max) = 0; ///< [["a", "b"], …]
    virtual void whole_numbers(std::string_view key, std::vector<int>& values, int least, int most, std::size_t count_max) = 0;
    virtual void numbers(std::string_view key, std::vector<double>& values, double least, double most, std::size_t count_max) = 0;
    virtual void require(std::string_view key) = 0; ///< a problem when it is absent
    virtual void table(std::string_view key, std::function<void(TableReader&)> const& read) = 0;
    virtual void tables(std::string_view key, std::size_t count_max, std::function<void(TableReader&)> const& read) = 0; ///< [[key]]
    /// A table of tables with free names: [key.name].
    virtual void named_tables(std::string_view key, std::size_t count_max, std::function<void(std::string const&, TableReader&)> const& read) = 0;
    virtual void problem(std::string_view key, std::string what) = 0; ///< at the member's place, or the table's
};

/// Parses `document` and hands its root to `read`; the problems found, sorted by place.
std::vector<Problem> read_document(std::string_view document, std::string const& source, std::function<void(TableReader&)> const& read);

} // namespace assay::policies::detail
