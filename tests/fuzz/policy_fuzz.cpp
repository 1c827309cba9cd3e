// Any text as each of the tenant's policy documents: a value, or problems that name their source; never both, never neither.
#include "policies/exam_policy.hpp"
#include "policies/proctoring.hpp"
#include "policies/programme.hpp"
#include "policies/retention.hpp"

#include <cstdlib>

namespace {

template <class T>
void check(assay::policies::Parsed<T> const& parsed)
{
    if (parsed.value.has_value() != parsed.problems.empty()) std::abort();
    for (auto const& problem : parsed.problems)
        if (problem.source != "fuzzed.toml" || problem.what.empty()) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay::policies;
    auto const document = std::string_view{reinterpret_cast<char const*>(data), size};
    check(parse_exam_policy(document, "fuzzed.toml"));
    check(parse_proctoring_policy(document, "fuzzed.toml"));
    check(parse_programme(document, "fuzzed.toml"));
    check(parse_credential_policy(document, "fuzzed.toml"));
    check(parse_retention_policy(document, "fuzzed.toml"));
    return 0;
}
