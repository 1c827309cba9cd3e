#include "proctor/observation.hpp"

#include "proctor/detail/words.hpp"

#include <cmath>
#include <cstdlib>

namespace assay::proctor {
namespace {

constexpr auto detector_words = std::array<std::string_view, 2>{"yunet", "hog"};
constexpr auto fault_words = std::array<std::string_view, 7>{
    "too_many_bytes", "not_jpeg", "dimensions", "undecodable", "worker_lost", "late", "superseded"};

double mean(Signature const& signature) noexcept
{
    auto sum = 0;
    for (auto const cell : signature) sum += cell;
    return static_cast<double>(sum) / static_cast<double>(signature.size());
}

} // namespace

std::string_view to_string(DetectorKind kind) noexcept { return detail::word(detector_words, kind); }
std::string_view to_string(FrameFault fault) noexcept { return detail::word(fault_words, fault); }

bool is_our_fault(FrameFault fault) noexcept
{
    return fault == FrameFault::worker_lost || fault == FrameFault::late || fault == FrameFault::superseded;
}

double difference(Signature const& a, Signature const& b) noexcept
{
    auto const offset = mean(a) - mean(b);
    auto sum = 0.0;
    for (auto i = std::size_t{0}; i < a.size(); ++i) sum += std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]) - offset);
    return sum / static_cast<double>(a.size());
}

Observation Observation::of(FrameMeta const& frame, Sha256Digest const& payload, Measurement measured)
{
    return {.frame = frame, .payload = payload, .measured = std::move(measured), .fault = std::nullopt};
}

Observation Observation::failed(FrameMeta const& frame, Sha256Digest const& payload, FrameFault fault)
{
    return {.frame = frame, .payload = payload, .measured = std::nullopt, .fault = fault};
}

} // namespace assay::proctor
