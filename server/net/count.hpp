#pragma once
#include "server/net/metrics.hpp"

namespace assay::net {

/// One more on a counter that is looked up each time: for what is rare.
void count(Metrics& metrics, std::string const& name, std::string const& help, Labels const& labels = {});

} // namespace assay::net
