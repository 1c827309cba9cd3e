#pragma once
#include <cstddef>
#include <string_view>

namespace assay {

/// The longest beginning of `text` that has at most `size_max` bytes and ends between two characters of UTF-8. A character is what one code
/// point writes: a combining mark may be cut from its letter. Bytes that are no UTF-8 are cut like any others, at most three short of `size_max`.
std::string_view utf8_prefix(std::string_view text, std::size_t size_max) noexcept;

} // namespace assay
