#pragma once
// Enumerators and the words that stand for them in records: one table each, read in both directions.
#include "core/contract.hpp"
#include "proctor/errors.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace assay::proctor::detail {

template <class Enum, std::size_t N>
constexpr std::string_view word(std::array<std::string_view, N> const& words, Enum value) noexcept
{
    auto const index = static_cast<std::size_t>(value);
    return index < N ? words[index] : std::string_view{"unknown"};
}

template <class Enum, std::size_t N>
result<Enum> value_of(std::array<std::string_view, N> const& words, std::string_view text)
{
    for (auto i = std::size_t{0}; i < N; ++i)
        if (words[i] == text) return static_cast<Enum>(i);
    return errc::malformed_record;
}

} // namespace assay::proctor::detail
