#pragma once
// Credentials inside pictures and links: where Open Badges bakes them (PNG, SVG), and our own link whose fragment carries one.
// Readers take hostile bytes: bounded, no entities, no external anything. Source: Open Badges 3.0, section 5.3; PNG (ISO/IEC 15948).
#include "core/bytes.hpp"
#include "core/contract.hpp"

namespace assay::credentials {

constexpr std::size_t image_size_max = 16 << 20;

/// The JSON or compact JWT in the one uncompressed iTXt chunk named "openbadgecredential". Every chunk's checksum must be right
/// and nothing may follow IEND. errc::malformed_image, no_credential_inside.
result<std::string> credential_in_png(ByteView image);

/// `image` with the credential baked in, before its other chunks' data; an older one is replaced. errc::malformed_image.
result<Bytes> bake_png(ByteView image, std::string_view credential);

/// The content or `verify` attribute of the one openbadges:credential element below the root. errc::malformed_image,
/// no_credential_inside. A document type with declarations of its own is refused.
result<std::string> credential_in_svg(std::string_view image);

/// `page` # vc= header.payload.signature of the compact JWS, the payload deflated (raw DEFLATE) and in base64url. A browser does not send the
/// fragment to the server; the page's script, or `assay verify`, inflates it. An SD-JWT stands there as it is: #sd=…
/// errc::malformed_link when `credential` is neither.
result<std::string> link_with_credential(std::string_view page, std::string_view credential);

/// The compact JWS or SD-JWT of such a link. errc::malformed_link.
result<std::string> credential_in_link(std::string_view link);

} // namespace assay::credentials
