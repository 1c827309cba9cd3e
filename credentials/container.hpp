#pragma once
// Files that carry a credential inside. Which one it is, a few bytes tell; what is inside, only a sandboxed process looks at (foreign/reader.hpp).
#include "core/bytes.hpp"

#include <optional>

namespace assay::credentials {

enum class Container { png, svg, pdf };
std::string_view to_string(Container container) noexcept; ///< "png", "svg", "pdf"

/// By its first bytes; nothing of it is parsed. Nothing: no file of these, so a text.
std::optional<Container> container_of(ByteView file) noexcept;

} // namespace assay::credentials
