#pragma once
#include "exam/exam_version.hpp"
#include "policies/parsed.hpp"

namespace assay::policies {

/// The rules of an exam (policies/defaults/exam.toml shows every key with its default). What contradicts itself is a problem too.
Parsed<exam::ExamSettings> parse_exam_policy(std::string_view document, std::string const& source);

} // namespace assay::policies
