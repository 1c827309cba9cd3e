#include "server/net/count.hpp"

#include <prometheus/counter.h>

namespace assay::net {

void count(Metrics& metrics, std::string const& name, std::string const& help, Labels const& labels) { metrics.counter(name, help, labels).Increment(); }

} // namespace assay::net
