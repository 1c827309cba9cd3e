#pragma once
// The application as the service builds it, on one io thread and a fresh database, asked through its own routes and gate. Browsers are
// played: cookies, form tokens, one at a time.
#include "server/app/application.hpp"
#include "server/app/invitations.hpp"
#include "server/app/sign_in.hpp"
#include "server/app/routes.hpp"
#include "server/app/sittings.hpp"
#include "tests/storage/postgres_fixture.hpp"

#include <boost/asio/use_future.hpp>

namespace assay::server::test {

/// Takes mail and answers as it is told: first for everything.
class ListeningSender final : public mail::Sender {
public:
    mail::Sent send(mail::Message const& message) override
    {
        auto const lock = std::scoped_lock{mutex};
        tried.push_back(message);
        return answer;
    }
    void forget(std::string const& message_id) override { forgotten.push_back(message_id); }

    std::mutex mutex;
    mail::Sent answer;
    std::vector<mail::Message> tried;
    std::vector<std::string> forgotten;
};

class App {
public:
    App();
    ~App();

    /// Runs `work` on the io thread.
    template <class T>
    T run(asio::awaitable<T> work) { return asio::co_spawn(threads_.context(0), std::move(work), asio::use_future).get(); }

    Services& services() { return *pool_->each.front(); }
    std::filesystem::path const& state() const noexcept { return state_.path(); }
    storage::DatabaseAccess const& access() const noexcept { return access_; }
    net::Router const& router() const noexcept { return router_; }
    SittingNotices& notices() { return notices_; }
    /// Replaces the mail folder, until mail_to_folder().
    ListeningSender& listen_to_mail();
    void mail_to_folder();

    storage::TenantRow add_tenant(std::string slug, storage::TenantKind kind);
    storage::StaffRow add_staff(storage::TenantRow const& tenant, std::string name, std::string roles);
    /// The tenant with bank and two exams, made at the first call.
    storage::TenantRow demo();
    storage::ExamRow exam(storage::TenantRow const& tenant, bool camera);

    /// As the tables' owner, within the tenant: for looking, and for moving time. The first column of the first row, 0 without one.
    std::int64_t sql(storage::TenantRow const& tenant, std::string const& statement);

    net::Response handle(net::Request request);

private:
    storage::test::TemporaryDirectory state_;
    storage::DatabaseAccess access_;
    net::Log log_;
    net::Metrics metrics_;
    net::IoThreads threads_;
    std::unique_ptr<Shared> shared_;
    std::unique_ptr<ServicePool> pool_;
    SittingNotices notices_;
    net::Readiness readiness_;
    net::StaticFiles files_;
    net::Router router_;
    std::optional<storage::TenantRow> demo_;
};

/// One for all tests of a program: what they make has names of its own.
App& the_app();

/// A signed-in browser.
class Browser {
public:
    static Browser staff(App& app, storage::TenantRow const& tenant, storage::StaffRow const& member);
    /// Opens the invitation's link as the candidate does.
    static Browser candidate(App& app, std::string const& link);

    /// `path` below the origin, with its query. Posts carry the sign-in's form token.
    net::Response get(std::string const& path);
    net::Response post(std::string const& path, net::Parameters fields = {});
    /// The same as multipart/form-data, with a file.
    net::Response upload(std::string const& path, net::Parameters fields, std::string const& file_name, std::string const& content, std::string const& file_field = "evidence");
    std::string const& location() const noexcept { return location_; } ///< where the last answer led

private:
    explicit Browser(App& app) : app_{&app} {}
    net::Response send(net::Request request);
    App* app_;
    net::Parameters cookies_;
    std::string token_;
    std::string location_;
};

/// Invited to the exam: the whole way is then the candidate's.
Invitation invite_person(App& app, storage::TenantRow const& tenant, std::string name, std::string email, bool camera = false,
                         std::optional<storage::Affiliation> affiliation = std::nullopt);

/// Agrees, sits the exam, everything right or wrong, and lets the service settle it.
SittingId sit(App& app, storage::TenantRow const& tenant, Invitation const& invitation, bool knowing = true);

/// The certificate of a sitting that passed.
storage::CertificateRow certificate_of(App& app, storage::TenantRow const& tenant, SittingId sitting);

/// Everything that is due at `now`, also what other tests left waiting.
void send_all_mail(App& app, storage::TenantRow const& tenant, Timestamp now);

/// All bytes of all files below `folder` that contain `text`.
std::vector<std::filesystem::path> files_with(std::filesystem::path const& folder, std::string const& text);

} // namespace assay::server::test
