#pragma once
// The item bank as a table: parameters and what a blueprint needs to know of each item. Read from and written to the CSV of the project, and
// read from the parameters that the R package mirt prints.
#include "exam/bank/csv.hpp"
#include "exam/models/item_model.hpp"

#include <span>

namespace assay::exam {

/// One item of a bank. The attributes after `scaling` matter to assembly only; absent ones restrict nothing.
struct BankItem {
    std::string item;    ///< its name, unique in the bank
    ItemModel model;     ///< in the metric D = 1
    std::string area;    ///< content area; may be empty
    double scaling = 1;  ///< the D of the file: its slopes were multiplied by this when read, and are divided by it when written
    std::string passage; ///< items of one passage stand together; empty: none
    std::string type;    ///< item type, as "choice"
    std::string key;     ///< position of the right answer, as "B"
    std::vector<std::string> enemies; ///< names of sets of which a form takes at most one item
    std::string friends; ///< name of a set of which a form takes all items or none; empty: none
    double words = 0;    ///< to read
    double seconds = 0;  ///< expected response time
    friend bool operator==(BankItem const&, BankItem const&) = default;
};

struct ItemBank {
    std::vector<BankItem> items; ///< in the file's order, which breaks ties
    std::vector<std::string> warnings;
};

inline constexpr std::size_t bank_items_max = 100'000;

/// Reads a bank. The header says which form it has:
///   ours:  item,model,a,b[,c,d,area,D] in any order; `model` as in name(ModelKind); several values of b (NRM: of a and b) separated by ';'.
///          Empty or NA: a = 1 (1PL and PCM only), c = 0, d = 1, D = 1. NRM lists start with the first category's 0; where they don't, that 0 is
///          taken as left out, with a warning. Further columns: passage, type, key, enemies (several by ';'), friends, words, seconds.
///   mirt:  a1 and d (or d1, d2 … graded; d0, d1 … with or without ak0, ak1 … partial credit and nominal), g, u; names in a column `item` or
///          in the unnamed first one. P = g + (u - g) s(a1 theta + d), so b = -d / a1.
/// Other columns are left out with a warning. Errors name line and column.
read_result<ItemBank> read_item_bank(std::string_view csv);

/// `item,model,a,b,c,d,area,D`: reads back as the same models (to the rounding of a·D when D is not 1). Assembly attributes follow where any item has one.
std::string write_item_bank(std::span<BankItem const> items);

/// Position in the bank, or nothing. Linear; build an index for more than a few.
std::optional<std::size_t> find_item(ItemBank const& bank, std::string_view item) noexcept;

} // namespace assay::exam
