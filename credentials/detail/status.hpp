#pragma once
// Has the issuer taken the credential back? Answered by a status list that is itself verified: signed by the same issuer and
// still current. A list that can't be believed is no evidence in either direction.
#include "credentials/detail/file_reader.hpp"

namespace assay::credentials {

Finding check_status(json::object const& credential, Documents const& documents, Timestamp now);

/// validFrom <= now < validUntil, each when present.
Finding check_period(json::object const& credential, Timestamp now);

} // namespace assay::credentials
