#pragma once
// The candidate's way: invitation, consent and rules, system check, exam page, result.
#include "server/app/sign_in.hpp"
#include "server/app/sittings.hpp"

namespace assay::server {

/// The text that a candidate agrees to before the first item, in the languages it exists in; the document's hash is recorded.
struct Agreement {
    Sha256Digest sha256;
    std::string version;
    struct Text {
        std::string title;
        std::vector<std::string> paragraphs;
    };
    std::map<std::string, Text, std::less<>> texts; ///< by language tag; "en" is always there
};
/// {"version","texts":{"en":{"title","paragraphs":[…]},…}}
result<Agreement> parse_agreement(ByteView document);

void add_candidate_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
