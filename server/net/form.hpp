#pragma once
#include "server/net/http_types.hpp"

namespace assay::net {

/// application/x-www-form-urlencoded, UTF-8, without NUL. Errors: errc::malformed_form; errc::too_large over `fields_max`.
result<Parameters> parse_urlencoded(std::string_view body, std::size_t fields_max = 100);

struct FormPart {
    std::string name;
    std::string file_name;     ///< as the browser sent it: for showing, never for opening. Empty for ordinary fields
    std::string content_type;  ///< what the sender claims
    std::string content;
};

/// multipart/form-data (RFC 7578), flat, at most `parts_max` parts with 1 KiB of headers each; the body is already bounded by its
/// route. Errors: errc::malformed_form, errc::too_large.
result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view boundary, std::size_t parts_max = 20);

/// The boundary parameter of a multipart/form-data content type (RFC 2046 section 5.1.1). errc::malformed_form.
result<std::string> multipart_boundary(std::string_view content_type);

struct Form {
    Parameters fields;
    std::vector<FormPart> files;
    std::optional<std::string_view> field(std::string_view name) const noexcept { return find(fields, name); }
};

/// The request's body by its content type. Errors: errc::unsupported_media_type, and those above.
result<Form> parse_form(Request const& request);

} // namespace assay::net
