#include "credentials/issue.hpp"

#include "credentials/data_integrity.hpp"
#include "credentials/rdf/pinned_contexts.hpp"
#include "credentials/errors.hpp"
#include "credentials/jwt.hpp"

namespace assay::credentials {
namespace {

// Said in words and not by a type of our own, because every type must be in a published context, or a verifier that expands
// JSON-LD in safe mode refuses the credential.
constexpr std::string_view demonstration_prefix = "DEMONSTRATION: ";
constexpr std::string_view demonstration_sentence = "Demonstration only, not a certification of anybody. ";
constexpr std::string_view demonstration_tag = "demonstration";

std::string titled(AchievementClaim const& claim, std::string_view title)
{
    return claim.demonstration ? std::string{demonstration_prefix} + std::string{title} : std::string{title};
}

std::string described(AchievementClaim const& claim, std::string_view text)
{
    return claim.demonstration ? std::string{demonstration_sentence} + std::string{text} : std::string{text};
}

json::object identity(std::string_view type, bool hashed, std::string_view value)
{
    return {{"type", "IdentityObject"}, {"identityType", type}, {"hashed", hashed}, {"identityHash", value}};
}

/// The name stands in clear, as on paper; the e-mail only as a salted hash, for a verifier whom the holder tells it.
json::array identifiers(Holder const& holder)
{
    auto all = json::array{};
    all.push_back(identity("name", false, holder.full_name));
    if (!holder.email.empty()) {
        auto const salt = to_hex(holder.salt);
        auto email = identity("emailAddress", true, identity_hash(holder.email, salt));
        email["salt"] = salt;
        all.push_back(std::move(email));
    }
    return all;
}

/// What the renewal rests on, since no exam stands behind it.
json::object education_evidence(int credits)
{
    return {{"type", json::array{"Evidence"}},
            {"name", "Continuing education"},
            {"narrative", "Renewed by " + std::to_string(credits) + " continuing-education credits, whose evidence the certifying body reviewed. "
                          "The result is that of the exam passed before."}};
}

json::object document_identifier(std::string_view type, Sha256Digest const& document)
{
    return {{"type", "IdentifierEntry"}, {"identifier", to_string(document)}, {"identifierType", type}};
}

json::object to_json(AchievementClaim const& claim, std::string const& score_id)
{
    auto const& achievement = claim.achievement;
    auto criteria = json::object{{"narrative", achievement.criteria}};
    if (!achievement.criteria_url.empty()) criteria["id"] = achievement.criteria_url;
    auto score = json::object{{"id", score_id},
                              {"type", json::array{"ResultDescription"}},
                              {"name", "Scaled score"},
                              {"resultType", "ScaledScore"},
                              {"valueMin", claim.result.scale_min},
                              {"valueMax", claim.result.scale_max},
                              {"requiredValue", claim.result.scale_required}};
    auto document = json::object{
        {"id", achievement.id},
        {"type", json::array{"Achievement"}},
        {"achievementType", "Certification"},
        {"name", titled(claim, achievement.name)},
        {"description", described(claim, achievement.description)},
        {"criteria", std::move(criteria)},
        {"version", achievement.version},
        {"otherIdentifier", json::array{document_identifier("ext:programmeVersionSha256", achievement.programme_version),
                                        document_identifier("ext:examVersionSha256", achievement.exam_version)}},
        {"resultDescription", json::array{std::move(score)}}};
    if (!achievement.image_url.empty()) document["image"] = json::object{{"id", achievement.image_url}, {"type", "Image"}};
    if (claim.demonstration) document["tag"] = json::array{demonstration_tag};
    return document;
}

} // namespace

json::object to_credential(AchievementClaim const& claim, StatusEntry const& status)
{
    auto const score_id = claim.achievement.id + "#scaled-score";
    auto issuer = json::object{{"id", claim.issuer.did}, {"type", json::array{"Profile"}}, {"name", claim.issuer.name}};
    if (!claim.issuer.url.empty()) issuer["url"] = claim.issuer.url;

    auto result = json::object{{"type", json::array{"Result"}},
                               {"resultDescription", score_id},
                               {"status", "Completed"},
                               {"value", claim.result.scaled_score}};
    auto subject = json::object{{"id", claim.holder.id},
                                {"type", json::array{"AchievementSubject"}},
                                {"identifier", identifiers(claim.holder)},
                                {"achievement", to_json(claim, score_id)},
                                {"result", json::array{std::move(result)}}};

    auto credential = json::object{
        {"@context", json::array{rdf::context_credentials_v2, rdf::context_open_badges}},
        {"id", claim.credential_id},
        {"type", json::array{"VerifiableCredential", "OpenBadgeCredential"}},
        {"name", titled(claim, claim.achievement.name)},
        {"description", described(claim, claim.achievement.description)},
        {"issuer", std::move(issuer)},
        {"awardedDate", to_rfc3339(claim.decided_at)},
        {"validFrom", to_rfc3339(claim.valid_from)},
        {"credentialSubject", std::move(subject)},
        {"credentialStatus", to_json(status)}}; // one object: the schema refuses an array here
    if (claim.valid_until) credential["validUntil"] = to_rfc3339(*claim.valid_until);
    if (claim.renewal_credits > 0) credential["evidence"] = json::array{education_evidence(claim.renewal_credits)};
    return credential;
}

namespace {

result<IssuedCredential> secure(json::object credential, Signer const& signer, Timestamp created)
{
    auto issued = IssuedCredential{};
    issued.unsigned_json = canonical_json(credential);
    issued.digest = sha256(issued.unsigned_json);
    issued.jwt = sign_jwt(issued.unsigned_json, signer, created);
    auto proven = sign_document_twice(std::move(credential), signer, created, issued.digest);
    if (!proven) return proven.error();
    issued.json = canonical_json(*proven);
    return issued;
}

json::object to_json(EndorsementClaim const& claim)
{
    auto issuer = json::object{{"id", claim.issuer.did}, {"type", json::array{"Profile"}}, {"name", claim.issuer.name}};
    if (!claim.issuer.url.empty()) issuer["url"] = claim.issuer.url;
    auto credential = json::object{
        {"@context", json::array{rdf::context_credentials_v2, rdf::context_open_badges}},
        {"id", claim.credential_id},
        {"type", json::array{"VerifiableCredential", "EndorsementCredential"}},
        {"name", claim.name},
        {"issuer", std::move(issuer)},
        {"validFrom", to_rfc3339(claim.valid_from)},
        {"credentialSubject",
         json::object{{"id", claim.subject_id}, {"type", json::array{"EndorsementSubject"}}, {"endorsementComment", claim.comment}}}};
    if (claim.valid_until) credential["validUntil"] = to_rfc3339(*claim.valid_until);
    return credential;
}

} // namespace

result<IssuedCredential> issue(AchievementClaim const& claim, StatusEntry const& status, Signer const& signer, Timestamp created)
{
    EXPECTS(claim.issuer.did == signer.did);
    if (auto const sound = check(claim); !sound) return sound.error();
    return secure(to_credential(claim, status), signer, created);
}

result<IssuedCredential> issue_endorsement(EndorsementClaim const& claim, std::optional<StatusEntry> const& status, Signer const& signer, Timestamp created)
{
    EXPECTS(claim.issuer.did == signer.did);
    for (auto const* text : {&claim.name, &claim.comment, &claim.issuer.name})
        if (text->empty()) return errc::incomplete_claim;
    if (claim.valid_until && *claim.valid_until <= claim.valid_from) return errc::period_is_empty;
    auto credential = to_json(claim);
    if (status) credential["credentialStatus"] = credentials::to_json(*status);
    if (!parse_json(canonical_json(credential))) return errc::malformed_claim; // texts that JSON can't carry
    for (auto const* uri : {&claim.credential_id, &claim.subject_id, &claim.issuer.did})
        if (!rdf::is_absolute_iri(*uri)) return errc::malformed_claim;
    return secure(std::move(credential), signer, created);
}

} // namespace assay::credentials
