#include "server/app/route_commands.hpp"

#include "server/app/routes.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace assay::server {
namespace {

/// A table without a service behind it: handlers are made, and never called.
void print_routes(Settings const& settings, bool as_json)
{
    auto log = net::Log{};
    auto metrics = net::Metrics{};
    auto places = pages::Renderer::Places{};
    places.templates = settings.web / "templates";
    places.messages = settings.web / "messages";
    places.manifest = settings.web / "dist" / "manifest.json";
    auto shared = Shared{settings, log, metrics, {}, {1, 1}, pages::Renderer::load(places), {}, nullptr, nullptr, {}, {}};
    auto pool = ServicePool{shared};
    auto notices = SittingNotices{};
    auto const readiness = net::Readiness{};
    auto const files = net::StaticFiles::load(settings.web / "dist" / "assets");
    auto const router = make_router({pool, notices, readiness, files, {}});
    auto rows = json::array{};
    for (auto const& route : router.routes())
        rows.push_back(json::object{{"method", net::to_string(route.method)}, {"pattern", route.pattern}, {"access", net::to_string(route.access)}});
    for (auto const& route : router.websocket_routes())
        rows.push_back(json::object{{"method", "WebSocket"}, {"pattern", route.pattern}, {"access", net::to_string(route.access)}, {"subprotocol", route.subprotocol}});
    if (as_json) {
        std::cout << canonical_json(json::object{{"routes", std::move(rows)}}) << "\n";
        return;
    }
    for (auto const& row : rows) {
        auto const text = [&](char const* member) { return std::string_view{row.at(member).as_string()}; };
        std::cout << text("method") << "\t" << text("access") << "\t" << text("pattern") << "\n";
    }
}

} // namespace

void add_route_commands(CLI::App& app, Settings const& defaults)
{
    auto* routes = app.add_subcommand("routes", "every address that the service answers, and who may call it");
    auto const as_json = std::make_shared<bool>(false);
    routes->add_flag("--json", *as_json);
    routes->callback([&defaults, as_json] { print_routes(defaults, *as_json); });
}

} // namespace assay::server
