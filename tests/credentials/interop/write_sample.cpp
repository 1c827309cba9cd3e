// write_sample FOLDER [NOW]: an issued certificate in every form, an endorsement, a revoked certificate, and the issuer's public documents
// with their map; contexts/ has the JSON-LD contexts as they are compiled into the verifier, for a clone without the published documents.
// NOW dates the status list, which lasts a day (other programs compare it with the real clock).
#include "credentials/baking.hpp"
#include "credentials/rdf/pinned_contexts.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/credentials/token_keys.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

void write_contexts(std::filesystem::path const& folder)
{
    namespace rdf = assay::credentials::rdf;
    std::filesystem::create_directories(folder);
    auto const write = [&](char const* name, std::string_view url) {
        auto const document = assay::json::object{{"@context", *rdf::find_pinned_context(url)}};
        std::ofstream{folder / name, std::ios::binary} << assay::canonical_json(document);
    };
    write("credentials-v2.json", rdf::context_credentials_v2);
    write("ob-3.0.3.json", rdf::context_open_badges);
    write("ob-v3p0-extensions.json", rdf::context_open_badges_extensions);
    write("multikey-v1.json", rdf::context_multikey);
}

} // namespace

int main(int argc, char** argv)
{
    using namespace assay::credentials;
    auto const now = argc == 3 ? assay::parse_rfc3339(argv[2]) : assay::result<assay::Timestamp>{test::SampleIssuer{}.now};
    if (argc < 2 || argc > 3 || !now) {
        std::cerr << "usage: write_sample FOLDER [NOW]\n";
        return 2;
    }
    auto const folder = std::filesystem::path{argv[1]};
    std::filesystem::create_directories(folder);
    auto const write = [&](char const* name, std::string const& bytes) { std::ofstream{folder / name, std::ios::binary} << bytes; };

    auto sample = test::SampleIssuer{};
    sample.now = *now;
    auto revoked = sample.status();
    revoked.index = test::SampleIssuer::revoked_index;
    sample.list.set(revoked.index, true).value();
    auto claim = sample.claim();
    claim.demonstration = false;
    auto const issued = sample.issued();
    auto const second = issue(claim, revoked, sample.credential_signer(), assay::parse_rfc3339("2026-11-23T10:05:00Z").value()).value();
    write("certificate.json", issued.json);
    write("certificate.jwt", issued.jwt);
    write("revoked.json", second.json);
    write("endorsement.json", sample.endorsement().json);

    auto const p256 = test::p256_pair();
    auto const rsa = test::rsa_pair();
    auto const credential = assay::parse_json(issued.unsigned_json).value().as_object();
    auto const es256 = p256.signer(sample.did + "#p256");
    auto const rs256 = rsa.signer("https://localhost:8443/t/acme/keys/rsa");
    write("certificate.es256.jwt", sign_jwt(issued.unsigned_json, sample.did, es256, *now));
    write("badge.rs256.jwt", sign_badge_jwt(credential, rs256));
    write("p256.jwk.json", assay::canonical_json(to_jwk(p256.public_key())));
    write("rsa.jwk.json", assay::canonical_json(to_jwk(rsa.public_key())));
    write("link.txt", link_with_credential("https://localhost:8443/t/acme/verify", issued.jwt).value());
    write("did.json", sample.did_json());
    write("status_list.json", sample.status_list_json());
    write("map.json", assay::canonical_json(assay::json::object{{did_web_url(sample.did).value(), "did.json"}, {sample.list_url, "status_list.json"},
                                                    {"https://localhost:8443/t/acme/keys/rsa", "rsa.jwk.json"}}));
    write_contexts(folder / "contexts");
}
