#pragma once
// The rows of the read models as values, and how each is written: as the columns that change, beside the journal entry
// that explains the change (Append::rows). Reading is in the other headers of this folder.
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace assay::storage {

enum class TenantKind { demo, production };

struct TenantRow {
    TenantId id;
    std::string slug; ///< as in /t/{slug}/…
    std::string name;
    TenantKind kind = TenantKind::demo;
    std::string public_origin; ///< "https://localhost:8443": part of what is signed
    std::string contact_email; ///< where candidates write to; empty: not said yet
    std::string sender_email;  ///< whom mail is from; empty: none leaves
};

/// Immutable bytes that decide something, named by their SHA-256.
struct DocumentRow {
    Sha256Digest sha256;
    std::string kind; ///< item, exam_version, programme, proctoring_policy, credential_policy, rules, standard_setting
    std::string identifier, version;
    Bytes content;
    Timestamp created_at;
};

struct ExamRow {
    Uuid id;
    std::string identifier, title, state;
    Sha256Digest exam_version;
    ProgrammeId programme_id;
    Sha256Digest programme;
    std::optional<Sha256Digest> proctoring_policy; ///< none: sat without a camera
    Sha256Digest credential_policy, rules;
    Timestamp created_at;
};

struct ItemRow {
    ItemId id;
    std::string identifier, area, state;
    Sha256Digest document;
    std::string author;
    std::optional<StaffId> approved_by;
    bool provisional = true;
    Timestamp created_at;
};

/// What the item is worth by today's knowledge: copied into exam versions, never read by a sitting.
struct ItemParametersRow {
    ItemId item;
    double discrimination = 1, difficulty = 0, pseudo_guessing = 0;
    bool provisional = true;
    Timestamp recorded_at;
    std::optional<json::value> model{}; ///< any other than the three-parameter one, as in exam versions; the three numbers then say nothing
};

struct StaffRow {
    StaffId id;
    std::string email, name, password_hash;
    std::vector<std::string> roles;
    bool disabled = false;
    Timestamp created_at;
};

struct LoginRow {
    Sha256Digest token_hash;
    std::optional<StaffId> staff;               ///< exactly one of these two
    std::optional<RegistrationId> registration;
    Timestamp created_at, expires_at;
    std::optional<Timestamp> ended_at;
};

/// What is known of a person; sealed under the person's key wherever it is stored.
struct Affiliation {
    std::string company, function, region;
    std::string from, to; ///< ISO dates, `to` empty while it lasts
};
struct PersonProfile {
    std::string full_name, preferred_name, email, locale;
    std::optional<Affiliation> affiliation;
};
struct PersonRow {
    PersonId id;
    Bytes sealed_profile;
    Timestamp created_at;
    std::optional<Timestamp> erased_at;
};

struct RegistrationRow {
    RegistrationId id;
    PersonId person;
    Uuid exam;
    std::string state;
    Sha256Digest token_hash;
    int extra_minutes = 0;
    std::optional<bool> camera_agreed; ///< none: not asked yet
    std::optional<Sha256Digest> rules_accepted;
    std::optional<Timestamp> rules_accepted_at;
    StaffId invited_by;
    Timestamp created_at, expires_at;
};

struct SittingRow {
    SittingId id;
    RegistrationId registration;
    PersonId person;
    Uuid exam;
    Sha256Digest exam_version, programme;
    std::optional<Sha256Digest> proctoring_policy;
    Sha256Digest credential_policy;
    std::string run_state;
    std::optional<std::string> paused_by;
    std::uint64_t version = 0; ///< of the sitting's stream: how many entries it has
    int attachment = 0;
    int items_answered = 0;
    Timestamp opened_at;
    std::optional<Timestamp> started_at, closes_at, ended_at, last_seen_at;
    std::string score_state = "none";
    std::optional<bool> passed;
    std::string validity = "unreviewed";
};

struct IncidentRow {
    IncidentId id;
    SittingId sitting;
    std::string type, severity, state;
    Timestamp started_at;
    std::optional<Timestamp> ended_at;
    bool client_claimed = false;
    double confidence = 0;
    json::value facts; ///< proctor's IncidentFacts as JSON
    json::array evidence; ///< [{"sha256","at","position"}]
    std::optional<StaffId> decided_by;
    std::optional<Timestamp> decided_at;
    std::optional<std::string> reason;
};

struct EvidenceRow {
    Sha256Digest sha256; ///< of the sealed file
    PersonId person;
    SittingId sitting;
    std::int64_t size = 0;
    Timestamp taken_at;
};

/// The one judgement of a sitting.
struct SittingReviewRow {
    SittingId sitting;
    PersonId person;
    std::string decision, reason; ///< proctor's words
    std::optional<Timestamp> banned_until;
    StaffId reviewer;
    Timestamp decided_at;
    std::optional<StaffId> confirmed_by;
    std::optional<Timestamp> confirmed_at;
};

/// What was agreed to, and the retention policy that was shown with it (none: the shipped defaults).
struct ConsentRow {
    RegistrationId registration;
    bool camera = false, stills = false;
    std::optional<Sha256Digest> retention_policy;
    Timestamp agreed_at;
};

struct LegalHoldRow {
    PersonId person;
    StaffId placed_by;
    Timestamp placed_at;
    std::optional<Timestamp> lifted_at;
};

struct DecisionRow {
    DecisionId id;
    SittingId sitting;
    PersonId person;
    Sha256Digest programme;
    std::string scope, state;
    json::value basis;
    std::optional<std::string> decided_by, reason;
    Timestamp created_at;
    std::optional<Timestamp> decided_at;
    std::optional<CertificateId> renews; ///< what it renews without another exam; `sitting` is the one that this rests on
};

/// What a holder has done to renew a certificate, with what shows it.
struct EducationCreditRow {
    Uuid id;
    PersonId person;
    CertificateId certificate;
    bool practice = false;        ///< professional practice, rather than learning
    int credits = 0;              ///< 1..1000
    Timestamp earned_at;
    Bytes sealed_claim;           ///< JSON {"what", "file", "type"}, under the person's key
    Sha256Digest evidence_sha256; ///< of the sealed evidence
    std::string state = "submitted"; ///< submitted, approved, refused
    std::optional<StaffId> decided_by;
    std::optional<Timestamp> decided_at;
    std::optional<Bytes> sealed_reason; ///< refused: why
    Timestamp created_at;
};

struct IssuerKeyRow {
    std::string key_id, purpose;
    Bytes sealed_seed;
    Timestamp created_at;
    std::optional<Timestamp> expires_at, revoked_at;
};

struct CertificateRow {
    CertificateId id;
    std::string number;
    PersonId person;
    SittingId sitting;
    DecisionId decision;
    std::string state;
    int status_list = 0;
    int status_index = 0;
    Timestamp valid_from;
    std::optional<Timestamp> valid_until, grace_until, renewal_opens_at;
    Sha256Digest credential_sha256;
    Bytes sealed_credential;
    std::string visibility = "link";
    std::optional<CertificateId> superseded_by;
    std::optional<Timestamp> ended_at;
    std::optional<std::string> ended_reason;
    Timestamp created_at;
};

struct OutboxRow {
    Uuid id;
    std::string event;
    PersonId recipient;
    std::string message_id, template_name;
    Bytes sealed_arguments;
    std::string state;
    int attempts = 0;
    Timestamp next_at;
    std::optional<std::string> last_error;
    std::optional<Timestamp> sent_at;
    Timestamp created_at;
};

// Values as apply_row reads them.
json::value column(Timestamp at);
json::value column(Sha256Digest const& digest);
json::value column(ByteView bytes);
json::value column(Uuid const& uuid);
template <class Tag>
json::value column(Id<Tag> const& id) { return column(id.uuid); }
inline json::value column(std::string const& text) { return json::string{text}; }
inline json::value column(bool value) { return value; }
inline json::value column(int value) { return value; }
inline json::value column(double value) { return value; }
template <class T>
json::value column(std::optional<T> const& value) { return value ? column(*value) : json::value(nullptr); }

// Whole rows.
json::object columns(DocumentRow const&);
json::object columns(ExamRow const&);
json::object columns(ItemRow const&);
json::object columns(StaffRow const&);
json::object columns(LoginRow const&);
json::object columns(PersonRow const&);
json::object columns(RegistrationRow const&);
json::object columns(SittingRow const&);
json::object columns(IncidentRow const&);
json::object columns(EvidenceRow const&);
json::object columns(DecisionRow const&);
json::object columns(EducationCreditRow const&, Bytes const& sealed_evidence);
json::object columns(IssuerKeyRow const&);
json::object columns(CertificateRow const&);
json::object columns(OutboxRow const&);
json::object columns(ItemParametersRow const&);
json::object columns(SittingReviewRow const&);
json::object columns(ConsentRow const&);
json::object columns(LegalHoldRow const&);

json::object to_json(PersonProfile const&);
result<PersonProfile> person_profile_from_json(json::value const&);

} // namespace assay::storage
