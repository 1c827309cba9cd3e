#include "exam/detail/item_documents.hpp"
#include "exam/item.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

/// Unbiased draws from one seed. The name makes the draws of two interactions independent of each other.
class Draws {
public:
    Draws(ShuffleSeed const& seed, std::string name) : seed_{seed}, name_{std::move(name)} {}

    std::size_t below(std::size_t bound)
    {
        EXPECTS(bound > 0);
        auto const rejected = (0 - static_cast<std::uint64_t>(bound)) % bound; // 2^64 mod bound
        for (;;)
            if (auto const drawn = next(); drawn >= rejected) return static_cast<std::size_t>(drawn % bound);
    }

private:
    std::uint64_t next()
    {
        auto message = to_bytes(name_);
        append_big_endian(message, counter_++, 8);
        auto const digest = hmac_sha256(seed_, message);
        auto value = std::uint64_t{0};
        for (auto i = 0; i < 8; ++i) value = value << 8 | static_cast<std::uint64_t>(digest.octets[static_cast<std::size_t>(i)]);
        return value;
    }

    ShuffleSeed const& seed_;
    std::string name_;
    std::uint64_t counter_ = 0;
};

// Fisher and Yates over the places that are not fixed.
template <class AnyChoice>
void shuffle(std::vector<AnyChoice>& choices, Draws& draws)
{
    auto free = std::vector<std::size_t>{};
    for (auto i = std::size_t{0}; i < choices.size(); ++i)
        if (!choices[i].fixed) free.push_back(i);
    for (auto i = free.size(); i > 1; --i) std::swap(choices[free[i - 1]], choices[free[draws.below(i)]]);
}

void shuffle(InteractionKind& kind, Draws draws)
{
    std::visit([&](auto& interaction) {
        if constexpr (requires { interaction.shuffle; }) {
            if (!interaction.shuffle) return;
            if constexpr (requires { interaction.choices; }) shuffle(interaction.choices, draws);
            if constexpr (requires { interaction.sources; }) {
                shuffle(interaction.sources, draws);
                shuffle(interaction.targets, draws);
            }
        }
    }, kind);
}

} // namespace

PresentedItem present_as_written(Item const& item)
{
    auto presented = PresentedItem{};
    presented.identifier_ = item.parts().identifier;
    presented.language_ = item.parts().language;
    presented.body_ = item.parts().body;
    presented.interactions_ = item.parts().interactions;
    return presented;
}

PresentedItem present(Item const& item, ShuffleSeed const& seed)
{
    auto presented = present_as_written(item);
    // '\n' is in no identifier, so no two names run together.
    for (auto& interaction : presented.interactions_)
        shuffle(interaction.kind, Draws{seed, "assay shuffle v1\n" + presented.identifier_ + '\n' + interaction.response + '\n'});
    return presented;
}

json::value to_json(PresentedItem const& item)
{
    auto interactions = json::array{};
    for (auto const& interaction : item.interactions()) interactions.push_back(detail::interaction_document(interaction, detail::Audience::candidate));
    return json::object{{"format", "assay.presented-item.v1"},
                        {"identifier", item.identifier()},
                        {"language", item.language()},
                        {"body", detail::content_document(item.body())},
                        {"interactions", std::move(interactions)}};
}

} // namespace assay::exam
