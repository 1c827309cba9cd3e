#pragma once
// The ids that more than one folder speaks of. A folder's own ids stand in its own headers.
#include "core/uuid.hpp"

namespace assay {

using TenantId = Id<struct TenantTag>;
using PersonId = Id<struct PersonTag>;             ///< a candidate or holder
using StaffId = Id<struct StaffTag>;
using RegistrationId = Id<struct RegistrationTag>;
using SittingId = Id<struct SittingTag>;
using ItemId = Id<struct ItemTag>;                 ///< one version of one item: uuid_from_name("item", bank + identifier + version)
using ProgrammeId = Id<struct ProgrammeTag>;
using IncidentId = Id<struct IncidentTag>;
using DecisionId = Id<struct DecisionTag>;         ///< a certification decision
using CertificateId = Id<struct CertificateTag>;   ///< 128 random bits: also the public id in addresses

} // namespace assay
