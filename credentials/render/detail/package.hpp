#pragma once
#include "core/bytes.hpp"
#include "core/time.hpp"
#include "credentials/render/certificate_pdf.hpp"

#include <span>
#include <string>

namespace assay::credentials::render::detail {

/// What goes round a drawn page.
struct Packaging {
    std::string title;
    std::string author;
    std::string language;
    Direction direction = Direction::left_to_right;
    std::string figure_alternative;      ///< text in place of the page's figures
    Timestamp created;
};

/// A file that travels inside, and what it is to the page (AFRelationship).
struct Attachment {
    AttachedFile const& file;
    std::string const& description;
    char const* relationship;
};

/// `drawn` (a PDF from cairo) with language, title, marked structure, XMP metadata, and associated files.
/// Source: ISO 32000-1, 7.11.4 and 14.7-14.9; associated files as in ISO 32000-2, 14.13.
Bytes package(ByteView drawn, std::span<Attachment const> attachments, Packaging const& packaging);

} // namespace assay::credentials::render::detail
