#include "server/net/form.hpp"

#include "server/net/detail/text.hpp"

namespace assay::net {
namespace {

constexpr std::size_t part_headers_max = 1024;

bool is_text(std::string_view value) noexcept
{
    return detail::is_utf8(value) && value.find('\0') == std::string_view::npos;
}

/// `name="value"` parameters after the first ';' of a header value (RFC 2183, RFC 7578 section 4.2). Quoted values know the
/// escapes that browsers write: %22, %0D and %0A stay as they are, a backslash escapes a quote or itself.
result<Parameters> header_parameters(std::string_view value)
{
    auto parameters = Parameters{};
    auto at = value.find(';');
    while (at != std::string_view::npos) {
        value = detail::trim(value.substr(at + 1));
        auto const equals = value.find('=');
        if (equals == std::string_view::npos || !detail::is_token(value.substr(0, equals))) return errc::malformed_form;
        auto name = detail::lower(value.substr(0, equals));
        value.remove_prefix(equals + 1);

        auto text = std::string{};
        if (!value.empty() && value.front() == '"') {
            auto i = std::size_t{1};
            for (; i < value.size() && value[i] != '"'; ++i) {
                if (value[i] == '\\' && i + 1 < value.size() && (value[i + 1] == '"' || value[i + 1] == '\\')) ++i;
                text += value[i];
            }
            if (i >= value.size()) return errc::malformed_form; // no closing quote
            value = detail::trim(value.substr(i + 1));
            if (!value.empty() && value.front() != ';') return errc::malformed_form;
            at = value.empty() ? std::string_view::npos : 0;
        } else {
            at = value.find(';');
            text = detail::trim(value.substr(0, at));
            if (!detail::is_token(text)) return errc::malformed_form;
        }
        if (find(parameters, name)) return errc::malformed_form; // twice: which one counts?
        parameters.emplace_back(std::move(name), std::move(text));
    }
    return parameters;
}

/// The headers of one part, up to and without the empty line.
result<FormPart> parse_part_headers(std::string_view headers)
{
    auto part = FormPart{};
    auto named = false;
    while (!headers.empty()) {
        auto const end = headers.find("\r\n");
        auto const line = headers.substr(0, end);
        headers = end == std::string_view::npos ? std::string_view{} : headers.substr(end + 2);
        auto const colon = line.find(':');
        if (colon == std::string_view::npos || !detail::is_token(line.substr(0, colon))) return errc::malformed_form;
        auto const value = detail::trim(line.substr(colon + 1));
        if (std::ranges::any_of(value, detail::is_control)) return errc::malformed_form;
        if (detail::equal_ignoring_case(line.substr(0, colon), "Content-Disposition")) {
            if (named || !detail::equal_ignoring_case(detail::trim(value.substr(0, value.find(';'))), "form-data")) return errc::malformed_form;
            auto const parameters = header_parameters(value);
            if (!parameters) return parameters.error();
            auto const name = find(*parameters, "name");
            if (!name || !is_text(*name)) return errc::malformed_form;
            part.name = *name;
            part.file_name = find(*parameters, "filename").value_or("");
            if (!is_text(part.file_name)) return errc::malformed_form;
            named = true;
        } else if (detail::equal_ignoring_case(line.substr(0, colon), "Content-Type")) {
            part.content_type = value;
        }
    }
    if (!named) return errc::malformed_form;
    return part;
}

} // namespace

result<Parameters> parse_urlencoded(std::string_view body, std::size_t fields_max)
{
    auto fields = Parameters{};
    while (!body.empty()) {
        auto const end = body.find('&');
        auto const pair = body.substr(0, end);
        body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
        if (pair.empty()) continue; // "a=1&&b=2": the form standard skips it as well
        if (fields.size() == fields_max) return errc::too_large;
        auto const equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!name || !value || !is_text(*name) || !is_text(*value)) return errc::malformed_form;
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

result<std::string> multipart_boundary(std::string_view content_type)
{
    if (!detail::equal_ignoring_case(detail::trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data"))
        return errc::malformed_form;
    auto const parameters = header_parameters(content_type);
    if (!parameters) return parameters.error();
    auto const boundary = find(*parameters, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > 70 || boundary->back() == ' ') return errc::malformed_form;
    auto const allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"'()+_,-./:=? "}.find(c) != std::string_view::npos;
    };
    if (!std::ranges::all_of(*boundary, allowed)) return errc::malformed_form;
    return std::string{*boundary};
}

result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view boundary, std::size_t parts_max)
{
    auto const opening = "--" + std::string{boundary};
    auto const delimiter = "\r\n" + opening;
    if (!body.starts_with(opening)) return errc::malformed_form; // browsers write no preamble
    body.remove_prefix(opening.size());

    auto parts = std::vector<FormPart>{};
    for (;;) {
        if (body.starts_with("--")) {
            body.remove_prefix(2);
            if (!body.empty() && body != "\r\n") return errc::malformed_form; // nor an epilogue
            return parts;
        }
        if (!body.starts_with("\r\n")) return errc::malformed_form;
        body.remove_prefix(2);
        if (parts.size() == parts_max) return errc::too_large;

        auto const headers_end = body.find("\r\n\r\n");
        if (headers_end == std::string_view::npos) return errc::malformed_form;
        if (headers_end > part_headers_max) return errc::too_large;
        auto part = parse_part_headers(body.substr(0, headers_end));
        if (!part) return part.error();
        // From the empty line's own line break on: an empty part ends in the very next one.
        body.remove_prefix(headers_end + 4);
        auto const content_end = body.find(delimiter);
        if (content_end == std::string_view::npos) return errc::malformed_form;
        part->content = body.substr(0, content_end);
        parts.push_back(std::move(*part));
        body.remove_prefix(content_end + delimiter.size());
    }
}

result<Form> parse_form(Request const& request)
{
    auto const content_type = request.header("Content-Type").value_or("");
    auto const media_type = detail::trim(content_type.substr(0, content_type.find(';')));
    auto form = Form{};
    if (detail::equal_ignoring_case(media_type, "application/x-www-form-urlencoded")) {
        auto fields = parse_urlencoded(request.body);
        if (!fields) return fields.error();
        form.fields = std::move(*fields);
        return form;
    }
    if (!detail::equal_ignoring_case(media_type, "multipart/form-data")) return errc::unsupported_media_type;

    auto const boundary = multipart_boundary(content_type);
    if (!boundary) return boundary.error();
    auto parts = parse_multipart(request.body, *boundary);
    if (!parts) return parts.error();
    for (auto& part : *parts) {
        if (!part.file_name.empty() || !part.content_type.empty()) {
            form.files.push_back(std::move(part));
        } else {
            if (!is_text(part.content)) return errc::malformed_form;
            form.fields.emplace_back(std::move(part.name), std::move(part.content));
        }
    }
    return form;
}

} // namespace assay::net
