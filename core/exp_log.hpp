#pragma once
// Exponential and logarithm that give the same bits on every x86-64 machine and build: glibc picks another exp by CPU
// (FMA or not), and an exam replayed years later must give the same theta to the last bit (design law 7). Only + − × ÷,
// comparisons and exact scaling by powers of two are used, in a fixed order, compiled with -ffp-contract=off.

namespace assay {

/// e^x, within 1.5 ulp of the exact value for x in [-708, 709]; 0 below -745.2, +infinity above 709.79. NaN gives NaN.
/// Method: x = k ln 2 + r, |r| ≤ ln 2 / 2; degree-13 Taylor polynomial by Horner; exact scaling by 2^k.
double exact_order_exp(double x) noexcept;

/// ln x, within 1.5 ulp for normal x > 0; −infinity at 0; NaN below 0.
/// Method: x = 2^k m, m in [√½, √2); ln m = 2 atanh(s), s = (m − 1)/(m + 1), odd series to s^23; plus k ln 2 in two parts.
double exact_order_log(double x) noexcept;

/// ln(1 + e) for e ≥ 0, also where 1 + e rounds e away.
double exact_order_log1p(double e) noexcept;

/// ln(1 + e^x) without overflow or cancellation: x for large x, e^x for very negative x.
double exact_order_log1p_exp(double x) noexcept;

} // namespace assay
