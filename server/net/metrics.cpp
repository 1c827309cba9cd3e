#include "server/net/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sstream>

namespace assay::net {

struct Metrics::Implementation {
    prometheus::Registry registry;
};

Metrics::Metrics() : implementation_{std::make_unique<Implementation>()} {}
Metrics::~Metrics() = default;

prometheus::Counter& Metrics::counter(std::string const& name, std::string const& help, Labels const& labels)
{
    return prometheus::BuildCounter().Name(name).Help(help).Register(implementation_->registry).Add(labels);
}

prometheus::Gauge& Metrics::gauge(std::string const& name, std::string const& help, Labels const& labels)
{
    return prometheus::BuildGauge().Name(name).Help(help).Register(implementation_->registry).Add(labels);
}

prometheus::Histogram& Metrics::histogram(std::string const& name, std::string const& help, std::vector<double> const& bounds,
                                          Labels const& labels)
{
    return prometheus::BuildHistogram().Name(name).Help(help).Register(implementation_->registry).Add(labels, bounds);
}

std::vector<double> const& Metrics::latency_bounds()
{
    static auto const bounds =
        std::vector<double>{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
    return bounds;
}

std::string Metrics::exposition() const
{
    auto out = std::ostringstream{};
    prometheus::TextSerializer{}.Serialize(out, implementation_->registry.Collect());
    return out.str();
}

} // namespace assay::net
