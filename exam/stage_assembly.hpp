#pragma once
// Modules of a multistage test, assembled before the exam is published.
#include "exam/exam_version.hpp"

namespace assay::exam {

/// Whether a module is still to be assembled.
bool has_open_modules(ExamSettings const& settings) noexcept;

/// The version's stages, each module without items filled with Stage::items of the pool that tell most at its target, so that every way through a panel keeps length,
/// areas and form rules. One form of all stages' items that is best at the cut is found first, and its items are dealt to the stages area by area; what a stage got of each area,
/// limited type and limited key is what each of its modules has, and of words and seconds it may have its share of what the form left. (Luecht & Nungester 1998 assemble by such
/// targets for each module.) An item, or an enemy or sibling of it, comes once in a panel, and in other panels only where there is no module without it.
/// The error says in words why there are none: rules that speak of items as groups (passages, friends, includes, testlets) leave the modules to be named by hand. Work for a pool of threads.
read_result<std::vector<Stage>> assemble_stages(ExamVersion version);

} // namespace assay::exam
