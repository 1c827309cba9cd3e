#pragma once
// The JSON-LD contexts that we know by their bytes. Under eddsa-jcs-2022 only their addresses are signed, so an address is
// worth something only because these documents never change: the digest says which bytes we mean.
#include <algorithm>
#include <array>
#include <string_view>

namespace assay::credentials {

struct PinnedContext {
    std::string_view url;
    std::string_view sha256; ///< of the document published there
};

constexpr auto context_credentials_v2 =
    PinnedContext{"https://www.w3.org/ns/credentials/v2", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"};
constexpr auto context_open_badges = PinnedContext{"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                                                   "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761"};
constexpr auto context_open_badges_extensions = PinnedContext{"https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
                                                              "146f85aa16effd7ca1da8056eb443f53ce1eca8a34186cb062832c0a97d889c3"};

constexpr auto pinned_contexts = std::array{
    context_credentials_v2,
    context_open_badges,
    context_open_badges_extensions,
    PinnedContext{"https://www.w3.org/ns/credentials/examples/v2",
                  "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c"},
    PinnedContext{"https://w3id.org/security/data-integrity/v2",
                  "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4"},
    PinnedContext{"https://w3id.org/security/multikey/v1", "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597"},
};

constexpr bool is_pinned_context(std::string_view url) noexcept
{
    return std::ranges::any_of(pinned_contexts, [url](PinnedContext const& context) { return context.url == url; });
}

} // namespace assay::credentials
