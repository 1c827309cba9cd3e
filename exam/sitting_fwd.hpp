#pragma once
#include "exam/exam_version.hpp"

namespace assay::exam {
struct Sitting;
}
