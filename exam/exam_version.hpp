#pragma once
// What is administered: an immutable document whose SHA-256 is its id. A sitting pins that id; whatever selects, scores, times or
// decides is in here, so that the same document and the same events give the same result years later.
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "exam/adaptive/criterion.hpp"
#include "exam/adaptive/exposure.hpp"
#include "exam/adaptive/stopping.hpp"
#include "exam/assembly/program.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace assay::exam {

struct PoolItem {
    ItemId id;
    std::string identifier; ///< the author's, unique in the pool
    std::string area;       ///< content area of the blueprint
    ItemModel model = ItemModel::dichotomous(ModelKind::three_parameter, 1, 0);
    bool provisional = true;     ///< the parameters are a judgement, not yet calibrated on responses
    Sha256Digest item_document;  ///< the pinned item version
    // What form rules may speak of; empty and 0: they leave this item alone.
    std::string type;    ///< item type, as "choice"
    std::string key;     ///< position of the right answer, as "B"
    double words = 0;    ///< to read
    double seconds = 0;  ///< expected response time
    double administration_probability = 1; ///< Sympson-Hetter: once selected, the item is presented with this probability
    friend bool operator==(PoolItem const&, PoolItem const&) = default;
};

/// One content area's part of every form.
struct BlueprintArea {
    std::string area;
    int share = 1;   ///< parts of the sum of all shares: 1 … 1000. Integers, so that deficits compare exactly. Without FormRules only
    int minimum = 0; ///< items of this area before any stop rule counts
    std::optional<int> maximum = std::nullopt; ///< items of this area at most. With FormRules only
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

/// Where the items of a sitting come from.
enum class SelectionMode {
    adaptive, ///< each by what the answers before it say
    linear,   ///< from the form in the document, the same for everybody
    loft,     ///< from a form that is assembled for the candidate when the sitting opens ("linear on the fly")
    stages,   ///< from modules of the document: one a stage, by what the answers of the stages before it say (multistage test)
};
std::string_view to_string(SelectionMode mode) noexcept; ///< adaptive, linear, loft, stages

/// The forms of the modes that fix them beforehand. Of the stop rules only length and time are asked then.
struct FixedFormRule {
    std::vector<std::string> items; ///< linear: the form, by identifier, in its order; a testlet's items one after the other
    bool shuffled = false;          ///< linear: the order is drawn for each sitting, as it always is in loft; testlets and passages stay together
    double randomness = 0.5;        ///< loft: how much of an item's worth is drawn, 0 … 1; the rest is its information at the cut
    friend bool operator==(FixedFormRule const&, FixedFormRule const&) = default;
};

/// Items that are chosen together, by what is known before the first of them: a block. The stop rules are asked when it is over.
struct BlockRule {
    int items = 1;       ///< 1 … 500, of a fixed form and of adaptive selection alike; a block ends later only to finish a testlet. 1: no blocks. In the mode stages a block is a module
    bool review = false; ///< answers may be changed until the block is handed in (Wainer's trick reaches no further than a block)
    friend bool operator==(BlockRule const&, BlockRule const&) = default;
};

/// Items that the mode stages presents together.
struct StageModule {
    std::string name;               ///< no other module's of the exam
    std::string panel;              ///< a sitting sees the modules of one panel; empty is a name like others
    std::vector<std::string> items; ///< by identifier, in their order; a testlet's one after the other
    std::optional<double> target;   ///< logits: where its items tell most, as they were assembled (stage_assembly.hpp)
    std::optional<double> from;     ///< logits: presented where the estimate is at least this. Else the module is chosen that tells most at the estimate
    friend bool operator==(StageModule const&, StageModule const&) = default;
};
struct Stage {
    int items = 0;                    ///< of each module that is assembled; 0: the modules name theirs
    std::vector<StageModule> modules; ///< in the order of the document, which settles ties
    friend bool operator==(Stage const&, Stage const&) = default;
};

/// How good each candidate item is as the next one (adaptive/criterion.hpp has the definitions).
struct SelectionRule {
    adaptive::Criterion criterion = adaptive::Criterion::mfi;
    std::optional<adaptive::Criterion> start; ///< another criterion for the first `start_items` items, while theta is hardly known
    int start_items = 5;
    bool predictive_from_posterior = false; ///< mei, mepv
    bool expected_information = false;      ///< mei
    int strata = 4;                         ///< a_stratified, 1 … 20
    double acceleration = 1;                ///< progressive, 0 … 10
    SelectionMode mode = SelectionMode::adaptive; ///< in the others the rest is not asked
    friend bool operator==(SelectionRule const&, SelectionRule const&) = default;
};

/// How an item is kept from being shown to everybody. What a rule learns from other sittings is drawn when a sitting opens and recorded
/// there; the draw among the best items is RandomesqueRule.
struct ExposureLimit {
    adaptive::ExposureRule rule = adaptive::ExposureRule::none; ///< any but randomesque
    double rate = 0.25; ///< share of sittings that an item may appear in, 0.01 … 1
    friend bool operator==(ExposureLimit const&, ExposureLimit const&) = default;
};

/// Stop rules beside length and standard error; absent ones are not asked.
struct FurtherStopRules {
    std::optional<double> class_probability;
    std::optional<adaptive::CutTest> sprt;
    std::optional<adaptive::CutTest> glr;
    std::optional<double> confidence_z;
    std::optional<double> curtailment_z;
    std::optional<double> minimum_information;
    std::optional<adaptive::Plateau> plateau;
    std::optional<std::chrono::seconds> time; ///< from the start, credited time left out: no further item once so much was used
    bool all = false;                         ///< every rule that is set must agree, the standard error among them, instead of any
    friend bool operator==(FurtherStopRules const&, FurtherStopRules const&) = default;
};

/// Items that are presented one after the other and scored as one, never as independent ones: their points together reach a category of `model`
/// (category_of). It is chosen whole, by what it tells an item, and counts as many items as it has; what its items are worth by themselves is not asked.
struct Testlet {
    std::string name;               ///< no other testlet's, no item's identifier
    std::vector<std::string> items; ///< by identifier, in the order of presentation: 2 … 50 of one area
    ItemModel model = ItemModel::of({.kind = ModelKind::generalized_partial_credit, .slopes = {1}, .thresholds = {0, 0}}); ///< GRM, GPCM or PCM
    bool provisional = true;        ///< the parameters are a judgement, not yet calibrated on responses
    friend bool operator==(Testlet const&, Testlet const&) = default;
};

/// What a form has to satisfy beside its length and areas. With these rules, even without a single constraint, every item comes out of a
/// shadow test (assembly/shadow.hpp) and areas are held to minimum and maximum; without them areas take turns by their shares.
struct FormRules {
    std::map<std::string, assembly::Range> types;
    std::map<std::string, assembly::Range> keys;
    assembly::Range words;
    assembly::Range seconds;
    std::optional<assembly::PassageRule> passages;
    std::map<std::string, std::vector<std::string>> passage_items; ///< by the passage's name; here and below, items by identifier
    std::vector<Testlet> testlets;
    std::vector<std::vector<std::string>> enemies;
    std::vector<std::vector<std::string>> friends;
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    friend bool operator==(FormRules const&, FormRules const&) = default;
};

/// Items that are tried out. Every sitting presents `slots` of them among the others, at ordinals and by weights of which selection.hpp speaks. They look
/// like any other item, take the candidate's time like any other, and count for nothing: theta, stop rules, length, areas and result know nothing of them.
struct PretestRule {
    int slots = 0; ///< of each sitting, 0 … 50
    friend bool operator==(PretestRule const&, PretestRule const&) = default;
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
    std::optional<double> standard_error_stop = 0.30; ///< logits: precise enough at or below this; nothing: not asked
    Theta cut;
    std::optional<StandardSettingReference> standard_setting;
    /// Near the cut a sitting runs to its maximum length: no stop while |theta - cut| <= near_cut_z · SE. 1.645: 90 %, two-sided.
    double near_cut_z = 1.645;
    RandomesqueRule randomesque;
    SelectionRule selection;
    ExposureLimit exposure;
    FurtherStopRules stop;
    std::optional<FormRules> form;
    FixedFormRule fixed_form;
    BlockRule block;
    std::vector<Stage> stages; ///< in their order; the mode stages alone
    /// Items made from one template, by the family's name, as identifiers of the pool or of pretest items: no sitting has two of a family, and with
    /// retake_excludes_seen whoever has seen one has seen its siblings.
    std::map<std::string, std::vector<std::string>> families;
    PretestRule pretest;
    std::optional<std::chrono::seconds> time_limit{std::chrono::hours{1}}; ///< nothing: untimed
    ClockRules clock;
    DecisionRule decision = DecisionRule::estimate_reaches_cut;
    ScaledScoreLine scale;
    int area_feedback_minimum = 5; ///< fewer items in an area say nothing about it
    /// An area whose score is less reliable than this says nothing about the candidate (AreaOutcome::reliability). Nothing: not asked.
    std::optional<double> area_reliability_minimum = 0.7;
    bool proctored = false;
    bool retake_excludes_seen = false; ///< what a person was asked in earlier sittings of the exam is not asked again
    friend bool operator==(ExamSettings const&, ExamSettings const&) = default;
};

struct ExamVersion {
    std::string identifier;
    std::string title;
    std::string language; ///< BCP 47
    ExamSettings settings;
    std::vector<PoolItem> pool; ///< ascending by id
    std::vector<PoolItem> pretest; ///< ascending by id, none of the pool: what the hidden slots present. Their parameters say how many categories they have
    friend bool operator==(ExamVersion const&, ExamVersion const&) = default;
};

/// The pool's item, or nullptr. Expects an ascending pool.
PoolItem const* find_item(ExamVersion const& version, ItemId id) noexcept;

/// The item of the pool or of the pretest items, or nullptr: whatever a sitting may present.
PoolItem const* find_presentable(ExamVersion const& version, ItemId id) noexcept;

/// Places in the pool, by identifier.
std::map<std::string_view, std::size_t> places_in_pool(ExamVersion const& version);

/// Whether items are chosen several at a time: blocks of more than one, or modules.
bool has_blocks(ExamSettings const& settings) noexcept;

/// The length that candidates see: the pretest slots are among the questions, and a form that is the same for everybody has its own.
LengthRule presented_length(ExamSettings const& settings) noexcept;

/// The area's index in the blueprint, or nothing.
std::optional<std::size_t> area_index(ExamSettings const& settings, std::string_view area) noexcept;

/// A three-parameter item as a bank states it: a 0.05 … 10 per logit, b -10 … 10 logits, c 0 … 0.5. errc::invalid_parameters outside of these.
result<ItemModel> three_parameter_item(double a, double b, double c);

/// Mean within -3 … 3 and standard deviation within 0.3 … 3: what an exam may use.
bool is_valid(Prior const& prior) noexcept;

/// The category that `score` of `max_score` reaches: the last one for full credit; otherwise, of m steps, as many as the share of points
/// pays for in full (to 1e-9 of a step). Two categories: full credit or not.
std::size_t category_of(ItemModel const& model, double score, double max_score) noexcept;

/// The rules as adaptive/stopping.hpp asks them; time is asked by the sitting, which has the clock.
adaptive::StopRules stop_rules(ExamSettings const& settings);

/// Length, areas and form rules as one blueprint, and the pool as the bank that it is about. Expects form rules.
assembly::Blueprint form_blueprint(ExamSettings const& settings);
ItemBank form_bank(ExamVersion const& version);
/// The two as a 0/1 program over the pool's items in their order. Enemy sets may name pretest items too, which no form counts; a testlet's items go together.
read_result<assembly::Program> form_program(ExamVersion const& version);

/// How many of these items (all but those that `out` marks, by place in the pool; empty: none) a sitting could have: of a family one. In all, and by area of
/// the blueprint.
struct Supply {
    int items = 0;
    std::vector<int> areas;
};
Supply supply_of(ExamVersion const& version, std::span<std::uint8_t const> out);

/// Everything wrong with the document, one sentence each; empty: it can be administered. With form rules a form is sought, which is work for
/// a pool, and where there is none the sentences say which requirements can't hold.
std::vector<std::string> findings(ExamVersion const& version);

/// findings() of the rules alone, and of whether they fit together: what can be said before there is a pool.
std::vector<std::string> findings(ExamSettings const& settings);

/// What a programme owner should know of a valid version before publishing it: a pool too small for a retake without the items seen before.
std::vector<std::string> warnings(ExamVersion const& version);

/// What keeps a valid version from being published by a production tenant: no standard-setting record, provisional parameters.
std::vector<std::string> production_findings(ExamVersion const& version);

/// The score that is reported for `theta`, on the line's scale. Rounding never lifts a theta below the cut to the cut's score.
double scaled_score(ExamSettings const& settings, Theta theta) noexcept;

/// {"kind": "GPCM", "a": […], "b": […], "c": 0, "d": 1}, as in models/item_model.hpp.
json::value to_json(ItemModel const& model);
/// errc::invalid_parameters for what is no model.
result<ItemModel> item_model_from_json(json::value const& document);

/// Canonical JSON of the whole document; its SHA-256 is the version's id.
json::value to_json(ExamVersion const& version);
Sha256Digest document_id(ExamVersion const& version);

/// Accepts what to_json writes: unknown, missing and mistyped members are errc::malformed_document. Says nothing about findings().
result<ExamVersion> exam_version_from_json(json::value const& document);

} // namespace assay::exam
