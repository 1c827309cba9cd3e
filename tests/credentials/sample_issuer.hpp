#pragma once
// One tenant that has issued one certificate: fixed seeds, so that a failure can be looked at again.
#include "credentials/did.hpp"
#include "credentials/issue.hpp"
#include "credentials/verify.hpp"

#include <chrono>

namespace assay::credentials::test {

inline Timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

inline KeyPair key_pair(unsigned char fill)
{
    auto seed = std::array<std::byte, 32>{};
    seed.fill(static_cast<std::byte>(fill));
    return KeyPair::from_seed(SecretBytes::copy_of(seed));
}

struct SampleIssuer {
    static constexpr std::size_t revoked_index = 5; ///< of the certificate that write_sample revokes
    std::string did = tenant_did("https://localhost:8443", "acme").value();
    std::string list_url = "https://localhost:8443/t/acme/status/1";
    KeyPair credential_key = key_pair(1);
    KeyPair status_key = key_pair(2);
    StatusList list{status_list_entries_min};
    Timestamp now = at("2026-11-24T00:00:00Z");

    Signer credential_signer() const { return {did, credential_key}; }
    Signer status_signer() const { return {did, status_key}; }
    StatusEntry status() const { return {.list_url = list_url, .index = 94567}; }

    AchievementClaim claim() const
    {
        return {
            .credential_id = "https://localhost:8443/t/acme/c/7f3c9a52-0f53-4f0e-9d0a-2f0f6b8f2c11",
            .issuer = {.did = did, .name = "Acme Süd GmbH", .url = "https://localhost:8443/t/acme"},
            .holder = {.id = "urn:uuid:3f0c1c52-57a2-4c51-8f0e-0a9c4f3b2d10",
                       .full_name = "Ada \"日本\" Lovelace",
                       .email = "Ada@Example.com"},
            .achievement = {.id = "https://localhost:8443/t/acme/programmes/pump-engineer",
                            .name = "Certified Pump Engineer",
                            .description = "Designs and maintains pump systems.",
                            .criteria = "Passed the proctored exam at or above the cut score.",
                            .version = "2026.1",
                            .programme_version = sha256("programme"),
                            .exam_version = sha256("exam")},
            .result = {.passed = true, .scaled_score = "640", .scale_min = "200", .scale_max = "800", .scale_required = "600"},
            .decided_at = at("2026-11-23T10:00:00Z"),
            .valid_from = at("2026-11-23T10:00:00Z"),
            .valid_until = at("2028-11-23T23:59:59Z"),
            .demonstration = true};
    }
    IssuedCredential issued() const { return issue(claim(), status(), credential_signer(), at("2026-11-23T10:05:00Z")).value(); }
    IssuedCredential endorsement() const
    {
        auto const claim = EndorsementClaim{.credential_id = "https://localhost:8443/t/acme/e/1",
                                            .issuer = {.did = did, .name = "Acme Süd GmbH", .url = ""},
                                            .subject_id = "https://partner.example/profile",
                                            .name = "Trusted partner",
                                            .comment = "Certifies by the same rules.",
                                            .valid_from = at("2026-11-23T10:00:00Z"),
                                            .valid_until = at("2028-11-23T23:59:59Z")};
        return issue_endorsement(claim, std::nullopt, credential_signer(), at("2026-11-23T10:05:00Z")).value();
    }

    std::string did_json() const
    {
        auto const keys =
            std::array{PublishedKey{.key = credential_key.public_key()}, PublishedKey{.key = status_key.public_key()}};
        return canonical_json(did_document(did, keys));
    }
    std::string status_list_json() const { return issue_status_list(list, {.url = list_url, .issuer = did}, status_signer(), now); }

    Documents documents() const
    {
        auto documents = Documents{};
        documents.by_url[did_web_url(did).value()] = did_json();
        documents.by_url[list_url] = status_list_json();
        return documents;
    }
    Verification verify_now(std::string_view file) const { return verify(bytes_of(file), documents(), now); }
};

} // namespace assay::credentials::test
