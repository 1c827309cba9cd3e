#pragma once
#include "exam/bank/item_bank.hpp"
#include "exam/bank/responses.hpp"

#include <filesystem>

namespace assay::server::psychometrics {

/// All bytes of a file of at most `size_max` bytes. Throws std::runtime_error naming the path.
std::string read_bounded(std::filesystem::path const& path, std::size_t size_max = 256u << 20);

/// A bank from its CSV, or from QTI usage data (A-, B- and C-Parm; D = 1). Throws std::runtime_error "bank.csv: line 3, column 2: …".
exam::ItemBank load_bank(std::filesystem::path const& path);

/// The responses with one column an item of the bank, in the bank's order: columns that the bank does not have are left out with a warning, items without a
/// column were not administered. Codes are recoded to start from 0. Throws like load_bank; also when no column is an item of the bank.
exam::ResponseTable load_responses(std::filesystem::path const& path, exam::ItemBank const& bank);

std::vector<exam::ItemModel> models_of(exam::ItemBank const& bank);

/// "a,b,c" into its parts; empty text has none.
std::vector<std::string> split_list(std::string_view list, char separator = ',');

/// Throws std::runtime_error "WHAT: …" unless `text` is a number.
double parse_number_argument(std::string const& what, std::string_view text);

/// Ability values: "-4:4:0.5" (both ends included), "-1,0,1.5", "normal:N" or "normal:N:MEAN:SD" (drawn with `seed`), or a file with a number a line (or in
/// the first column of a CSV, after a header). At most 1000000. Throws std::runtime_error.
std::vector<double> load_thetas(std::string const& text, std::uint64_t seed);

/// Writes beside and renames, so that a reader never sees half a file. Throws std::runtime_error.
void write_file(std::filesystem::path const& path, std::string_view text);

} // namespace assay::server::psychometrics
