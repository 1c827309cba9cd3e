#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}

namespace assay::net {

using Labels = std::map<std::string, std::string>;

/// The process's Prometheus registry. Thread-safe. Get a metric once and keep the reference: looking it up takes a lock.
/// Include <prometheus/counter.h> (gauge.h, histogram.h) where you use what comes back.
/// Label values are few and ours (route patterns, status classes, at most a capped set of tenants): never ids, never paths.
class Metrics {
public:
    Metrics();
    ~Metrics();

    prometheus::Counter& counter(std::string const& name, std::string const& help, Labels const& labels = {});
    prometheus::Gauge& gauge(std::string const& name, std::string const& help, Labels const& labels = {});
    /// `bounds` in the unit that the name ends in, ascending.
    prometheus::Histogram& histogram(std::string const& name, std::string const& help, std::vector<double> const& bounds,
                                     Labels const& labels = {});

    /// 0.5 ms to 10 s, for latencies in seconds.
    static std::vector<double> const& latency_bounds();

    std::string exposition() const; ///< text format 0.0.4

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

} // namespace assay::net
