#pragma once
#include <boost/system/error_code.hpp>

namespace assay::credentials::tlog {

enum class errc {
    malformed_note = 1,     ///< not text, blank line, "— name base64" lines
    malformed_key,          ///< not name+hash+base64
    bad_signature,          ///< a signature of a known key does not verify
    unsigned_note,          ///< no signature of a key that we know
    malformed_checkpoint,   ///< not origin, size, root
    malformed_tile,         ///< not a multiple of 32 bytes, or of the wrong width
    malformed_bundle,       ///< lengths and bytes of an entry bundle don't agree
    malformed_receipt,
    out_of_tree,            ///< an index or size beyond the tree
    hash_missing,           ///< a tile that the proof needs could not be had
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::credentials::tlog

template <>
struct boost::system::is_error_code_enum<assay::credentials::tlog::errc> : std::true_type {};
