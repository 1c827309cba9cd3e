#include "exam/item_traits.hpp"

#include "exam/detail/overloaded.hpp"
#include "exam/item_scoring.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

using detail::Overloaded;

/// White space parts words, and so does the edge of an element.
int words_in(std::string_view text)
{
    auto count = 0;
    auto inside = false;
    for (auto const c : text) {
        auto const is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        count += !is_space && !inside;
        inside = !is_space;
    }
    return count;
}

int words_in(std::vector<Node> const& nodes)
{
    auto count = 0;
    for (auto const& node : nodes)
        count += std::visit(Overloaded{[](std::string const& text) { return words_in(text); }, [](Element const& element) { return words_in(element.children); },
                                       [](InteractionReference const&) { return 0; }},
                            node.node);
    return count;
}

template <class AnyChoice>
int words_in_choices(std::vector<AnyChoice> const& choices)
{
    auto count = 0;
    for (auto const& choice : choices) count += words_in(choice.content);
    return count;
}

int words_in(InteractionKind const& kind)
{
    return std::visit(Overloaded{[](ChoiceInteraction const& i) { return words_in(i.prompt) + words_in_choices(i.choices); },
                                 [](OrderInteraction const& i) { return words_in(i.prompt) + words_in_choices(i.choices); },
                                 [](MatchInteraction const& i) { return words_in(i.prompt) + words_in_choices(i.sources) + words_in_choices(i.targets); },
                                 [](TextEntryInteraction const&) { return 0; },
                                 [](InlineChoiceInteraction const& i) { return words_in_choices(i.choices); }},
                      kind);
}

std::string key_of(Item const& item)
{
    auto const& interactions = item.parts().interactions;
    if (interactions.size() != 1) return {};
    auto const* choice = std::get_if<ChoiceInteraction>(&interactions.front().kind);
    if (choice == nullptr || choice->max_choices != 1) return {};
    auto const correct = correct_responses(item);
    auto const found = correct.find(interactions.front().response);
    if (found == correct.end() || found->second.size() != 1) return {};
    auto const place = std::ranges::find(choice->choices, found->second.front(), &Choice::identifier);
    if (place == choice->choices.end() || (choice->shuffle && !place->fixed) || place - choice->choices.begin() >= 26) return {};
    return {static_cast<char>('A' + (place - choice->choices.begin()))};
}

} // namespace

ItemTraits traits_of(Item const& item)
{
    auto traits = ItemTraits{};
    auto words = words_in(item.parts().body);
    for (auto const& interaction : item.parts().interactions) {
        auto const name = kind_name(interaction.kind);
        if (traits.type.empty()) traits.type = name;
        else if (traits.type != name) traits.type = "composite";
        words += words_in(interaction.kind);
    }
    traits.key = key_of(item);
    traits.words = words;
    return traits;
}

} // namespace assay::exam
