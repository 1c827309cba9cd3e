#pragma once
// Who did it, as journal entries name it: by id, never by name.
#include "core/ids.hpp"

#include <string>

namespace assay::server {

inline std::string actor(StaffId staff) { return "staff:" + to_string(staff); }
inline std::string actor(PersonId person) { return "person:" + to_string(person); }
inline constexpr char const* system_actor = "system";

} // namespace assay::server
