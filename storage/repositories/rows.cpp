#include "storage/repositories/rows.hpp"

#include "core/errors.hpp"

namespace assay::storage {
namespace {

std::string joined(std::vector<std::string> const& words)
{
    auto text = std::string{};
    for (auto const& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

} // namespace

json::value column(Timestamp at) { return json::string{to_rfc3339(at)}; }
json::value column(Sha256Digest const& digest) { return column(ByteView{digest.octets}); }
json::value column(ByteView bytes) { return json::string{"\\x" + to_hex(bytes)}; }
json::value column(Uuid const& uuid) { return json::string{to_string(uuid)}; }

json::object columns(DocumentRow const& r)
{
    return {{"sha256", column(r.sha256)}, {"kind", r.kind}, {"identifier", r.identifier}, {"version", r.version},
            {"content", column(ByteView{r.content})}, {"created_at", column(r.created_at)}};
}

json::object columns(ExamRow const& r)
{
    return {{"exam_id", column(r.id)}, {"identifier", r.identifier}, {"title", r.title}, {"state", r.state},
            {"exam_version", column(r.exam_version)}, {"programme_id", column(r.programme_id)}, {"programme", column(r.programme)},
            {"proctoring_policy", column(r.proctoring_policy)}, {"credential_policy", column(r.credential_policy)},
            {"rules", column(r.rules)}, {"created_at", column(r.created_at)}};
}

json::object columns(ItemRow const& r)
{
    return {{"item_id", column(r.id)}, {"identifier", r.identifier}, {"area", r.area}, {"state", r.state},
            {"document", column(r.document)}, {"author", r.author}, {"approved_by", column(r.approved_by)},
            {"provisional", r.provisional}, {"created_at", column(r.created_at)}};
}

json::object columns(StaffRow const& r)
{
    return {{"staff_id", column(r.id)}, {"email", r.email}, {"name", r.name}, {"password_hash", r.password_hash},
            {"roles", joined(r.roles)}, {"disabled", r.disabled}, {"created_at", column(r.created_at)}};
}

json::object columns(LoginRow const& r)
{
    return {{"token_hash", column(r.token_hash)}, {"kind", r.staff ? "staff" : "candidate"}, {"staff_id", column(r.staff)},
            {"registration_id", column(r.registration)}, {"created_at", column(r.created_at)},
            {"expires_at", column(r.expires_at)}, {"ended_at", column(r.ended_at)}};
}

json::object columns(PersonRow const& r)
{
    return {{"person_id", column(r.id)}, {"sealed_profile", column(ByteView{r.sealed_profile})},
            {"created_at", column(r.created_at)}, {"erased_at", column(r.erased_at)}};
}

json::object columns(RegistrationRow const& r)
{
    return {{"registration_id", column(r.id)}, {"person_id", column(r.person)}, {"exam_id", column(r.exam)}, {"state", r.state},
            {"token_hash", column(r.token_hash)}, {"extra_minutes", r.extra_minutes}, {"camera_agreed", column(r.camera_agreed)},
            {"rules_accepted", column(r.rules_accepted)}, {"rules_accepted_at", column(r.rules_accepted_at)},
            {"invited_by", column(r.invited_by)}, {"created_at", column(r.created_at)}, {"expires_at", column(r.expires_at)}};
}

json::object columns(SittingRow const& r)
{
    return {{"sitting_id", column(r.id)}, {"registration_id", column(r.registration)}, {"person_id", column(r.person)},
            {"exam_id", column(r.exam)}, {"exam_version", column(r.exam_version)}, {"programme", column(r.programme)},
            {"proctoring_policy", column(r.proctoring_policy)}, {"credential_policy", column(r.credential_policy)},
            {"run_state", r.run_state}, {"paused_by", column(r.paused_by)}, {"version", r.version}, {"attachment", r.attachment},
            {"items_answered", r.items_answered}, {"opened_at", column(r.opened_at)}, {"started_at", column(r.started_at)},
            {"closes_at", column(r.closes_at)}, {"ended_at", column(r.ended_at)}, {"last_seen_at", column(r.last_seen_at)},
            {"score_state", r.score_state}, {"passed", column(r.passed)}, {"validity", r.validity}};
}

json::object columns(IncidentRow const& r)
{
    return {{"incident_id", column(r.id)}, {"sitting_id", column(r.sitting)}, {"type", r.type}, {"severity", r.severity},
            {"state", r.state}, {"started_at", column(r.started_at)}, {"ended_at", column(r.ended_at)},
            {"client_claimed", r.client_claimed}, {"confidence", r.confidence}, {"facts", r.facts}, {"evidence", r.evidence},
            {"decided_by", column(r.decided_by)}, {"decided_at", column(r.decided_at)}, {"reason", column(r.reason)}};
}

json::object columns(EvidenceRow const& r)
{
    return {{"sha256", column(r.sha256)}, {"person_id", column(r.person)}, {"sitting_id", column(r.sitting)},
            {"size", r.size}, {"taken_at", column(r.taken_at)}};
}

json::object columns(DecisionRow const& r)
{
    return {{"decision_id", column(r.id)}, {"sitting_id", column(r.sitting)}, {"person_id", column(r.person)},
            {"programme", column(r.programme)}, {"scope", r.scope}, {"state", r.state}, {"basis", r.basis},
            {"decided_by", column(r.decided_by)}, {"reason", column(r.reason)}, {"created_at", column(r.created_at)},
            {"decided_at", column(r.decided_at)}, {"renews", column(r.renews)}};
}

json::object columns(EducationCreditRow const& r, Bytes const& sealed_evidence)
{
    auto const reason = r.sealed_reason ? column(ByteView{*r.sealed_reason}) : json::value(nullptr);
    return {{"credit_id", column(r.id)}, {"person_id", column(r.person)}, {"certificate_id", column(r.certificate)}, {"practice", r.practice},
            {"credits", r.credits}, {"earned_at", column(r.earned_at)}, {"sealed_claim", column(ByteView{r.sealed_claim})},
            {"sealed_evidence", column(ByteView{sealed_evidence})}, {"evidence_sha256", column(r.evidence_sha256)}, {"state", r.state},
            {"decided_by", column(r.decided_by)}, {"decided_at", column(r.decided_at)}, {"sealed_reason", reason}, {"created_at", column(r.created_at)}};
}

json::object columns(IssuerKeyRow const& r)
{
    return {{"key_id", r.key_id}, {"purpose", r.purpose}, {"sealed_seed", column(ByteView{r.sealed_seed})},
            {"created_at", column(r.created_at)}, {"expires_at", column(r.expires_at)}, {"revoked_at", column(r.revoked_at)}};
}

json::object columns(CertificateRow const& r)
{
    return {{"certificate_id", column(r.id)}, {"number", r.number}, {"person_id", column(r.person)},
            {"sitting_id", column(r.sitting)}, {"decision_id", column(r.decision)}, {"state", r.state},
            {"status_list", r.status_list}, {"status_index", r.status_index}, {"valid_from", column(r.valid_from)},
            {"valid_until", column(r.valid_until)}, {"grace_until", column(r.grace_until)},
            {"renewal_opens_at", column(r.renewal_opens_at)}, {"credential_sha256", column(r.credential_sha256)},
            {"sealed_credential", column(ByteView{r.sealed_credential})}, {"visibility", r.visibility},
            {"superseded_by", column(r.superseded_by)}, {"ended_at", column(r.ended_at)}, {"ended_reason", column(r.ended_reason)},
            {"created_at", column(r.created_at)}};
}

json::object columns(OutboxRow const& r)
{
    return {{"outbox_id", column(r.id)}, {"event", r.event}, {"recipient", column(r.recipient)}, {"message_id", r.message_id},
            {"template", r.template_name}, {"sealed_arguments", column(ByteView{r.sealed_arguments})}, {"state", r.state},
            {"attempts", r.attempts}, {"next_at", column(r.next_at)}, {"last_error", column(r.last_error)},
            {"sent_at", column(r.sent_at)}, {"created_at", column(r.created_at)}};
}

json::object columns(ItemParametersRow const& r)
{
    return {{"item_id", column(r.item)}, {"discrimination", r.discrimination}, {"difficulty", r.difficulty},
            {"pseudo_guessing", r.pseudo_guessing}, {"provisional", r.provisional}, {"recorded_at", column(r.recorded_at)},
            {"model", r.model ? *r.model : json::value(nullptr)}};
}

json::object columns(SittingReviewRow const& r)
{
    return {{"sitting_id", column(r.sitting)}, {"person_id", column(r.person)}, {"decision", r.decision}, {"reason", r.reason},
            {"banned_until", column(r.banned_until)}, {"reviewer", column(r.reviewer)}, {"decided_at", column(r.decided_at)},
            {"confirmed_by", column(r.confirmed_by)}, {"confirmed_at", column(r.confirmed_at)}};
}

json::object columns(ConsentRow const& r)
{
    return {{"registration_id", column(r.registration)}, {"camera", r.camera}, {"stills", r.stills},
            {"retention_policy", column(r.retention_policy)}, {"agreed_at", column(r.agreed_at)}};
}

json::object columns(LegalHoldRow const& r)
{
    return {{"person_id", column(r.person)}, {"placed_by", column(r.placed_by)}, {"placed_at", column(r.placed_at)},
            {"lifted_at", column(r.lifted_at)}};
}

json::object to_json(PersonProfile const& p)
{
    auto object = json::object{
        {"full_name", p.full_name}, {"preferred_name", p.preferred_name}, {"email", p.email}, {"locale", p.locale}};
    if (p.affiliation)
        object["affiliation"] = {{"company", p.affiliation->company}, {"function", p.affiliation->function},
                                 {"region", p.affiliation->region}, {"from", p.affiliation->from}, {"to", p.affiliation->to}};
    return object;
}

result<PersonProfile> person_profile_from_json(json::value const& value)
{
    auto profile = PersonProfile{};
    auto const take = [](json::value const& from, std::string_view name, std::string& to) {
        auto const* text = find_string(from, name);
        if (text != nullptr) to = std::string{*text};
        return text != nullptr;
    };
    if (!take(value, "full_name", profile.full_name) || !take(value, "preferred_name", profile.preferred_name) ||
        !take(value, "email", profile.email) || !take(value, "locale", profile.locale))
        return core::errc::malformed;
    if (auto const* given = find(value, "affiliation")) {
        auto& a = profile.affiliation.emplace();
        if (!take(*given, "company", a.company) || !take(*given, "function", a.function) || !take(*given, "region", a.region) ||
            !take(*given, "from", a.from) || !take(*given, "to", a.to))
            return core::errc::malformed;
    }
    return profile;
}

} // namespace assay::storage
