#pragma once
// Erasing a person, and holding the records of one. What stays after an erasure: the journal (ids, times, commitments), the fact that a
// certificate was issued, and the entry that says who erased and why. What goes: key, names, contacts, answers, evidence, mail.
#include "server/app/services.hpp"

namespace assay::server {

/// The fixed list from which an erasure takes its reason: it stands in the journal, so it can't be free text about somebody.
inline constexpr std::array<std::string_view, 4> erasure_reasons{"request_of_person", "consent_withdrawn", "no_longer_needed", "entered_by_mistake"};

enum class Erasure { done, not_found, held, in_exam };

/// One entry with the read models (apply_person_erased), then the key with all sealed details, then files. Cut off in between, the job
/// goes on (finish_erasures). held: a legal hold stands; in_exam: a sitting of the person is under way.
/// Expects a reason of the list.
asio::awaitable<Erasure> erase_person(Services& services, storage::TenantRow const& tenant, PersonId person, StaffId by, std::string reason);

/// Erasures whose second half was cut off.
asio::awaitable<void> finish_erasures(Services& services, Timestamp now);

/// Places or lifts a legal hold. False: no such person.
asio::awaitable<bool> set_legal_hold(Services& services, storage::TenantRow const& tenant, PersonId person, StaffId by, bool held);

} // namespace assay::server
