#include "core/exp_log.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace assay {
namespace {

// ln 2 = high + low; high has 21 trailing zero bits, so k * high is exact for |k| < 2^20 (fdlibm's split).
constexpr double ln2_high = 6.93147180369123816490e-01;
constexpr double ln2_low = 1.90821492927058770002e-10;
constexpr double inverse_ln2 = 1.44269504088896338700e+00;

// 1/3, 1/5 … 1/23: the series of artanh, from its end.
constexpr double odd_reciprocals[] = {1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3};

/// 2^k for k in [-1022, 1023], built from its bits.
double power_of_two(int k) noexcept { return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52); }

} // namespace

double exact_order_exp(double x) noexcept
{
    if (x != x) return x;
    if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
    if (x < -745.2) return 0;
    auto const k = static_cast<int>(x * inverse_ln2 + (x < 0 ? -0.5 : 0.5));
    auto const high = x - k * ln2_high;
    auto const low = k * ln2_low;
    auto const r = high - low;
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
    auto const tail = (high - r) - low; // what rounding r lost
    auto const value = 1.0 + (r + (r * r * p + tail));
    // Two exact steps cover the subnormal range and k = 1024.
    auto const first = k / 2;
    return value * power_of_two(first) * power_of_two(k - first);
}

double exact_order_log(double x) noexcept
{
    if (x != x || x < 0) return std::numeric_limits<double>::quiet_NaN();
    if (x == 0) return -std::numeric_limits<double>::infinity();
    if (x == std::numeric_limits<double>::infinity()) return x;
    auto k = 0;
    if (x < std::numeric_limits<double>::min()) {
        x *= power_of_two(54);
        k -= 54;
    }
    auto bits = std::bit_cast<std::uint64_t>(x);
    k += static_cast<int>(bits >> 52) - 1023;
    auto m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        ++k;
    }
    auto const f = m - 1.0;
    auto const s = f / (2.0 + f);
    auto const z = s * s;
    auto p = 0.0;
    for (auto const reciprocal : odd_reciprocals) p = p * z + reciprocal;
    // ln m = 2s + 2s·z·p, written as f − (f²/2 − s(f²/2 + R)) to keep the low bits (fdlibm's e_log.c)
    auto const half_square = 0.5 * f * f;
    auto const remainder = 2.0 * z * p;
    return k * ln2_high - ((half_square - (s * (half_square + remainder) + k * ln2_low)) - f);
}

double exact_order_log1p(double e) noexcept
{
    // The correction term restores what forming 1 + e rounded away.
    auto const u = 1.0 + e;
    return exact_order_log(u) + (e - (u - 1.0)) / u;
}

double exact_order_log1p_exp(double x) noexcept
{
    auto const log_u = exact_order_log1p(exact_order_exp(x < 0 ? x : -x));
    return x < 0 ? log_u : x + log_u;
}

} // namespace assay
