#include "server/net/router.hpp"

#include "server/net/detail/text.hpp"

namespace assay::net {
namespace {

std::vector<std::string_view> pattern_segments(std::string_view pattern)
{
    EXPECTS(pattern.starts_with('/') && (pattern == "/" || !pattern.ends_with('/')));
    auto segments = std::vector<std::string_view>{};
    pattern.remove_prefix(1);
    while (!pattern.empty()) {
        auto const end = pattern.find('/');
        EXPECTS(end != 0);
        segments.push_back(pattern.substr(0, end));
        if (end == std::string_view::npos) break;
        pattern.remove_prefix(end + 1);
    }
    return segments;
}

bool is_parameter(std::string_view segment) noexcept { return segment.starts_with('{'); }
bool takes_the_rest(std::string_view segment) noexcept { return segment.ends_with("...}"); }

void expect_well_formed(std::string_view pattern)
{
    auto const segments = pattern_segments(pattern);
    for (auto i = std::size_t{0}; i < segments.size(); ++i) {
        auto const segment = segments[i];
        if (!is_parameter(segment)) {
            EXPECTS(segment.find_first_of("{}") == std::string_view::npos);
            continue;
        }
        EXPECTS(segment.ends_with('}') && segment.size() > 2);
        EXPECTS(!takes_the_rest(segment) || (i + 1 == segments.size() && segment.size() > 5));
    }
}

/// Two patterns that some address fits equally well: which route answers would depend on the order of adding.
bool are_ambiguous(std::string_view a, std::string_view b)
{
    auto const x = pattern_segments(a), y = pattern_segments(b);
    if (x.size() != y.size()) return false;
    for (auto i = std::size_t{0}; i < x.size(); ++i) {
        if (is_parameter(x[i]) != is_parameter(y[i]) || takes_the_rest(x[i]) != takes_the_rest(y[i])) return false;
        if (!is_parameter(x[i]) && x[i] != y[i]) return false;
    }
    return true;
}

/// How well a pattern fits: nothing when it does not; otherwise one digit a segment, literal over parameter over rest.
struct Fit {
    std::string rank;
    PathParameters parameters;
};

std::optional<Fit> fit(std::string_view pattern, std::vector<std::string> const& segments)
{
    auto fit = Fit{};
    auto const wanted = pattern_segments(pattern);
    for (auto i = std::size_t{0}; i < wanted.size(); ++i) {
        if (i >= segments.size()) return std::nullopt;
        if (takes_the_rest(wanted[i])) {
            auto rest = segments[i];
            for (auto k = i + 1; k < segments.size(); ++k) rest += "/" + segments[k];
            fit.parameters.emplace_back(wanted[i].substr(1, wanted[i].size() - 5), std::move(rest));
            fit.rank += '0';
            return fit;
        }
        if (is_parameter(wanted[i])) {
            fit.parameters.emplace_back(wanted[i].substr(1, wanted[i].size() - 2), segments[i]);
            fit.rank += '1';
        } else {
            if (wanted[i] != segments[i]) return std::nullopt;
            fit.rank += '2';
        }
    }
    if (wanted.size() != segments.size()) return std::nullopt;
    return fit;
}

} // namespace

std::string_view to_string(RateClass rate_class) noexcept
{
    switch (rate_class) {
    case RateClass::assets: return "assets";
    case RateClass::pages: return "pages";
    case RateClass::api: return "api";
    case RateClass::sign_in: return "sign_in";
    case RateClass::upload: return "upload";
    case RateClass::verification: return "verification";
    case RateClass::operations: return "operations";
    }
    return "?";
}

std::string_view to_string(Access access) noexcept
{
    switch (access) {
    case Access::anyone: return "anyone";
    case Access::candidate: return "candidate";
    case Access::staff: return "staff";
    case Access::operations: return "operations";
    }
    return "?";
}

void Router::add(Route route)
{
    expect_well_formed(route.pattern);
    EXPECTS(route.handler != nullptr);
    EXPECTS(route.method != Method::head); // a GET route answers HEAD
    for (auto const& other : routes_) EXPECTS(other.method != route.method || !are_ambiguous(other.pattern, route.pattern));
    routes_.push_back(std::move(route));
}

void Router::add(std::vector<Route> routes)
{
    for (auto& route : routes) add(std::move(route));
}

void Router::add(WebSocketRoute route)
{
    expect_well_formed(route.pattern);
    EXPECTS(route.decide != nullptr && detail::is_token(route.subprotocol));
    for (auto const& other : websocket_routes_) EXPECTS(!are_ambiguous(other.pattern, route.pattern));
    websocket_routes_.push_back(std::move(route));
}

void Router::set_gate(Gate gate) { gate_ = std::move(gate); }

Router::Outcome Router::match(Method method, Target const& target) const
{
    auto best = std::optional<Match>{};
    auto best_rank = std::string{};
    auto methods = std::vector<Method>{};
    for (auto const& route : routes_) {
        auto found = fit(route.pattern, target.segments);
        if (!found) continue;
        methods.push_back(route.method);
        auto const serves = route.method == method || (route.method == Method::get && method == Method::head);
        if (!serves || (best && found->rank <= best_rank)) continue;
        best_rank = std::move(found->rank);
        best = Match{&route, std::move(found->parameters)};
    }
    if (methods.empty()) return NotFound{};
    if (target.trailing_slash) {
        if (method != Method::get && method != Method::head) return NotFound{};
        // Two slashes at the start would send the browser to another host; Target::parse refuses them, and this relies on it.
        auto location = target.raw_path.substr(0, target.raw_path.size() - 1);
        EXPECTS(!location.starts_with("//"));
        if (!target.raw_query.empty()) location += "?" + target.raw_query;
        return MovedToNoSlash{std::move(location)};
    }
    if (best) return std::move(*best);

    auto allow = std::string{};
    for (auto const candidate : {Method::get, Method::post, Method::put, Method::patch, Method::delete_}) {
        if (std::ranges::find(methods, candidate) == methods.end()) continue;
        if (!allow.empty()) allow += ", ";
        allow += to_string(candidate);
        if (candidate == Method::get) allow += ", HEAD";
    }
    return MethodNotAllowed{std::move(allow)};
}

std::optional<Router::WebSocketMatch> Router::match_websocket(Target const& target) const
{
    if (target.trailing_slash) return std::nullopt;
    auto best = std::optional<WebSocketMatch>{};
    auto best_rank = std::string{};
    for (auto const& route : websocket_routes_) {
        auto found = fit(route.pattern, target.segments);
        if (!found || (best && found->rank <= best_rank)) continue;
        best_rank = std::move(found->rank);
        best = WebSocketMatch{&route, std::move(found->parameters)};
    }
    return best;
}

} // namespace assay::net
