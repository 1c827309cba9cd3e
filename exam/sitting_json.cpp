#include "exam/sitting_json.hpp"

#include "exam/detail/json_fields.hpp"
#include "exam/errors.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

using detail::JsonFields;

// In the order of the variant, and of the enumerators.
constexpr std::string_view event_words[] = {
    "sitting_opened",      "sitting_started", "item_presented", "response_recorded", "attachment_changed",
    "connection_lost",     "connection_restored", "time_credited",  "minutes_added",     "paused",
    "resumed",             "submitted",       "timed_out",      "terminated",        "score_finalised",
    "item_withdrawn",      "block_chosen",    "block_closed"};
static_assert(std::size(event_words) == std::variant_size_v<Event>);
constexpr std::string_view pause_words[] = {"network", "break", "proctor", "staff"};
constexpr std::string_view credit_words[] = {"outage", "disconnect", "pause"};
constexpr std::string_view cause_words[] = {"candidate", "precision_reached", "maximum_length", "bank_exhausted",
    "class_probability_reached", "probability_ratio_decided", "likelihood_ratio_decided", "confidence_interval_clear",
    "nothing_left_to_learn", "estimate_settled", "planned_time_used", "form_complete", "class_settled"};
constexpr std::string_view reason_words[] = {"estimate_reaches_cut", "estimate_below_cut", "minimum_length_not_reached",
                                             "blueprint_minimum_not_reached", "run_terminated"};
constexpr std::string_view band_words[] = {"below", "near_cut", "above"};
constexpr std::string_view feedback_words[] = {"too_few_items", "weaker", "about_the_cut", "stronger"};

template <class Enumeration, std::size_t N>
json::string_view word_of(Enumeration value, std::string_view const (&words)[N])
{
    auto const index = static_cast<std::size_t>(value);
    EXPECTS(index < N);
    return {words[index].data(), words[index].size()};
}

json::array ids_to_json(std::vector<ItemId> const& ids)
{
    auto array = json::array{};
    for (auto const& id : ids) array.push_back(json::value(to_string(id)));
    return array;
}

json::object response_to_json(ResponseSet const& response)
{
    auto object = json::object{};
    for (auto const& [identifier, values] : response) {
        auto array = json::array{};
        for (auto const& value : values) array.push_back(json::value(value));
        object[identifier] = std::move(array);
    }
    return object;
}

ResponseSet read_response(JsonFields& in)
{
    auto response = ResponseSet{};
    auto const* value = in.take("response");
    auto const* object = value == nullptr ? nullptr : value->if_object();
    in.require(object != nullptr);
    if (object == nullptr) return response;
    for (auto const& [identifier, values] : *object) {
        auto& given = response[std::string{identifier}];
        auto const* array = values.if_array();
        in.require(array != nullptr);
        if (array == nullptr) continue;
        for (auto const& each : *array) {
            auto const* text = each.if_string();
            in.require(text != nullptr);
            if (text != nullptr) given.emplace_back(text->data(), text->size());
        }
    }
    return response;
}

Outcome read_outcome(JsonFields& in)
{
    auto outcome = Outcome{};
    outcome.passed = in.boolean("passed");
    for (auto const& value : in.array("reasons")) outcome.reasons.push_back(in.word_in<OutcomeReason>(value, reason_words));
    outcome.estimate = {.theta = {in.real("theta")}, .standard_error = in.real("standard_error")};
    outcome.scaled = in.real("scaled");
    outcome.scaled_cut = in.real("scaled_cut");
    outcome.band = in.word<CutBand>("band", band_words);
    for (auto const& value : in.array("areas")) {
        auto area = JsonFields{value};
        outcome.areas.push_back({.area = area.text("area"),
                                 .answered = area.integer("answered"),
                                 .correct = area.integer("correct"),
                                 .reliability = area.optional_real("reliability"),
                                 .feedback = area.word<AreaFeedback>("feedback", feedback_words)});
        in.require(area.good());
    }
    outcome.items = in.ids<ItemId>("items");
    return outcome;
}

/// The members of each kind of event, beside event, v and at.
struct Writer {
    json::object& out;

