#pragma once
// Renewal without another exam: the holder claims continuing-education credits with evidence, staff judges them, and when the programme's policy
// is met while renewal is open, a certification decision is opened and the successor issued, as after an exam. The programme's current version
// (that of its newest published exam) says which paths are open and how many credits they take.
#include "credentials/renewal.hpp"
#include "server/app/certification.hpp"

namespace assay::server {

constexpr std::size_t credit_evidence_max = 512 << 10; ///< bytes of one file
constexpr int credit_claims_max = 50;                  ///< of one certificate

/// How a certificate may be renewed now.
struct RenewalOutlook {
    std::shared_ptr<policies::Programme const> programme; ///< its current version
    Sha256Digest document;                                ///< of that version
    bool open = false;                                    ///< renewal is open: in force or in grace, and the day has come
    std::string full_exam, delta_exam;                    ///< titles of published exams that renew; empty: none
    int credits_counted = 0;                              ///< approved, with practice up to the policy's cap
    int credits_missing = 0;                              ///< 0 also when the policy has no such path
};

/// At `now`. Nothing when the certificate can't be renewed for good: ended, or its grace is over.
asio::awaitable<std::optional<RenewalOutlook>> renewal_outlook(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& row, Timestamp now);

struct CreditClaim {
    bool practice = false;
    int credits = 0;       ///< 1..1000
    Timestamp earned_at;   ///< between the award and now
    std::string what;      ///< in the holder's words, at most 500 bytes
    std::string file, type;///< as the browser named the evidence: shown, never opened
    std::string evidence;  ///< 1 byte to credit_evidence_max
};

/// Stores the claim, sealed for its holder. Errors: core::errc::out_of_range (a number or the date), too_large (the file, or too many claims);
/// credentials::errc::incomplete_claim (no words, no evidence); storage::errc::erased.
asio::awaitable<result<void>> claim_credits(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& row, CreditClaim claim);

/// Staff approves, or refuses with a reason that the holder reads. What was approved counts at once.
/// Errors: storage::errc::not_found, stale (judged already); credentials::errc::reason_missing.
asio::awaitable<result<void>> judge_credits(Services& services, storage::TenantRow const& tenant, Uuid credit, StaffId by, bool approved, std::string reason);

/// What a claim hides. Nothing after erasure.
struct OpenedClaim {
    std::string what, file, type;
    std::string reason; ///< refused: why
};
asio::awaitable<std::optional<OpenedClaim>> open_claim(Services& services, TenantId tenant, storage::EducationCreditRow const& row);
/// The evidence as it was handed in. Nothing for an unknown claim, and after erasure.
asio::awaitable<std::optional<std::string>> open_evidence(Services& services, TenantId tenant, storage::EducationCreditRow const& row);

} // namespace assay::server
