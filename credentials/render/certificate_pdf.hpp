#pragma once
#include "core/bytes.hpp"
#include "core/time.hpp"
#include "credentials/render/colour.hpp"

#include <optional>
#include <string>
#include <vector>

namespace assay::credentials::render {

enum class Direction { left_to_right, right_to_left };

/// The words of the sheet that are ours, in the sheet's language. None may be empty.
struct SheetLabels {
    std::string certificate = "Certificate";
    std::string awarded_to = "This certifies that";
    std::string achieved = "has achieved";
    std::string programme = "Programme";
    std::string scope = "Scope";
    std::string number = "Certificate number";
    std::string decided_on = "Decided on";
    std::string valid_from = "Valid from";
    std::string valid_until = "Valid until";
    std::string verify = "Check this certificate";
    std::string qr_alternative = "QR code with the address where this certificate can be checked";
    std::string attachment = "The signed credential";  ///< description of the attached file
    std::string receipt = "Proof that the issuer's public log has it"; ///< of the one beside it
};

/// What a certificate says, ready to be set: every text is localised already, in any script, one paragraph of UTF-8
/// without control characters.
struct CertificateSheet {
    std::string holder_name;
    std::string achievement;          ///< title of what was achieved
    std::string programme;            ///< name and version, "Running PostgreSQL, version 2"
    std::string scope;                ///< what the certificate covers; may be empty
    std::string issuer;
    std::string number;
    std::string decided_on;           ///< date of the certification decision
    std::string valid_from;
    std::string valid_until;          ///< may be empty: no end
    std::optional<std::string> demonstration;  ///< "Demonstration: not a certificate"; set across the page when present
    std::string verification_url;     ///< printed, and a link
    std::string qr_payload;           ///< usually the same address
    std::string language = "en";      ///< BCP 47: /Lang of the document, and the language that shaping follows
    Direction direction = Direction::left_to_right;  ///< the page is mirrored for right_to_left
    Colour accent{0x1f, 0x4e, 0x79};
    SheetLabels labels;
};

/// The credential that travels in the PDF: extracted, it is byte for byte what was given.
struct AttachedFile {
    std::string name = "credential.json";
    std::string media_type = "application/vc";
    Bytes content;
};

/// The sheet as one A4 page in landscape, PDF 1.7: fonts embedded as subsets, text extractable, a structure tree, title and
/// language set, the verification address a link, and `credential` attached as an associated file (/AF, AFRelationship
/// Alternative: the same facts for a machine); `receipt` beside it (Supplement), when there is one.
/// The same arguments give the same bytes with the same versions of cairo, Pango, qpdf and the fonts: the only time in it is `created`.
/// Takes some 100 ms: call it on a pool. Thread-safe. Fonts: Noto and DejaVu under /usr/share/fonts only, whatever else is installed
/// (Chinese, Japanese and Korean are set when fonts-noto-cjk is there).
/// Errors: text_missing, text_malformed, text_too_long, glyph_missing, payload_too_long.
result<Bytes> render_pdf(CertificateSheet const& sheet, AttachedFile const& credential, Timestamp created, std::optional<AttachedFile> const& receipt = std::nullopt);

/// The characters of the sheet for which no font has a glyph, each once, in order of appearance: what to tell whoever typed the
/// name before the certificate is issued. Errors: text_malformed.
result<std::vector<char32_t>> missing_characters(CertificateSheet const& sheet);

} // namespace assay::credentials::render
