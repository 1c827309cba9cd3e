#pragma once
// What the reader has to say about one item: reasons to refuse it, and notes on what was left behind.
#include <algorithm>
#include <string>
#include <vector>

namespace assay::exam::qti::detail {

class Findings {
public:
    /// The item would not be what its author meant.
    void refuse(std::string reason) { add(reasons_, std::move(reason)); }
    /// Something was not taken over; the item stands without it.
    void note(std::string remark) { add(notes_, std::move(remark)); }

    bool is_refused() const noexcept { return !reasons_.empty(); }
    std::vector<std::string> all() const
    {
        auto both = reasons_;
        both.insert(both.end(), notes_.begin(), notes_.end());
        return both;
    }

private:
    static void add(std::vector<std::string>& list, std::string text)
    {
        constexpr auto length_max = std::size_t{400}; // an identifier of a megabyte is quoted in part
        constexpr auto count_max = std::size_t{200};
        if (text.size() > length_max) {
            auto cut = length_max;
            while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut; // not within a character
            text.resize(cut);
            text += "…";
        }
        if (list.size() < count_max && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
    }

    std::vector<std::string> reasons_;
    std::vector<std::string> notes_;
};

} // namespace assay::exam::qti::detail
