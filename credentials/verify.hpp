#pragma once
// Checking a credential from its bytes and public documents alone: offline, without asking the issuer, nothing trusted by
// default. The same code serves the public page, `assay verify`, `assay-verify` and the tests.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/verification_key.hpp"

#include <map>
#include <optional>
#include <set>

namespace assay::credentials {

enum class Check { passed, failed, unknown }; ///< unknown: the evidence could not be had; nothing passes by default
enum class Verdict { valid, expired, suspended, revoked, superseded, invalid, unknown };
std::string_view to_string(Check check) noexcept;
std::string_view to_string(Verdict verdict) noexcept;

struct Finding {
    Check result = Check::unknown;
    std::string detail; ///< one sentence for people
};

/// A key that the verifier knows from elsewhere: it needs no document, and a document can't overrule it.
struct PinnedKey {
    std::string method; ///< DID URL with fragment
    VerificationKey key;
};

/// "did:web:…#fragment=z6Mk…". errc::malformed_key_name, and those of parse_any_multikey.
result<PinnedKey> parse_pinned_key(std::string_view text);

/// What the journal of an issuer holds about a credential: the entry that committed to it before it was published. Whoever fills this in has
/// checked the receipt (log/receipt.hpp) with a key of that journal.
struct Recorded {
    Sha256Digest digest; ///< of the canonical credential without proof
    std::string journal; ///< the log's origin; it counts for the issuer whose log_origin() it is
    Timestamp at;        ///< the entry's time
};

/// Everything a verification may look at besides the file.
struct Documents {
    std::map<std::string, std::string, std::less<>> by_url; ///< did.json, status lists: URL → bytes as served
    std::vector<PinnedKey> keys;
    std::vector<Recorded> recorded;
    std::set<std::string>* missed = nullptr; ///< when given: the addresses that were looked for in vain, for a caller who may fetch them

    /// What stands at `url`, or nullptr.
    std::string const* at(std::string_view url) const;
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
    std::string encoding;    ///< "json", "vc+jwt", "jwt" (Open Badges profile, VC 1.1), "enveloped", "dc+sd-jwt"
    std::string found_in;    ///< "link"; empty: the bytes are the credential
    bool demonstration = false;
    std::optional<Sha256Digest> digest; ///< of the canonical credential without proof: what the issuer's journal has
};

struct NamedFinding {
    std::string name;
    Finding finding;
};

struct Verification {
    bool applies = true; ///< false: a journal, which is judged by `further` alone
    Finding shape;  ///< one strict JSON or JWS; VC 2.0 or 1.1 (and Open Badges 3.0 when it says so); contexts that we know
    Finding proof;  ///< the signature over the canonical bytes, by a key that was allowed to sign then
    Finding issuer; ///< that key belongs to whom the credential names as issuer
    Finding period; ///< validFrom <= now < validUntil
    Finding status; ///< what the issuer's current status list says at the credential's index; passed when it names no status at all,
                    ///< which is signed too: nobody but the issuer can leave it out
    std::optional<Finding> recipient; ///< is it for the given e-mail address? Only when asked
    std::vector<NamedFinding> further; ///< what only some have: "disclosures", "holder_key"; "receipt" when the issuer's journal is known to have it
    bool ended = false;                ///< the period failed because it is over
    Verdict standing = Verdict::valid; ///< what a failed status says: suspended, revoked or superseded
    Facts facts;

    /// All of the above that apply, in the order of reading.
    std::vector<NamedFinding> checks() const;

    /// invalid: a check on what the file is failed (shape, proof, issuer, recipient, …), or it is not valid yet. unknown: one of these
    /// could not be made. Then what the issuer says of a sound credential: revoked, superseded, expired, suspended, in this order.
    /// unknown when only the status could not be had. valid: all passed.
    Verdict verdict() const noexcept;
};

struct VerifyOptions {
    std::size_t size_max = 1 << 20;  ///< bytes of the credential; anything longer fails by its shape
    std::optional<std::string> recipient; ///< e-mail address that the credential's identityHash must be of
};

/// A JSON credential with embedded proofs, JWT (vc+jwt, Open Badges profile, VC 1.1), SD-JWT VC, EnvelopedVerifiableCredential, or a
/// verification link with one in its fragment. Never throws on any bytes. PNG, SVG and PDF are not looked into here (unknown):
/// foreign/reader.hpp takes out what they carry.
Verification verify(ByteView file, Documents const& documents, Timestamp now, VerifyOptions const& options = {});

/// Facts::digest of what is in the file, to look it up in the issuer's journal before verifying. Nothing is verified; nothing for what can't be
/// read, and for an SD-JWT.
std::optional<Sha256Digest> digest_of(ByteView file);

/// The report on a file out of which no credential could be had.
Verification unreadable(Finding why);

} // namespace assay::credentials
