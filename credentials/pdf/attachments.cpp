#include "credentials/pdf/attachments.hpp"

#include "credentials/pdf/qpdf_reader.hpp"

#include <exception>

namespace assay::credentials::pdf {

std::variant<std::vector<Attachment>, std::string> attachments_of(ByteView pdf, Bounds const& bounds)
{
    if (pdf.size() > bounds.pdf_max) return "longer than " + std::to_string(bounds.pdf_max) + " bytes";
    try {
        auto found = std::vector<Attachment>{};
        for (auto& [name, content] : read_attachments(reinterpret_cast<char const*>(pdf.data()), pdf.size(), bounds.attachments_max, bounds.content_max))
            found.push_back({.name = std::move(name), .content = std::move(content)});
        return found;
    } catch (std::exception const& error) { // qpdf's way of saying that a file is broken
        return "the PDF can't be read: " + std::string{error.what()}.substr(0, 200);
    }
}

} // namespace assay::credentials::pdf
