#pragma once
// Reminders before a certificate ends. Their days are computed at the issue and stored as due rows; when a day has come, the row becomes a
// mail, once, however late the service looks.
#include "credentials/schedule.hpp"
#include "server/app/services.hpp"
#include "storage/repositories/people.hpp"

namespace assay::server {

/// What to store with the certificate. Kind "reminder:2028-08-24", key: the certificate.
std::vector<storage::DueRow> reminders_of(TenantId tenant, CertificateId certificate, credentials::RecertificationSchedule const& dates);

std::string reminder_kind(Timestamp at); ///< "reminder:2028-08-24"

/// Those of a certificate that are still to come, ascending.
asio::awaitable<std::vector<Timestamp>> waiting_reminders(Services& services, TenantId tenant, CertificateId certificate);

/// Every reminder that is due at `now` becomes one outbox row and one entry; or an entry that says why not, when the certificate is no longer in
/// force, its last day has passed, or its holder was erased. Returns how many mails were queued.
asio::awaitable<int> queue_reminders(Services& services, Timestamp now);

} // namespace assay::server
