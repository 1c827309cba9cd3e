#pragma once
// zlib in one place: bounded, one whole stream, nothing after it.
#include "core/bytes.hpp"
#include "core/contract.hpp"

namespace assay::credentials {

enum class Wrapper { gzip, zlib, raw };

/// The same bytes for the same input: no time, no name.
Bytes deflated(ByteView plain, Wrapper wrapper);

/// Nothing longer than `size_max` once inflated (a kilobyte can hold a gigabyte of zeros). core::errc::malformed, too_large.
result<Bytes> inflated(ByteView packed, Wrapper wrapper, std::size_t size_max);

} // namespace assay::credentials
