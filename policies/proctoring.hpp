#pragma once
#include "policies/parsed.hpp"
#include "proctor/policy.hpp"

namespace assay::policies {

/// How observations become incidents (policies/defaults/proctoring.toml shows every key with its default).
Parsed<proctor::ProctoringPolicy> parse_proctoring_policy(std::string_view document, std::string const& source);

} // namespace assay::policies