    void operator()(SittingOpened const& e) const
    {
        out["exam_version"] = to_string(e.exam_version);
        out["seed"] = to_hex(e.seed);
        out["rules_document"] = to_string(e.rules_document);
        out["rules_accepted_at"] = to_rfc3339(e.rules_accepted_at);
        out["extra_minutes"] = e.extra.count();
        out["prior_mean"] = e.prior.mean;
        out["prior_sd"] = e.prior.standard_deviation;
        out["banned"] = ids_to_json(e.banned);
        // The rest as events of before, which know nothing of it: only where it says something.
        auto lists = json::array{};
        for (auto const& list : e.ineligible) lists.push_back(ids_to_json(list));
        if (!lists.empty()) out["ineligible"] = std::move(lists);
        auto weights = json::array{};
        for (auto const& each : e.pretest) weights.push_back(json::array{to_string(each.item), each.weight});
        if (!weights.empty()) out["pretest"] = std::move(weights);
        if (!e.form.empty()) out["form"] = ids_to_json(e.form);
    }
    void operator()(SittingStarted const&) const {}
    void operator()(ItemPresented const& e) const
    {
        out["ordinal"] = e.ordinal;
        out["item"] = to_string(e.item);
    }
    void operator()(ResponseRecorded const& e) const
    {
        out["attachment"] = e.attachment;
        out["ordinal"] = e.ordinal;
        out["item"] = to_string(e.item);
        out["response"] = response_to_json(e.response);
        out["score"] = e.score.score;
        out["max_score"] = e.score.max_score;
        out["claimed_time_ms"] = e.claimed_time.count();
    }
    void operator()(AttachmentChanged const& e) const { out["attachment"] = e.attachment; }
    void operator()(ConnectionLost const& e) const
    {
        out["attachment"] = e.attachment;
        out["since"] = to_rfc3339(e.since);
    }
    void operator()(ConnectionRestored const& e) const { out["attachment"] = e.attachment; }
    void operator()(TimeCredited const& e) const
    {
        out["reason"] = word_of(e.reason, credit_words);
        out["from"] = to_rfc3339(e.from);
        out["to"] = to_rfc3339(e.to);
        out["amount_us"] = e.amount.count();
    }
    void operator()(MinutesAdded const& e) const
    {
        out["by"] = to_string(e.by);
        out["minutes"] = e.minutes.count();
        out["reason"] = e.reason;
    }
    void operator()(Paused const& e) const
    {
        out["kind"] = word_of(e.kind, pause_words);
        if (e.by) out["by"] = to_string(*e.by);
        out["reason"] = e.reason;
    }
    void operator()(Resumed const& e) const
    {
        if (e.by) out["by"] = to_string(*e.by);
    }
    void operator()(Submitted const& e) const { out["cause"] = word_of(e.cause, cause_words); }
    void operator()(TimedOut const& e) const { out["closed_at"] = to_rfc3339(e.closed_at); }
    void operator()(Terminated const& e) const
    {
        out["by"] = to_string(e.by);
        out["reason"] = e.reason;
    }
    void operator()(ScoreFinalised const& e) const { out["outcome"] = to_json(e.outcome); }
    void operator()(ItemWithdrawn const& e) const { out["item"] = to_string(e.item); }
    void operator()(BlockChosen const& e) const
    {
        out["items"] = ids_to_json(e.items);
        if (!e.module.empty()) out["module"] = e.module;
    }
    void operator()(BlockClosed const& e) const { out["attachment"] = e.attachment; }
};

Ineligible read_ineligible(JsonFields& in)
{
    auto lists = Ineligible{};
    for (auto const& value : in.array("ineligible")) {
        auto& list = lists.emplace_back();
        in.require(value.is_array());
        for (auto const& each : value.is_array() ? value.get_array() : json::array{}) {
            auto const* written = each.if_string();
            auto const id = written == nullptr ? std::nullopt : ([&]() -> std::optional<ItemId> {
                auto const parsed = parse_id<ItemId>(std::string_view{written->data(), written->size()});
                return parsed ? std::optional{*parsed} : std::nullopt;
            })();
            in.require(id.has_value());
            if (id) list.push_back(*id);
        }
    }
    in.require(!lists.empty() && is_valid(lists));
    return lists;
}

/// [[id, weight], …]
PretestWeights read_pretest(JsonFields& in)
{
    auto weights = PretestWeights{};
    for (auto const& value : in.array("pretest")) {
        auto const* pair = value.if_array();
        auto const* written = pair != nullptr && pair->size() == 2 ? pair->at(0).if_string() : nullptr;
        auto const id = written == nullptr ? result<ItemId>{errc::malformed_event} : parse_id<ItemId>(std::string_view{written->data(), written->size()});
        in.require(id.has_value());
        if (id) weights.push_back({*id, in.real_of(pair->at(1))});
    }
    in.require(!weights.empty() && is_valid(weights));
    return weights;
}

