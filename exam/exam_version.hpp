#pragma once
// What is administered: an immutable document whose SHA-256 is its id. A sitting pins that id; whatever selects, scores, times or
// decides is in here, so that the same document and the same events give the same result years later.
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "exam/irt.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace assay::exam {

struct PoolItem {
    ItemId id;
    std::string identifier; ///< the author's, unique in the pool
    std::string area;       ///< content area of the blueprint
    ItemParameters parameters;
    bool provisional = true;     ///< the parameters are a judgement, not yet calibrated on responses
    Sha256Digest item_document;  ///< the pinned item version
    friend bool operator==(PoolItem const&, PoolItem const&) = default;
};

/// One content area's part of every form.
struct BlueprintArea {
    std::string area;
    int share = 1;   ///< parts of the sum of all shares: 1 … 1000. Integers, so that deficits compare exactly
    int minimum = 0; ///< items of this area before any stop rule counts
    friend bool operator==(BlueprintArea const&, BlueprintArea const&) = default;
};

struct LengthRule {
    int minimum = 15; ///< answered items before the run may stop by itself, or a result may pass
    int maximum = 30;
    friend bool operator==(LengthRule const&, LengthRule const&) = default;
};

/// The first `items` items are drawn at random from the `candidates` most informative ones (Kingsbury & Zara 1989).
struct RandomesqueRule {
    int candidates = 5; ///< 1: none
    int items = 5;
    friend bool operator==(RandomesqueRule const&, RandomesqueRule const&) = default;
};

/// How lost time is given back. Our own outage is always credited in full: that is no setting.
struct ClockRules {
    std::chrono::seconds disconnect_credit_each{60};   ///< a candidate's disconnect, at most this
    std::chrono::seconds disconnect_credit_total{180}; ///< … and this in a sitting
    int breaks_max = 0;                                ///< breaks that a candidate may take unasked
    std::chrono::seconds break_each{600};              ///< the clock stands at most this long in one break, then runs again
    friend bool operator==(ClockRules const&, ClockRules const&) = default;
};

enum class DecisionRule {
    estimate_reaches_cut, ///< passed when theta >= cut at the end of a complete run
};

/// scaled = slope · theta + intercept, to the nearest multiple of `step` (halves up), held within the bounds.
struct ScaledScoreLine {
    double slope = 100;
    double intercept = 500;
    double step = 1;
    double minimum = 200;
    double maximum = 800;
    friend bool operator==(ScaledScoreLine const&, ScaledScoreLine const&) = default;
};

/// The panel's record that a cut rests on.
struct StandardSettingReference {
    std::string reference; ///< what people call it
    Sha256Digest document;
    friend bool operator==(StandardSettingReference const&, StandardSettingReference const&) = default;
};

/// The rules of an exam, without its items: what an exam policy document states.
struct ExamSettings {
    std::vector<BlueprintArea> blueprint;
    LengthRule length;
    double standard_error_stop = 0.30; ///< logits: precise enough at or below this
    Theta cut;
    std::optional<StandardSettingReference> standard_setting;
    /// Near the cut a sitting runs to its maximum length: no stop while |theta - cut| <= near_cut_z · SE. 1.645: 90 %, two-sided.
    double near_cut_z = 1.645;
    RandomesqueRule randomesque;
    std::optional<std::chrono::seconds> time_limit{std::chrono::hours{1}}; ///< nothing: untimed
    ClockRules clock;
    DecisionRule decision = DecisionRule::estimate_reaches_cut;
    ScaledScoreLine scale;
    int area_feedback_minimum = 5; ///< fewer items in an area say nothing about it
    bool proctored = false;
    friend bool operator==(ExamSettings const&, ExamSettings const&) = default;
};

struct ExamVersion {
    std::string identifier;
    std::string title;
    std::string language; ///< BCP 47
    ExamSettings settings;
    std::vector<PoolItem> pool; ///< ascending by id
    friend bool operator==(ExamVersion const&, ExamVersion const&) = default;
};

/// The pool's item, or nullptr. Expects an ascending pool.
PoolItem const* find_item(ExamVersion const& version, ItemId id) noexcept;

/// The area's index in the blueprint, or nothing.
std::optional<std::size_t> area_index(ExamSettings const& settings, std::string_view area) noexcept;

/// Everything wrong with the document, one sentence each; empty: it can be administered.
std::vector<std::string> findings(ExamVersion const& version);

/// findings() of the rules alone, and of whether they fit together: what can be said before there is a pool.
std::vector<std::string> findings(ExamSettings const& settings);

/// What keeps a valid version from being published by a production tenant: no standard-setting record, provisional parameters.
std::vector<std::string> production_findings(ExamVersion const& version);

/// The score that is reported for `theta`, on the line's scale. Rounding never lifts a theta below the cut to the cut's score.
double scaled_score(ExamSettings const& settings, Theta theta) noexcept;

/// Canonical JSON of the whole document; its SHA-256 is the version's id.
json::value to_json(ExamVersion const& version);
Sha256Digest document_id(ExamVersion const& version);

/// Accepts what to_json writes: unknown, missing and mistyped members are errc::malformed_document. Says nothing about findings().
result<ExamVersion> exam_version_from_json(json::value const& document);

} // namespace assay::exam
