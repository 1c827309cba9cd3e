// Any bytes as a file, among documents that let a good one be valid: no crash, and nothing is valid but what was issued and
// not revoked. The corpus starts from what tests/credentials/interop/write_sample writes: when the sample issuer changes, write it
// again, or its older certificates count as forged.
#include "core/json.hpp"
#include "credentials/foreign/contents.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    static auto const sample = [] {
        auto issuer = test::SampleIssuer{};
        issuer.list.set(test::SampleIssuer::revoked_index, true).value();
        return issuer;
    }();
    static auto const documents = sample.documents();
    static auto const digest = sample.issued().digest;
    static auto const endorsement = sample.endorsement().digest;
    auto const file = std::as_bytes(std::span{data, size});
    auto const opened = foreign::contents_of(file); // as the reader's process does
    auto const* contents = std::get_if<foreign::Contents>(&opened);
    auto const report = verify(contents != nullptr ? bytes_of(std::string_view{contents->credential}) : file, documents, sample.now);
    auto const list = report.facts.id == sample.list_url;
    if (report.verdict() != Verdict::valid || list) return 0;
    // Under the RDF suite alone another text can mean the same; under all else one text was signed.
    auto const rdf_alone = report.facts.encoding == "json" && report.proof.detail.find("eddsa-jcs-2022") == std::string::npos;
    if (!rdf_alone && report.facts.digest != digest && report.facts.digest != endorsement) std::abort(); // forged
    return 0;
}
