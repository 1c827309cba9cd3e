#pragma once
// Loops over the nodes of a grid, written so that the compiler turns them into vector code of any width and the result is still the
// same to the last bit: a sum is kept in eight lanes that are added in one fixed order, and no operation is fused or reassociated.
#include <bit>
#include <cstddef>
#include <cstdint>

// The hot functions are compiled once for every x86-64 and once with AVX2, and the machine picks at start. Sanitizers instrument the
// resolver before their own runtime is up, so sanitized builds keep the plain version; clang 14 has no target_clones for C++.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ASSAY_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define ASSAY_VECTOR_CLONES
#endif
// Inlined for certain: only then are they compiled for the instruction set of the clone that calls them.
#define ASSAY_ALWAYS_INLINE inline __attribute__((always_inline))

namespace assay::exam::calibration::detail {

constexpr std::size_t lanes = 8;

/// e^x for x <= 709, within 2 ulp; 0 below -700, so that negligible weights are exact zeros and never denormal numbers, which are slow.
/// Branch-free, from + − × alone. Method as core/exp_log.hpp: x = k ln 2 + r, a Taylor polynomial of degree 13 in r, scaling by 2^k.
ASSAY_ALWAYS_INLINE double lane_exp(double x) noexcept
{
    constexpr double inverse_ln2 = 1.44269504088896338700e+00;
    constexpr double ln2_high = 6.93147180369123816490e-01;
    constexpr double ln2_low = 1.90821492927058770002e-10;
    constexpr double shifter = 6755399441055744.0; // 1.5 · 2^52: adding it rounds to an integer that stands in the low bits
    auto const clamped = x < -700 ? -700 : x;
    auto const shifted = clamped * inverse_ln2 + shifter;
    auto const k = shifted - shifter;
    auto const r = (clamped - k * ln2_high) - k * ln2_low;
    auto p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    auto const scaled = std::bit_cast<double>(std::bit_cast<std::uint64_t>(p) + (std::bit_cast<std::uint64_t>(shifted) << 52));
    return x < -700 ? 0.0 : scaled;
}

ASSAY_ALWAYS_INLINE void add(double* __restrict to, double const* __restrict from, std::size_t stride) noexcept
{
    for (std::size_t q = 0; q < stride; ++q) to[q] += from[q];
}

/// The lanes of a sum or maximum, put together in one order.
ASSAY_ALWAYS_INLINE double total(double const (&lane)[lanes]) noexcept
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

ASSAY_ALWAYS_INLINE double maximum(double const* __restrict row, std::size_t stride) noexcept
{
    double lane[lanes];
    for (std::size_t l = 0; l < lanes; ++l) lane[l] = row[l];
    for (std::size_t q = lanes; q < stride; q += lanes)
        for (std::size_t l = 0; l < lanes; ++l) lane[l] = lane[l] < row[q + l] ? row[q + l] : lane[l];
    auto result = lane[0];
    for (std::size_t l = 1; l < lanes; ++l) result = result < lane[l] ? lane[l] : result;
    return result;
}

ASSAY_ALWAYS_INLINE double dot(double const* __restrict a, double const* __restrict b, std::size_t stride) noexcept
{
    double lane[lanes] = {};
    for (std::size_t q = 0; q < stride; q += lanes)
        for (std::size_t l = 0; l < lanes; ++l) lane[l] += a[q + l] * b[q + l];
    return total(lane);
}

/// row := exp(row − shift); returns the sum.
ASSAY_ALWAYS_INLINE double exponentiate(double* __restrict row, double shift, std::size_t stride) noexcept
{
    for (std::size_t q = 0; q < stride; ++q) row[q] = lane_exp(row[q] - shift);
    double lane[lanes] = {};
    for (std::size_t q = 0; q < stride; q += lanes)
        for (std::size_t l = 0; l < lanes; ++l) lane[l] += row[q + l];
    return total(lane);
}

} // namespace assay::exam::calibration::detail
