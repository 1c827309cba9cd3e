#pragma once
// What sittings say to a calibration: which item was answered in which category. It names nobody, and the order of its rows is that of their content.
#include "exam/bank/item_bank.hpp"
#include "exam/bank/responses.hpp"
#include "exam/sitting.hpp"

namespace assay::exam {

/// A row a sitting with an answer, a column an item that was answered: the pool's first, then the testlets (whole ones, by their name, instead of their
/// items), then the pretest items, each in its order. Pretest items stand
/// beside scored ones, so that a calibration that holds the pool's parameters fixed puts them on the same scale.
/// Expects sittings of this version.
ResponseTable answer_table(PreparedExam const& exam, std::span<Sitting const> sittings);

/// The pool's calibrated items and testlets, as the bank that such a calibration holds fixed; what is provisional is left to it as well.
std::vector<BankItem> fixed_items(PreparedExam const& exam);

} // namespace assay::exam
