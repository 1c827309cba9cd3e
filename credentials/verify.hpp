#pragma once
// Checking a credential from its bytes and public documents alone: offline, without asking the issuer, nothing trusted by
// default. The same code serves the public page, `assay verify`, `assay-verify` and the tests.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/keys.hpp"

#include <map>
#include <optional>

namespace assay::credentials {

enum class Check { passed, failed, unknown }; ///< unknown: the evidence could not be had; nothing passes by default
enum class Verdict { valid, invalid, unknown };
std::string_view to_string(Check check) noexcept;
std::string_view to_string(Verdict verdict) noexcept;

struct Finding {
    Check result = Check::unknown;
    std::string detail; ///< one sentence for people
};

/// A key that the verifier knows from elsewhere: it needs no document, and a document can't overrule it.
struct PinnedKey {
    std::string method; ///< DID URL with fragment
    PublicKey key;
};

/// "did:web:…#fragment=z6Mk…". errc::malformed_key_name, malformed_multikey.
result<PinnedKey> parse_pinned_key(std::string_view text);

/// Everything a verification may look at besides the file.
struct Documents {
    std::map<std::string, std::string, std::less<>> by_url; ///< did.json, status lists: URL → bytes as served
    std::vector<PinnedKey> keys;
};

/// What the file says about itself. Believe it only when the verdict is valid.
struct Facts {
    std::string id;
    std::string issuer;
    std::string issuer_name;
    std::string holder;      ///< credentialSubject.id
    std::string holder_name;
    std::string name;        ///< of the credential
    std::string achievement; ///< name of the achievement
    std::string valid_from;  ///< as written
    std::string valid_until; ///< empty: none
    std::string encoding;    ///< "json", "vc+jwt", "enveloped"
    bool demonstration = false;
    std::optional<Sha256Digest> digest; ///< of the canonical credential without proof: what the issuer's journal has
};

struct Verification {
    Finding shape;  ///< one strict JSON or JWS; VC 2.0 (and Open Badges 3.0 when it says so); contexts that we know
    Finding proof;  ///< the signature over the canonical bytes, by a key that was allowed to sign then
    Finding issuer; ///< that key belongs to whom the credential names as issuer
    Finding period; ///< validFrom <= now < validUntil
    Finding status; ///< the bit at statusListIndex in the issuer's current status list
    Facts facts;

    /// invalid: a check failed. valid: all passed. Otherwise unknown.
    Verdict verdict() const noexcept;
};

struct VerifyOptions {
    std::size_t size_max = 1 << 20; ///< bytes of the file; anything longer fails by its shape
};

/// A JSON credential with embedded proof, vc+jwt text, or an EnvelopedVerifiableCredential. Never throws on any bytes.
Verification verify(ByteView file, Documents const& documents, Timestamp now, VerifyOptions const& options = {});

} // namespace assay::credentials
