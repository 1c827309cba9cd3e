#include "exam/detail/json_fields.hpp"
#include "exam/errors.hpp"
#include "exam/exam_version.hpp"

namespace assay::exam {
namespace {

constexpr auto format = std::string_view{"assay.exam-version.v1"};
constexpr std::string_view decision_words[] = {"estimate_reaches_cut"};

using detail::JsonFields;

json::value parameters_to_json(ItemParameters const& item)
{
    return json::object{{"discrimination", item.discrimination()},
                        {"difficulty", item.difficulty()},
                        {"pseudo_guessing", item.pseudo_guessing()}};
}

json::value item_to_json(PoolItem const& item)
{
    return json::object{{"id", to_string(item.id)},
                        {"identifier", item.identifier},
                        {"area", item.area},
                        {"parameters", parameters_to_json(item.parameters)},
                        {"provisional", item.provisional},
                        {"item_document", to_string(item.item_document)}};
}

json::value settings_to_json(ExamSettings const& settings)
{
    auto blueprint = json::array{};
    for (auto const& area : settings.blueprint)
        blueprint.push_back(json::object{{"area", area.area}, {"share", area.share}, {"minimum", area.minimum}});
    auto const& clock = settings.clock;
    auto const& scale = settings.scale;
    auto object = json::object{
        {"blueprint", std::move(blueprint)},
        {"length", json::object{{"minimum", settings.length.minimum}, {"maximum", settings.length.maximum}}},
        {"standard_error_stop", settings.standard_error_stop},
        {"cut", settings.cut.logits},
        {"near_cut_z", settings.near_cut_z},
        {"randomesque", json::object{{"candidates", settings.randomesque.candidates}, {"items", settings.randomesque.items}}},
        {"clock", json::object{{"disconnect_credit_each_seconds", clock.disconnect_credit_each.count()},
                               {"disconnect_credit_total_seconds", clock.disconnect_credit_total.count()},
                               {"breaks_max", clock.breaks_max},
                               {"break_each_seconds", clock.break_each.count()}}},
        {"decision", json::string_view{decision_words[static_cast<std::size_t>(settings.decision)]}},
        {"scale", json::object{{"slope", scale.slope},
                               {"intercept", scale.intercept},
                               {"step", scale.step},
                               {"minimum", scale.minimum},
                               {"maximum", scale.maximum}}},
        {"area_feedback_minimum", settings.area_feedback_minimum},
        {"proctored", settings.proctored}};
    if (settings.time_limit) object["time_limit_seconds"] = settings.time_limit->count();
    if (settings.standard_setting)
        object["standard_setting"] = json::object{{"reference", settings.standard_setting->reference},
                                                  {"document", to_string(settings.standard_setting->document)}};
    return object;
}

template <class Read>
void read_object(JsonFields& parent, json::value const* value, Read read)
{
    if (value == nullptr) return;
    auto fields = JsonFields{*value};
    read(fields);
    parent.require(fields.good());
}

ItemParameters read_parameters(JsonFields& parent)
{
    auto values = ItemParameters::Values{};
    read_object(parent, parent.take("parameters"), [&](JsonFields& in) {
        values = {.discrimination = in.real("discrimination"),
                  .difficulty = in.real("difficulty"),
                  .pseudo_guessing = in.real("pseudo_guessing")};
    });
    auto const item = ItemParameters::create(values);
    parent.require(item.has_value());
    return item ? *item : ItemParameters{};
}

PoolItem read_item(JsonFields& in)
{
    return {.id = in.id<ItemId>("id"),
            .identifier = in.text("identifier"),
            .area = in.text("area"),
            .parameters = read_parameters(in),
            .provisional = in.boolean("provisional"),
            .item_document = in.digest("item_document")};
}

ExamSettings read_settings(JsonFields& in)
{
    auto out = ExamSettings{};
    for (auto const& value : in.array("blueprint"))
        read_object(in, &value, [&](JsonFields& area) {
            out.blueprint.push_back({area.text("area"), area.integer("share"), area.integer("minimum")});
        });
    read_object(in, in.take("length"), [&](JsonFields& length) { out.length = {length.integer("minimum"), length.integer("maximum")}; });
    out.standard_error_stop = in.real("standard_error_stop");
    out.cut = {in.real("cut")};
    out.near_cut_z = in.real("near_cut_z");
    read_object(in, in.take("randomesque"),
                [&](JsonFields& rule) { out.randomesque = {rule.integer("candidates"), rule.integer("items")}; });
    read_object(in, in.take("clock"), [&](JsonFields& clock) {
        out.clock = {.disconnect_credit_each = clock.duration<std::chrono::seconds>("disconnect_credit_each_seconds"),
                     .disconnect_credit_total = clock.duration<std::chrono::seconds>("disconnect_credit_total_seconds"),
                     .breaks_max = clock.integer("breaks_max"),
                     .break_each = clock.duration<std::chrono::seconds>("break_each_seconds")};
    });
    out.decision = in.word<DecisionRule>("decision", decision_words);
    read_object(in, in.take("scale"), [&](JsonFields& scale) {
        out.scale = {.slope = scale.real("slope"),
                     .intercept = scale.real("intercept"),
                     .step = scale.real("step"),
                     .minimum = scale.real("minimum"),
                     .maximum = scale.real("maximum")};
    });
    out.area_feedback_minimum = in.integer("area_feedback_minimum");
    out.proctored = in.boolean("proctored");
    out.time_limit = in.optional_duration<std::chrono::seconds>("time_limit_seconds");
    read_object(in, in.take_optional("standard_setting"), [&](JsonFields& record) {
        out.standard_setting = StandardSettingReference{record.text("reference"), record.digest("document")};
    });
    return out;
}

} // namespace

json::value to_json(ExamVersion const& version)
{
    auto pool = json::array{};
    pool.reserve(version.pool.size());
    for (auto const& item : version.pool) pool.push_back(item_to_json(item));
    return json::object{{"format", json::string_view{format}}, {"identifier", version.identifier},
                        {"title", version.title},              {"language", version.language},
                        {"settings", settings_to_json(version.settings)}, {"pool", std::move(pool)}};
}

Sha256Digest document_id(ExamVersion const& version) { return sha256(canonical_json(to_json(version))); }

result<ExamVersion> exam_version_from_json(json::value const& document)
{
    auto in = JsonFields{document};
    auto version = ExamVersion{};
    in.require(in.text("format") == format);
    version.identifier = in.text("identifier");
    version.title = in.text("title");
    version.language = in.text("language");
    read_object(in, in.take("settings"), [&](JsonFields& settings) { version.settings = read_settings(settings); });
    for (auto const& value : in.array("pool")) read_object(in, &value, [&](JsonFields& item) { version.pool.push_back(read_item(item)); });
    if (!in.good()) return errc::malformed_document;
    return version;
}

} // namespace assay::exam
