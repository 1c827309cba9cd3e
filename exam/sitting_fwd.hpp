#pragma once
#include "exam/exam_version.hpp"

namespace assay::exam {
class PreparedExam;
struct Sitting;
}
