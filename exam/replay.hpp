#pragma once
// Replay: the recorded commands are decided again, from the pinned exam version, and everything that follows (items, scores, theta,
// standard error, credits, decision) must come out as recorded, bit for bit.
#include "exam/sitting.hpp"

namespace assay::exam {

struct ReplayDifference {
    std::size_t index = 0; ///< of the event, from 0
    std::string member;    ///< JSON pointer into the event; empty: the event as a whole
    std::string recorded;  ///< canonical JSON, or words
    std::string derived;
    friend bool operator==(ReplayDifference const&, ReplayDifference const&) = default;
};

struct ReplayReport {
    bool identical = false;
    std::size_t events_checked = 0;             ///< that agree
    std::optional<ReplayDifference> difference; ///< the first one
    std::vector<ItemId> items;                  ///< presented, as derived
    std::optional<Outcome> outcome;             ///< as derived; nothing when the run has not ended or differs before
};

/// A log that breaks off between two commands is identical as far as it goes. Needs the responses: an erased sitting can't be replayed.
ReplayReport replay_check(PreparedExam const& exam, ResponseScorer const& scorer, std::span<Event const> events);

} // namespace assay::exam