Event read_event(std::string_view name, Timestamp at, JsonFields& in)
{
    // Braces evaluate from left to right; each member is taken once.
    if (name == "sitting_opened") {
        auto opened = SittingOpened{.at = at, .exam_version = in.digest("exam_version")};
        auto const seed = from_hex(in.text("seed"));
        in.require(seed.has_value() && seed->size() == opened.seed.size());
        if (seed.has_value() && seed->size() == opened.seed.size()) std::copy(seed->begin(), seed->end(), opened.seed.begin());
        opened.rules_document = in.digest("rules_document");
        opened.rules_accepted_at = in.instant("rules_accepted_at");
        opened.extra = in.duration<std::chrono::minutes>("extra_minutes");
        opened.prior = {.mean = in.real("prior_mean"), .standard_deviation = in.real("prior_sd")};
        opened.banned = in.ids<ItemId>("banned");
        if (in.has("ineligible")) opened.ineligible = read_ineligible(in);
        if (in.has("pretest")) opened.pretest = read_pretest(in);
        if (in.has("form")) {
            opened.form = in.ids<ItemId>("form");
            in.require(!opened.form.empty());
        }
        return opened;
    }
    if (name == "item_withdrawn") return ItemWithdrawn{at, in.id<ItemId>("item")};
    if (name == "block_chosen") {
        auto chosen = BlockChosen{.at = at, .items = in.ids<ItemId>("items"), .module = {}};
        if (in.has("module")) {
            chosen.module = in.text("module");
            in.require(!chosen.module.empty());
        }
        return chosen;
    }
    if (name == "block_closed") return BlockClosed{at, in.integer<std::uint32_t>("attachment")};
    if (name == "sitting_started") return SittingStarted{at};
    if (name == "item_presented") return ItemPresented{at, in.integer<std::uint32_t>("ordinal"), in.id<ItemId>("item")};
    if (name == "response_recorded")
        return ResponseRecorded{.at = at,
                                .attachment = in.integer<std::uint32_t>("attachment"),
                                .ordinal = in.integer<std::uint32_t>("ordinal"),
                                .item = in.id<ItemId>("item"),
                                .response = read_response(in),
                                .score = {in.real("score"), in.real("max_score")},
                                .claimed_time = in.duration<std::chrono::milliseconds>("claimed_time_ms")};
    if (name == "attachment_changed") return AttachmentChanged{at, in.integer<std::uint32_t>("attachment")};
    if (name == "connection_lost") return ConnectionLost{at, in.integer<std::uint32_t>("attachment"), in.instant("since")};
    if (name == "connection_restored") return ConnectionRestored{at, in.integer<std::uint32_t>("attachment")};
    if (name == "time_credited")
        return TimeCredited{at, in.word<CreditReason>("reason", credit_words), in.instant("from"), in.instant("to"),
                            in.duration<Microseconds>("amount_us")};
    if (name == "minutes_added")
        return MinutesAdded{at, in.id<StaffId>("by"), in.duration<std::chrono::minutes>("minutes"), in.text("reason")};
    if (name == "paused")
        return Paused{at, in.word<PauseKind>("kind", pause_words), in.optional_id<StaffId>("by"), in.text("reason")};
    if (name == "resumed") return Resumed{at, in.optional_id<StaffId>("by")};
    if (name == "submitted") return Submitted{at, in.word<SubmitCause>("cause", cause_words)};
    if (name == "timed_out") return TimedOut{at, in.instant("closed_at")};
    if (name == "terminated") return Terminated{at, in.id<StaffId>("by"), in.text("reason")};
    if (name == "score_finalised") {
        static auto const nothing = json::value{};
        auto const* value = in.take("outcome");
        auto fields = JsonFields{value == nullptr ? nothing : *value};
        auto finalised = ScoreFinalised{at, read_outcome(fields)};
        in.require(fields.good());
        return finalised;
    }
    in.require(false);
    return SittingStarted{at};
}

} // namespace

std::string_view event_name(Event const& event) noexcept { return event_words[event.index()]; }

json::value to_json(Outcome const& outcome)
{
    auto reasons = json::array{};
    for (auto const reason : outcome.reasons) reasons.push_back(word_of(reason, reason_words));
    auto areas = json::array{};
    for (auto const& area : outcome.areas) {
        auto object = json::object{{"area", area.area},
                                   {"answered", area.answered},
                                   {"correct", area.correct},
                                   {"feedback", word_of(area.feedback, feedback_words)}};
        if (area.reliability) object["reliability"] = *area.reliability;
        areas.push_back(std::move(object));
    }
    return json::object{{"passed", outcome.passed},
                        {"reasons", std::move(reasons)},
                        {"theta", outcome.estimate.theta.logits},
                        {"standard_error", outcome.estimate.standard_error},
                        {"scaled", outcome.scaled},
                        {"scaled_cut", outcome.scaled_cut},
                        {"band", word_of(outcome.band, band_words)},
                        {"areas", std::move(areas)},
                        {"items", ids_to_json(outcome.items)}};
}

json::value to_json(Event const& event)
{
    auto out = json::object{};
    out["event"] = word_of(event.index(), event_words);
    out["v"] = 1;
    out["at"] = to_rfc3339(at(event));
    std::visit(Writer{out}, event);
    return out;
}

result<Event> event_from_json(json::value const& document)
{
    auto in = JsonFields{document};
    auto const name = in.text("event");
    in.require(in.integer("v") == 1);
    auto const at = in.instant("at");
    auto event = read_event(name, at, in);
    if (!in.good()) return errc::malformed_event;
    return event;
}

} // namespace assay::exam
