#pragma once
// Mail follows from the journal: a row for each event and recipient, written in the event's own transaction, with one Message-ID for
// all tries. At least once; what arrives twice is recognised by its id.
#include "server/app/services.hpp"
#include "storage/repositories/certificates.hpp"

namespace assay::server {

/// The mail that says that a certificate has been issued. Nothing for a person without an address, or erased.
asio::awaitable<std::optional<storage::OutboxRow>> certificate_mail(Services& services, storage::TenantRow const& tenant,
                                                                    storage::PersonProfile const& profile, storage::CertificateRow const& certificate);
/// The mail with an invitation's link.
asio::awaitable<std::optional<storage::OutboxRow>> invitation_mail(Services& services, storage::TenantRow const& tenant, PersonId person,
                                                                   storage::PersonProfile const& profile, RegistrationId registration, std::string link,
                                                                   std::string exam_title, Timestamp lapses_at);

/// The mail that reminds of a certificate's end. `day` is the reminder's own: one mail a certificate and day, however often it is asked for.
asio::awaitable<std::optional<storage::OutboxRow>> reminder_mail(Services& services, storage::TenantRow const& tenant,
                                                                 storage::PersonProfile const& profile, storage::CertificateRow const& certificate, std::string day);

/// Sends what is due at `now`; a temporary failure is tried again after 1, 2, 4 … 60 minutes, for three days; what was refused for good is
/// failed at once. Returns how many were sent.
asio::awaitable<int> send_due_mail(Services& services, storage::TenantRow const& tenant, Timestamp now);

/// A failed mail is queued again, under its own Message-ID. Errors: storage::errc::not_found (or not failed).
asio::awaitable<result<void>> queue_again(Services& services, storage::TenantRow const& tenant, Uuid mail, StaffId by);

} // namespace assay::server
