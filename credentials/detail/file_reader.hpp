#pragma once
// From hostile bytes to a credential and the signatures that come with it. Nothing is verified here.
#include "credentials/jwt.hpp"
#include "credentials/sd_jwt.hpp"
#include "credentials/verify.hpp"

#include <variant>

namespace assay::credentials {

struct OpenedFile {
    std::string encoding;            ///< as Facts::encoding
    std::string found_in;            ///< as Facts::found_in
    json::object credential;         ///< without `proof`
    std::vector<json::value> proofs; ///< embedded ones, as they stood
    std::optional<CompactJws> jws;
    json::object claims;             ///< a JWT's registered claims: iss, jti, sub, nbf, exp, iat, aud
    bool wrapped = false;            ///< VC 1.1: the credential was the claim `vc`
    std::optional<SdJwt> sd_jwt;     ///< then the credential is its payload, before disclosures
};

/// The file, or the finding that says why it can't be read: failed, or unknown when it is a form that we know but don't read.
std::variant<OpenedFile, Finding> open_file(ByteView file, std::size_t size_max);

} // namespace assay::credentials
