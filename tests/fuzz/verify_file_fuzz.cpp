// Any bytes as a file, among documents that let a good one be valid: no crash, and nothing is valid but what was issued and
// not revoked. The corpus starts from what tests/credentials/interop/write_sample writes: when the sample issuer changes, write it
// again, or its older certificates count as forged.
#include "core/json.hpp"
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
    auto const report = verify(std::as_bytes(std::span{data, size}), documents, sample.now);
    auto const list = report.facts.id == sample.list_url;
    if (report.verdict() == Verdict::valid && !list && report.facts.digest != digest) std::abort(); // forged
    return 0;
}
