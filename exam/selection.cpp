#include "exam/selection.hpp"

#include "exam/errors.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

struct Candidate {
    ItemId id;
    double information;
};

bool better(Candidate const& a, Candidate const& b) noexcept
{
    return a.information != b.information ? a.information > b.information : a.id < b.id;
}

struct Area {
    int administered = 0;
    std::vector<PoolItem const*> eligible;
};

std::vector<Area> areas_of(ExamVersion const& version, std::span<ItemId const> taken, std::span<ItemId const> banned)
{
    auto excluded = std::vector<ItemId>{taken.begin(), taken.end()};
    excluded.insert(excluded.end(), banned.begin(), banned.end());
    std::sort(excluded.begin(), excluded.end());

    auto areas = std::vector<Area>(version.settings.blueprint.size());
    for (auto const& item : version.pool) {
        auto const area = area_index(version.settings, item.area);
        if (area && !std::binary_search(excluded.begin(), excluded.end(), item.id)) areas[*area].eligible.push_back(&item);
    }
    return areas;
}

/// The indices of the areas that may give the next item (rules 1 and 2 of the header).
std::vector<std::size_t> areas_in_turn(ExamSettings const& settings, std::vector<Area> const& areas, int administered)
{
    auto shares = std::int64_t{0};
    auto lacking = 0;
    for (auto a = std::size_t{0}; a < areas.size(); ++a) {
        shares += settings.blueprint[a].share;
        lacking += std::max(0, settings.blueprint[a].minimum - areas[a].administered);
    }
    auto const only_lacking = lacking > 0 && settings.length.minimum - administered <= lacking;

    auto turn = std::vector<std::size_t>{};
    auto furthest = std::int64_t{0};
    for (auto a = std::size_t{0}; a < areas.size(); ++a) {
        auto const& wanted = settings.blueprint[a];
        if (areas[a].eligible.empty() || (only_lacking && areas[a].administered >= wanted.minimum)) continue;
        auto const behind = std::int64_t{wanted.share} * (administered + 1) - areas[a].administered * shares;
        if (turn.empty() || behind > furthest) {
            turn = {a};
            furthest = behind;
        } else if (behind == furthest) {
            turn.push_back(a);
        }
    }
    // Bans may leave the lacking areas empty; the run then goes on with the others, and the outcome says that a minimum was not met.
    if (turn.empty() && only_lacking)
        for (auto a = std::size_t{0}; a < areas.size(); ++a)
            if (!areas[a].eligible.empty()) turn.push_back(a);
    return turn;
}

} // namespace

result<ItemId> select_next_item(ExamVersion const& version, std::span<ItemId const> administered, std::span<ItemId const> banned,
                                Theta theta, Seed const& seed)
{
    auto areas = areas_of(version, administered, banned);
    for (auto const& id : administered) {
        auto const* item = find_item(version, id);
        auto const area = item == nullptr ? std::nullopt : area_index(version.settings, item->area);
        if (!area) return errc::item_not_in_pool;
        ++areas[*area].administered;
    }

    auto candidates = std::vector<Candidate>{};
    for (auto const a : areas_in_turn(version.settings, areas, static_cast<int>(administered.size())))
        for (auto const* item : areas[a].eligible) candidates.push_back({item->id, information(item->parameters, theta)});
    if (candidates.empty()) return errc::bank_exhausted;

    auto const& rule = version.settings.randomesque;
    auto const at_random = administered.size() < static_cast<std::size_t>(rule.items);
    auto const best = std::min(candidates.size(), static_cast<std::size_t>(at_random ? rule.candidates : 1));
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(best), candidates.end(), better);
    return candidates[draw(seed, administered.size() + 1, static_cast<std::uint32_t>(best))].id;
}

std::uint32_t draw(Seed const& seed, std::uint64_t ordinal, std::uint32_t bound)
{
    EXPECTS(bound >= 1 && bound <= 0x10000);
    auto message = to_bytes("assay.exam.selection.v1");
    message.push_back(std::byte{0});
    append(message, ByteView{seed});
    append_big_endian(message, ordinal, 8);
    auto const digest = sha256(ByteView{message});
    auto number = std::uint64_t{0};
    for (auto i = std::size_t{0}; i < 4; ++i) number = number << 8 | std::to_integer<std::uint64_t>(digest.octets[i]);
    return static_cast<std::uint32_t>(number * bound >> 32);
}

} // namespace assay::exam
