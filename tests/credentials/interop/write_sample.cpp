// write_sample FOLDER [NOW]: an issued certificate (JSON and JWT), a revoked one, and the issuer's public documents with their map.
// NOW dates the status list, which lasts a day (other programs compare it with the real clock).
#include "tests/credentials/sample_issuer.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

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
    write("did.json", sample.did_json());
    write("status_list.json", sample.status_list_json());
    write("map.json", assay::canonical_json(assay::json::object{{did_web_url(sample.did).value(), "did.json"}, {sample.list_url, "status_list.json"}}));
}
