#include "server/net/operations.hpp"

#include "async/with_deadline.hpp"
#include "server/net/detail/networks.hpp"
#include "server/net/metrics.hpp"

namespace assay::net {

namespace asio = boost::asio;

namespace {

constexpr auto check_deadline = std::chrono::seconds{1};

bool is_operator(Request const& request, detail::Networks const& networks)
{
    auto error = boost::system::error_code{};
    auto const address = asio::ip::make_address(request.peer, error);
    return !error && networks.contain(address);
}

Response not_found()
{
    auto what = Problem{};
    what.status = 404;
    return problem(what);
}

Response readiness_response(std::vector<Readiness::Finding> const& findings, bool with_details)
{
    auto ready = true;
    auto checks = json::object{};
    for (auto const& finding : findings) {
        ready = ready && finding.wrong.empty();
        checks[finding.check] = finding.wrong.empty() ? "passed" : with_details ? finding.wrong : "failed";
    }
    auto body = json::object{};
    body["status"] = ready ? "ready" : "not_ready";
    body["checks"] = std::move(checks);
    auto response = json_response(body, ready ? 200 : 503);
    if (!ready) response.headers.set("Retry-After", "1");
    return response;
}

Route get(std::string pattern, Handler handler)
{
    auto route = Route{};
    route.pattern = std::move(pattern);
    route.rate_class = RateClass::operations;
    route.handler = std::move(handler);
    return route;
}

} // namespace

void Readiness::add(std::string name, Check check) { checks_.emplace_back(std::move(name), std::move(check)); }

asio::awaitable<std::vector<Readiness::Finding>> Readiness::run() const
{
    auto findings = std::vector<Finding>{};
    findings.push_back({"serving", draining() ? "draining" : ""});
    for (auto const& [name, check] : checks_) {
        auto wrong = std::string{};
        try {
            auto const found = co_await async::with_deadline(check(), check_deadline);
            if (!found) wrong = found.error().message();
            else if (*found) wrong = (*found)->empty() ? "failed" : **found;
        } catch (boost::system::system_error const& error) {
            if (error.code() == asio::error::operation_aborted) throw; // we are cancelled, not the check
            wrong = error.what();
        } catch (std::exception const& error) {
            wrong = error.what();
        }
        findings.push_back({name, std::move(wrong)});
    }
    co_return findings;
}

std::vector<Route> operations_routes(Readiness const& readiness, Metrics const& metrics, std::vector<std::string> networks)
{
    auto const operators = std::make_shared<detail::Networks const>(networks);
    auto alive = [](Request const&, PathParameters const&) -> asio::awaitable<Response> { co_return text("alive\n"); };
    auto ready = [&readiness, operators](Request const& request, PathParameters const&) -> asio::awaitable<Response> {
        auto const findings = co_await readiness.run();
        co_return readiness_response(findings, is_operator(request, *operators));
    };
    auto measure = [&metrics, operators](Request const& request, PathParameters const&) -> asio::awaitable<Response> {
        if (!is_operator(request, *operators)) co_return not_found();
        co_return bytes_response(metrics.exposition(), "text/plain; version=0.0.4; charset=utf-8");
    };
    auto routes = std::vector<Route>{};
    routes.push_back(get("/livez", alive));
    routes.push_back(get("/readyz", ready));
    routes.push_back(get("/healthz", ready));
    routes.push_back(get("/metrics", measure));
    return routes;
}

} // namespace assay::net
