#pragma once
// Two demonstration tenants on one real service: "demo" has everything that has an id, "other" tries its ids.
#include "storage/pg/blocking_connection.hpp"
#include "tests/load/robot.hpp"
#include "tests/storage/somebodys_postgres.hpp"

namespace assay::server::test {

namespace asio = boost::asio;

/// What addresses and forms name, of one tenant, or of none.
struct Ids {
    std::string sitting, running_sitting, token, certificate, decision, incident, evidence, person, item, mail, list, log_path, exam, staff_address, credential, credit;
};

/// Somebody who asks: cookies, and the token of forms.
struct Caller {
    std::string cookie, csrf;
};

class TwoTenants {
public:
    TwoTenants();

    storage::test::SomebodysPostgres postgres;
    std::string const url = postgres.url("admin");
    robot::ServerProcess service{"demo", {"--database", url}};
    std::string victim, other; ///< tenant ids
    Ids theirs;                ///< that exist, and are demo's
    Ids nobodys;               ///< of the same form, that exist nowhere
    Caller staff, candidate;   ///< of "other", with every role
    robot::Seat candidates_seat;

    template <class T>
    T run(asio::awaitable<T> work)
    {
        return storage::test::run(context_, std::move(work));
    }
    std::string value_of(std::string const& sql, std::string const& tenant);

private:
    void fill_the_victim();
    void fill_the_other();
    asio::io_context context_;
    std::mt19937_64 random_{20'26};
};

/// Made at the first call, gone when the program ends.
TwoTenants& two_tenants();

} // namespace assay::server::test
