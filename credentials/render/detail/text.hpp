#pragma once
#include "core/contract.hpp"

#include <string>
#include <string_view>

namespace assay::credentials::render::detail {

/// The characters of one paragraph from outside. Refused: what is no UTF-8, control characters and line separators (a sheet is set
/// line by line), and the characters that override or embed a direction: with them a name can be made to read as another name.
/// Errors: errc::text_malformed; errc::text_too_long over 4000 bytes.
result<std::u32string> characters(std::string_view text);

/// The same check without the characters. Errors: those, and errc::text_missing when empty.
result<void> require_text(std::string_view text);

/// A BCP 47 tag as far as we hand it on: letters, digits and hyphens, 2 to 35. Errors: errc::text_malformed.
result<void> require_language(std::string_view tag);

/// Escaped for XML text and attribute values in double quotes.
std::string xml_escaped(std::string_view text);

} // namespace assay::credentials::render::detail
