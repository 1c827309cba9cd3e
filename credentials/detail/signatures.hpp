#pragma once
// The signatures of an opened file: is each one a signature over these bytes, by a key that was allowed to make it, and whose?
#include "credentials/detail/file_reader.hpp"

namespace assay::credentials {

struct SignatureFindings {
    Finding proof;
    Finding issuer;
};

/// A JWT's own signature, the embedded proofs, or both when a JWT carries proofs too: then each must stand.
SignatureFindings check_signatures(OpenedFile const& file, Documents const& documents, Timestamp now);

/// The JWS of a token of `issuer` whose `typ` is one of `types` (empty text: may be absent). Not the claims.
struct TokenRules {
    std::string_view issuer;
    std::vector<std::string_view> types;
    bool sd_jwt = false; ///< keys as SD-JWT VC finds them
    std::optional<Timestamp> recorded = {}; ///< when the issuer's journal had what the token carries
};
SignatureFindings check_token(CompactJws const& jws, std::optional<Timestamp> issued_at, TokenRules const& rules, Documents const& documents, Timestamp now);

/// Does `key` verify the JWS by its own algorithm, and does the header name that one? Otherwise why not; empty: it does.
std::string complaint_about(CompactJws const& jws, VerificationKey const& key);

/// A NumericDate as a whole number of seconds before the year 10000.
std::optional<Timestamp> numeric_date(json::value const& value);

/// The worse of two: failed, then unknown, then passed.
Finding worse(Finding a, Finding b);

} // namespace assay::credentials
