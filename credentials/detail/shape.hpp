#pragma once
// Is it a credential that we understand? Structure only: VC Data Model 2.0, and Open Badges 3.0 when it claims to be one.
#include "credentials/verify.hpp"

namespace assay::credentials {

/// failed: a rule of the data model is broken. unknown: sound, but it uses a context or data model that we don't know.
Finding check_shape(json::object const& credential);

/// Does its `type` (a string or an array of strings) name this one?
bool has_type(json::object const& object, std::string_view type) noexcept;

/// `issuer`, or `issuer.id`; empty when there is none.
std::string issuer_of(json::object const& credential);

} // namespace assay::credentials
