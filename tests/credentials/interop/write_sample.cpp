// write_sample FOLDER: an issued certificate (JSON and JWT), a revoked one, and the issuer's public documents with their map.
#include "tests/credentials/sample_issuer.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

int main(int argc, char** argv)
{
    using namespace assay::credentials;
    if (argc != 2) {
        std::cerr << "usage: write_sample FOLDER\n";
        return 2;
    }
    auto const folder = std::filesystem::path{argv[1]};
    std::filesystem::create_directories(folder);
    auto const write = [&](char const* name, std::string const& bytes) { std::ofstream{folder / name, std::ios::binary} << bytes; };

    auto sample = test::SampleIssuer{};
    auto revoked = sample.status();
    revoked.index = 5;
    sample.list.set(revoked.index, true).value();
    auto claim = sample.claim();
    claim.demonstration = false;
    auto const issued = sample.issued();
    auto const second = issue(claim, revoked, sample.credential_signer(), assay::parse_rfc3339("2026-11-23T10:05:00Z").value()).value();
    write("certificate.json", issued.json);
    write("certificate.jwt", issued.jwt);
    write("revoked.json", second.json);
    write("did.json", sample.did_json());
    write("status_list.json", sample.status_list_json());
    write("map.json", assay::canonical_json(assay::json::object{{did_web_url(sample.did).value(), "did.json"}, {sample.list_url, "status_list.json"}}));
}
