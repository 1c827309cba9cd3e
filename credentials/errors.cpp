#include "credentials/errors.hpp"

namespace assay::credentials {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.credentials"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::malformed_multikey: return "not an Ed25519 Multikey (z6Mk…)";
        case errc::malformed_did: return "malformed DID";
        case errc::unsupported_did_method: return "a DID method other than did:web and did:key";
        case errc::malformed_did_document: return "malformed controller document";
        case errc::wrong_did_document: return "the controller document of somebody else";
        case errc::malformed_key_name: return "not a key of the form DID#fragment=z6Mk…";
        case errc::incomplete_claim: return "a text that the credential needs is empty";
        case errc::malformed_claim: return "a value of the claim is malformed";
        case errc::period_is_empty: return "the period of validity is empty";
        case errc::result_not_passed: return "the result is not passed";
        case errc::result_not_clear: return "the validity of the result is not clear";
        case errc::status_list_full: return "every index of the status list has been given out";
        case errc::status_index_out_of_range: return "beyond the end of the status list";
        case errc::malformed_status_list: return "malformed status list";
        case errc::policy_out_of_range: return "a number of the credential policy is out of range";
        case errc::decision_already_made: return "the certification decision has been made";
        case errc::decider_trained_candidate: return "the decider trained the candidate";
        case errc::decider_watched_sitting: return "the decider watched the sitting";
        case errc::decider_reviewed_sitting: return "the decider reviewed the sitting";
        case errc::decider_is_candidate: return "the decider is the candidate";
        case errc::rule_needs_two_approvals: return "a rule decides only when two people approved it, and only to grant";
        case errc::reason_missing: return "a reason in words is missing";
        case errc::transition_not_allowed: return "not possible in this state";
        case errc::malformed_rdf: return "not N-Quads";
        case errc::rdf_too_large: return "more statements than we read";
        case errc::rdf_too_complex: return "its blank nodes take more work to name than we spend (a poison graph)";
        case errc::malformed_key: return "malformed or too short a key";
        case errc::unsupported_key_type: return "a key of a kind other than Ed25519, P-256 and RSA";
        case errc::malformed_sd_jwt: return "malformed SD-JWT";
        case errc::malformed_image: return "not a whole PNG or SVG image";
        case errc::no_credential_inside: return "no credential inside, or more than one";
        case errc::malformed_link: return "not a verification link with a credential in its fragment";
        case errc::renewal_not_earned: return "no path to renewal has been gone to its end";
        case errc::not_in_rdf_form: return "a term that no context defines";
        }
        return "unknown";
    }
};

} // namespace

boost::system::error_category const& category() noexcept
{
    static Category const instance;
    return instance;
}

} // namespace assay::credentials
