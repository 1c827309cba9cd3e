#include "exam/item_life.hpp"

#include "exam/errors.hpp"

#include <algorithm>
#include <array>

namespace assay::exam {
namespace {

constexpr auto state_words =
    std::array<std::string_view, 7>{"draft", "in_review", "approved", "pretest", "operational", "suspended", "retired"};
constexpr auto action_words =
    std::array<std::string_view, 8>{"submit", "send_back", "approve", "pretest", "operate", "suspend", "reinstate", "retire"};

struct Transition {
    ItemState from;
    ItemAction action;
    ItemState to;
};

// The whole table. An operational item never goes back to draft: another version of it is another item.
constexpr auto transitions = std::array{
    Transition{ItemState::draft, ItemAction::submit, ItemState::in_review},
    Transition{ItemState::draft, ItemAction::retire, ItemState::retired},
    Transition{ItemState::in_review, ItemAction::send_back, ItemState::draft},
    Transition{ItemState::in_review, ItemAction::approve, ItemState::approved},
    Transition{ItemState::in_review, ItemAction::retire, ItemState::retired},
    Transition{ItemState::approved, ItemAction::pretest, ItemState::pretest},
    Transition{ItemState::approved, ItemAction::operate, ItemState::operational},
    Transition{ItemState::approved, ItemAction::retire, ItemState::retired},
    Transition{ItemState::pretest, ItemAction::operate, ItemState::operational},
    Transition{ItemState::pretest, ItemAction::suspend, ItemState::suspended},
    Transition{ItemState::pretest, ItemAction::retire, ItemState::retired},
    Transition{ItemState::operational, ItemAction::suspend, ItemState::suspended},
    Transition{ItemState::operational, ItemAction::retire, ItemState::retired},
    Transition{ItemState::suspended, ItemAction::reinstate, ItemState::operational},
    Transition{ItemState::suspended, ItemAction::retire, ItemState::retired},
};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view left, std::string_view right) noexcept
{
    return std::ranges::equal(left, right, {}, lower, lower);
}

bool is_author(ItemStanding const& standing, ItemActor const& by)
{
    return std::ranges::any_of(by.names, [&](std::string const& name) { return same_name(name, standing.author); });
}

template <std::size_t N>
std::optional<std::size_t> index_of(std::array<std::string_view, N> const& words, std::string_view text)
{
    auto const at = std::ranges::find(words, text);
    return at == words.end() ? std::nullopt : std::optional{static_cast<std::size_t>(at - words.begin())};
}

} // namespace

std::string_view to_string(ItemState state) noexcept { return state_words[static_cast<std::size_t>(state)]; }
std::string_view to_string(ItemAction action) noexcept { return action_words[static_cast<std::size_t>(action)]; }

result<ItemState> parse_item_state(std::string_view text)
{
    auto const index = index_of(state_words, text);
    return index ? result<ItemState>{static_cast<ItemState>(*index)} : errc::malformed_document;
}

result<ItemAction> parse_item_action(std::string_view text)
{
    auto const index = index_of(action_words, text);
    return index ? result<ItemAction>{static_cast<ItemAction>(*index)} : errc::malformed_document;
}

bool needs_reason(ItemAction action) noexcept
{
    return action == ItemAction::send_back || action == ItemAction::suspend || action == ItemAction::retire;
}

bool is_administrable(ItemState state) noexcept { return state == ItemState::operational; }
bool is_pretested(ItemState state) noexcept { return state == ItemState::pretest; }

result<ItemState> decide_item(ItemStanding const& standing, ItemAction action, ItemActor const& by, std::string_view reason)
{
    auto const matches = [&](Transition const& t) { return t.from == standing.state && t.action == action; };
    auto const at = std::ranges::find_if(transitions, matches);
    if (at == transitions.end()) return errc::item_state_forbids;
    if (action == ItemAction::approve && is_author(standing, by)) return errc::author_may_not_approve;
    if (at->to == ItemState::operational && !standing.approved) return errc::item_state_forbids;
    if (needs_reason(action) && reason.empty()) return errc::reason_missing;
    return at->to;
}

std::vector<ItemAction> allowed_actions(ItemStanding const& standing, ItemActor const& by)
{
    auto allowed = std::vector<ItemAction>{};
    for (auto i = std::size_t{}; i < action_words.size(); ++i)
        if (decide_item(standing, static_cast<ItemAction>(i), by, "some reason")) allowed.push_back(static_cast<ItemAction>(i));
    return allowed;
}

} // namespace assay::exam
