#include "server/net/detail/edge.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace assay::net::detail {
namespace {

double seconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<double>{time}.count(); }

std::array<prometheus::Counter*, 6> request_counters(Metrics& metrics, std::string const& route, std::string_view method)
{
    auto counters = std::array<prometheus::Counter*, 6>{};
    for (auto status_class = 1; status_class <= 5; ++status_class) {
        auto const labels = Labels{{"route", route}, {"method", std::string{method}}, {"status", std::to_string(status_class) + "xx"}};
        counters[static_cast<std::size_t>(status_class)] =
            &metrics.counter("assay_http_requests_total", "Requests answered, by route pattern and status class", labels);
    }
    return counters;
}

} // namespace

EdgeMetrics::EdgeMetrics(Metrics& metrics, Router const& router)
    : first_route_{router.routes().data()}, connections_{&metrics.gauge("assay_connections", "Open TCP connections")},
      websockets_{&metrics.gauge("assay_websockets", "Open WebSocket connections")},
      refused_{&metrics.counter("assay_connections_refused_total", "Connections over a limit, closed before TLS")},
      handshakes_failed_{&metrics.counter("assay_tls_handshakes_failed_total", "TLS handshakes that failed or took too long")},
      handshake_{&metrics.histogram("assay_tls_handshake_seconds", "TLS handshakes", Metrics::latency_bounds())},
      loop_lag_{&metrics.histogram("assay_event_loop_lag_seconds", "How late a timer fires: what blocks an io thread", Metrics::latency_bounds())}
{
    for (auto const& route : router.routes()) by_route_.push_back(request_counters(metrics, route.pattern, to_string(route.method)));
    by_route_.push_back(request_counters(metrics, "none", "any"));
    for (auto i = std::size_t{0}; i < rate_class_count; ++i) {
        auto const labels = Labels{{"class", std::string{to_string(static_cast<RateClass>(i))}}};
        latency_[i] = &metrics.histogram("assay_http_request_seconds", "Header read to response written", Metrics::latency_bounds(), labels);
        rate_limited_[i] = &metrics.counter("assay_http_rate_limited_total", "Requests answered 429", labels);
    }
    latency_.back() = &metrics.histogram("assay_http_request_seconds", "Header read to response written", Metrics::latency_bounds(),
                                         Labels{{"class", "none"}});
}

void EdgeMetrics::request(Route const* route, int status, std::chrono::steady_clock::duration took) const
{
    auto const index = route != nullptr ? static_cast<std::size_t>(route - first_route_) : by_route_.size() - 1;
    auto const status_class = static_cast<std::size_t>(status / 100);
    if (status_class >= 1 && status_class <= 5) by_route_[index][status_class]->Increment();
    latency_[route != nullptr ? static_cast<std::size_t>(route->rate_class) : rate_class_count]->Observe(seconds(took));
}

void EdgeMetrics::connection_opened() const { connections_->Increment(); }
void EdgeMetrics::connection_closed() const { connections_->Decrement(); }
void EdgeMetrics::connection_refused() const { refused_->Increment(); }
void EdgeMetrics::websocket_opened() const { websockets_->Increment(); }
void EdgeMetrics::websocket_closed() const { websockets_->Decrement(); }
void EdgeMetrics::handshake(std::chrono::steady_clock::duration took) const { handshake_->Observe(seconds(took)); }
void EdgeMetrics::handshake_failed() const { handshakes_failed_->Increment(); }
void EdgeMetrics::rate_limited(RateClass rate_class) const { rate_limited_[static_cast<std::size_t>(rate_class)]->Increment(); }
void EdgeMetrics::loop_lag(std::chrono::steady_clock::duration lag) const { loop_lag_->Observe(seconds(lag)); }

} // namespace assay::net::detail
