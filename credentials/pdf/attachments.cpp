#include "credentials/pdf/attachments.hpp"

#include <qpdf/JSON.hh> // QPDF.hh only declares it, which clang does not accept
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEFStreamObjectHelper.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>
#include <qpdf/QPDFLogger.hh>

#include <stdexcept>

namespace assay::credentials::pdf {
namespace {

/// Collects a stream's bytes up to a limit: a small stream can inflate to gigabytes.
class Collector : public Pipeline {
public:
    explicit Collector(std::size_t limit) : Pipeline{"collector", nullptr}, limit_{limit} {}
    void write(unsigned char const* data, std::size_t size) override
    {
        if (content.size() + size > limit_) throw std::runtime_error{"an attachment is too long"};
        content.append(reinterpret_cast<char const*>(data), size);
    }
    void finish() override {}

    std::string content;

private:
    std::size_t limit_;
};

std::vector<Attachment> read(ByteView bytes, Bounds const& bounds)
{
    auto pdf = QPDF{};
    pdf.setSuppressWarnings(true);
    pdf.setAttemptRecovery(false);
    pdf.processMemoryFile("file", reinterpret_cast<char const*>(bytes.data()), bytes.size());
    auto found = std::vector<Attachment>{};
    for (auto& [name, file] : QPDFEmbeddedFileDocumentHelper{pdf}.getEmbeddedFiles()) {
        if (found.size() == bounds.attachments_max) throw std::runtime_error{"too many attachments"};
        auto stream = file->getEmbeddedFileStream();
        if (!stream.isStream()) continue;
        auto collector = Collector{bounds.content_max};
        if (!stream.pipeStreamData(&collector, 0, qpdf_dl_generalized, true, false)) throw std::runtime_error{"an attachment can't be decoded"};
        found.push_back({.name = file->getFilename(), .content = std::move(collector.content)});
    }
    return found;
}

} // namespace

std::variant<std::vector<Attachment>, std::string> attachments_of(ByteView pdf, Bounds const& bounds)
{
    if (pdf.size() > bounds.pdf_max) return "longer than " + std::to_string(bounds.pdf_max) + " bytes";
    try {
        return read(pdf, bounds);
    } catch (std::exception const& error) { // qpdf's way of saying that a file is broken
        return "the PDF can't be read: " + std::string{error.what()}.substr(0, 200);
    }
}

} // namespace assay::credentials::pdf
