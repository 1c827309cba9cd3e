#pragma once
// Pure scoring: item and response in, points out. No libm, no locale: the same bits on every machine.
#include "exam/item.hpp"
#include "exam/response.hpp"

#include <optional>

namespace assay::exam {

inline constexpr std::size_t response_values_max = 256;      ///< in one response
inline constexpr std::size_t response_value_size_max = 4096; ///< bytes

/// What does not fit, and where.
struct ResponseProblem {
    item_errc code = item_errc::unknown_response;
    std::string response; ///< the response identifier
    std::string detail;   ///< the value, or the bound that it passed
};

/// The first reason why `responses` cannot be an answer to `item`; none: it can be scored.
/// Fewer choices than min-choices, a partial order or an absent response are no problem: a candidate whose time ran out gave what
/// there is, and the item's rules say what that is worth. A text that is no number, where one is asked, counts as not answered.
std::optional<ResponseProblem> find_response_problem(Item const& item, ResponseSet const& responses);
/// The same, as a code.
result<void> check_response(Item const& item, ResponseSet const& responses);

/// Points for `responses`: the outcome SCORE after the item's rules (QTI 3.0 response processing).
///  * a response without values is NULL; leading and trailing white space of typed text does not count;
///  * `multiple` compares as a bag, `ordered` in order, pair either way round, directed_pair as written; identifiers exactly;
///  * a mapping counts each value once, adds default_value for a value that it does not name, then applies its bounds; an exact
///    key is preferred to one that differs in case;
///  * a rule that computes NULL sets NULL, which scores 0.
/// The score is not clamped: an author may take points away.
/// Errors: as check_response.
result<ItemScore> score(Item const& item, ResponseSet const& responses);

/// The best that the key can earn, found by trying (at most 4096) combinations of answers: the correct responses, the best mapped
/// ones, what the rules compare a response with, and every selection of a choice where there are few. What the reader uses when the
/// author states no maximum. An item whose best answer is none of these is understated, never overstated.
double attainable_score(Item const& item);

/// The author's correct responses as a ResponseSet; empty where none is declared. For tests, review and standard setting.
ResponseSet correct_responses(Item const& item);

} // namespace assay::exam
