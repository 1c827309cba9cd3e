#pragma once
#include "credentials/rdf/pinned_contexts.hpp"

#include <array>

namespace assay::credentials::rdf {

std::span<PinnedContext const> current_contexts() noexcept;
std::span<PinnedContext const> legacy_contexts() noexcept;

} // namespace assay::credentials::rdf
