#include "storage/detail/libpq.hpp"

#include <algorithm>

namespace assay::storage::detail {
namespace {

// client_connection_check_interval: a query whose client vanished is ended, so that it does not keep the tenant's head row locked.
constexpr auto session_settings = std::string_view{
    " -c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c extra_float_digits=1 -c IntervalStyle=iso_8601"
    " -c client_connection_check_interval=2000 -c idle_in_transaction_session_timeout=60000"};

std::string field(PGresult const* rows, int code)
{
    auto const text = PQresultErrorField(rows, code);
    return text ? text : "";
}

} // namespace

ConnectParameters::ConnectParameters(Endpoint const& endpoint, std::chrono::milliseconds timeout)
{
    char* complaint = nullptr;
    auto const parsed = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>{
        PQconninfoParse(endpoint.url.c_str(), &complaint), PQconninfoFree};
    auto const complaint_owner = std::unique_ptr<char, decltype(&PQfreemem)>{complaint, PQfreemem};
    // libpq's own complaint quotes the address, which may hold a password.
    if (!parsed) throw StorageError{"the database address is neither a valid postgresql:// URL nor a list of keyword=value"};

    auto options = std::string{};
    auto named = false;
    for (auto option = parsed.get(); option->keyword; ++option) {
        if (!option->val) continue;
        auto const keyword = std::string_view{option->keyword};
        if (keyword == "options") options = option->val;
        else if (keyword == "application_name") named = true;
        if (keyword == "options" || keyword == "connect_timeout" || keyword == "client_encoding") continue;
        keywords_.emplace_back(keyword);
        values_.emplace_back(option->val);
    }
    auto const set = [this](std::string keyword, std::string value) {
        keywords_.push_back(std::move(keyword));
        values_.push_back(std::move(value));
    };
    options += session_settings;
    if (!endpoint.role.empty()) options += " -c role=" + endpoint.role;
    set("options", options);
    set("client_encoding", "UTF8");
    set("connect_timeout", std::to_string(std::max<std::int64_t>(2, timeout.count() / 1000)));
    if (!named) set("application_name", "assay");

    for (auto const& keyword : keywords_) keyword_pointers_.push_back(keyword.c_str());
    for (auto const& value : values_) value_pointers_.push_back(value.c_str());
    keyword_pointers_.push_back(nullptr);
    value_pointers_.push_back(nullptr);
}

DatabaseError error_of(PGresult const* failed)
{
    auto message = field(failed, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) message = PQresultErrorMessage(failed);
    // The detail line of PostgreSQL quotes row values ("Key (name)=(…)"), which don't belong in logs: it is left out.
    if (auto const context = field(failed, PG_DIAG_CONTEXT); !context.empty()) message += " (" + context + ")";
    return {field(failed, PG_DIAG_SQLSTATE), message, field(failed, PG_DIAG_CONSTRAINT_NAME)};
}

DatabaseError connection_lost(PGconn const* connection, std::string const& doing)
{
    auto why = std::string{connection ? PQerrorMessage(connection) : ""};
    while (!why.empty() && (why.back() == '\n' || why.back() == ' ')) why.pop_back();
    std::replace(why.begin(), why.end(), '\n', ' ');
    return {"", doing + (why.empty() ? "" : ": " + why)};
}

} // namespace assay::storage::detail
