#include "credentials/pdf/qpdf_reader.hpp"

#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEFStreamObjectHelper.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>

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

} // namespace

std::vector<std::pair<std::string, std::string>> read_attachments(char const* bytes, std::size_t size, std::size_t attachments_max, std::size_t content_max)
{
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    pdf.setAttemptRecovery(false);
    pdf.processMemoryFile("file", bytes, size);
    auto found = std::vector<std::pair<std::string, std::string>>{};
    for (auto& entry : QPDFEmbeddedFileDocumentHelper{pdf}.getEmbeddedFiles()) {
        if (found.size() == attachments_max) throw std::runtime_error{"too many attachments"};
        auto stream = entry.second->getEmbeddedFileStream();
        if (!stream.isStream()) continue;
        Collector collector{content_max};
        if (!stream.pipeStreamData(&collector, 0, qpdf_dl_generalized, true, false)) throw std::runtime_error{"an attachment can't be decoded"};
        found.emplace_back(entry.second->getFilename(), std::move(collector.content));
    }
    return found;
}

} // namespace assay::credentials::pdf
