#pragma once
#include <cstddef>
#include <cstdint>

namespace assay::exam::adaptive {

/// SplitMix64 (Steele, Lea & Flood 2014): a sequence that depends on its seed alone, the same on every machine. For simulation and for draws that are
/// recorded; never for secrets.
class Random {
public:
    explicit Random(std::uint64_t seed) noexcept : state_{seed} {}
    /// A stream of its own for each `ordinal` of one seed.
    Random(std::uint64_t seed, std::uint64_t ordinal) noexcept : state_{seed}
    {
        state_ = next() ^ (ordinal * 0x9e3779b97f4a7c15ull);
        state_ = next();
    }

    std::uint64_t next() noexcept
    {
        auto z = state_ += 0x9e3779b97f4a7c15ull;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    /// In [0, 1), a multiple of 2^-53.
    double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
    /// In 0 … bound - 1, uniform up to bound/2^53. Expects bound >= 1.
    std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(uniform() * static_cast<double>(bound)); }
    /// Standard normal: Marsaglia's polar method.
    double normal() noexcept;

private:
    std::uint64_t state_;
};

} // namespace assay::exam::adaptive
