#pragma once
#include <boost/system/error_code.hpp>

namespace assay::credentials {

/// Why a key, an identifier, a claim, a policy or a decision was not accepted. A credential that does not verify is no
/// error: that is a report (verify.hpp).
enum class errc {
    malformed_multikey = 1,      ///< not z + base58btc of an Ed25519 public key
    malformed_did,               ///< not a DID that we can read: did:web and did:key
    unsupported_did_method,      ///< a DID, but neither did:web nor did:key
    malformed_did_document,      ///< not a controller document: see did.hpp for what is required
    wrong_did_document,          ///< a controller document of somebody else
    malformed_key_name,          ///< not DID#fragment=z6Mk…
    incomplete_claim,            ///< a text that the credential needs is empty
    malformed_claim,             ///< an id that is no URI, invalid UTF-8, a scale that does not hold the score
    period_is_empty,             ///< validUntil is not after validFrom
    result_not_passed,           ///< a certificate is only for a passed result
    result_not_clear,            ///< validity is not *clear*: unreviewed, under review, upheld or voided
    status_list_full,            ///< every index has been given out
    status_index_out_of_range,   ///< beyond the end of the list
    malformed_status_list,       ///< not u + base64url(gzip), shorter than 131,072 entries or longer than the cap
    policy_out_of_range,         ///< a number of a credential policy outside the range its field documents
    decision_already_made,       ///< the certification decision is no longer pending (or no longer granted)
    decider_trained_candidate,   ///< ISO/IEC 17024, 9.4.3: who trained or examined does not decide
    decider_watched_sitting,
    decider_reviewed_sitting,
    decider_is_candidate,
    rule_needs_two_approvals,    ///< a rule decides only when two different people approved it
    reason_missing,              ///< refusing, withdrawing, suspending, revoking need a reason in words
    transition_not_allowed,      ///< the certificate's state has no such action
    malformed_rdf,               ///< not N-Quads
    rdf_too_large,               ///< more quads or blank nodes than the bound
    rdf_too_complex,             ///< naming the blank nodes would take more work than the bound: a poison graph
    malformed_key,               ///< a JWK or DER key that is none, or shorter than is safe
    unsupported_key_type,        ///< a key of a kind other than Ed25519, P-256 and RSA
    malformed_sd_jwt,            ///< not issuer-JWT~disclosures~, or a disclosure that is not referenced exactly once
    malformed_image,             ///< not a whole PNG or SVG
    no_credential_inside,        ///< an image without the one credential that Open Badges bakes into it, or with two
    malformed_link,              ///< not a verification link with a credential in its fragment
    not_in_rdf_form,             ///< a document of ours with a term that no context defines
    renewal_not_earned,          ///< no path of the policy that the holder has gone to its end
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::credentials

template <>
struct boost::system::is_error_code_enum<assay::credentials::errc> : std::true_type {};
