#pragma once
// QTI usage data: the item statistics that accompany a package or stand alone.
#include "core/bytes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace assay::exam::qti {

/// Item statistics of a usage-data document (imsqti_usagedata_v3p0 and 2.x).
struct UsageParameters {
    std::optional<double> discrimination;  ///< A-Parm, as written: the metric is the document's
    std::optional<double> difficulty;      ///< B-Parm
    std::optional<double> pseudo_guessing; ///< C-Parm
    std::uint64_t case_count = 0;          ///< the smallest of the three
    std::string context;
    bool provisional = true; ///< no responses stand behind them (caseCount 0 or absent)
};

/// What one or several usage-data documents say.
struct UsageData {
    std::map<std::string, UsageParameters> items; ///< by item identifier
    std::vector<std::string> order;               ///< the identifiers as they first appear
    std::set<std::string> left_out;               ///< names of statistics that are not taken over
    std::vector<std::string> notes;               ///< what could not be read

    /// Adds the document `bytes`; `path` is what notes call it. Never throws on any bytes; where two values contradict, the first counts.
    void read(std::string const& path, ByteView bytes);
};

/// Is this a usage-data document (its root element)?
bool is_usage_data(ByteView xml);

} // namespace assay::exam::qti
