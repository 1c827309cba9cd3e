#pragma once
// What a sitting measured, as pages show it: to the candidate after release, and to staff.
#include "server/app/sittings.hpp"

namespace assay::server {

/// {"value", "low", "high", "cut", "min", "max"} on the reported scale, low and high the ends of the 95 % band; and where they lie between the
/// ends of the scale, 0 … 100: {"value_at", "low_at", "band_at", "cut_at"}.
json::object score_context(exam::Outcome const& outcome, exam::ExamSettings const& settings);

/// [{"name", "answered", "feedback"}] of the areas that were asked about.
json::array areas_context(exam::Outcome const& outcome);

/// [{"code"}]: why the sitting was as long as it was. Empty while it is under way.
json::array length_context(LoadedSitting const& sitting);

} // namespace assay::server
