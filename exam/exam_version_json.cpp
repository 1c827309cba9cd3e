#include "exam/detail/json_fields.hpp"
#include "exam/errors.hpp"
#include "exam/exam_version.hpp"

#include <boost/json/value_from.hpp>

namespace assay::exam {
namespace {

constexpr auto format = std::string_view{"assay.exam-version.v1"};
constexpr std::string_view decision_words[] = {"estimate_reaches_cut"};
constexpr std::string_view mode_words[] = {"adaptive", "linear", "loft", "stages"};

using detail::JsonFields;

// A three-parameter item is written as it always was, so that documents keep their ids; every other model as "model".
void write_model(json::object& out, ItemModel const& model)
{
    if (model.kind() == ModelKind::three_parameter) {
        out["parameters"] = json::object{{"discrimination", model.slope()}, {"difficulty", model.threshold()}, {"pseudo_guessing", model.lower()}};
        return;
    }
    out["model"] = to_json(model);
}

json::value item_to_json(PoolItem const& item)
{
    auto out = json::object{{"id", to_string(item.id)},
                            {"identifier", item.identifier},
                            {"area", item.area},
                            {"provisional", item.provisional},
                            {"item_document", to_string(item.item_document)}};
    write_model(out, item.model);
    if (!item.type.empty()) out["type"] = item.type;
    if (!item.key.empty()) out["key"] = item.key;
    if (item.words != 0) out["words"] = item.words;
    if (item.seconds != 0) out["seconds"] = item.seconds;
    if (item.administration_probability != 1) out["administration_probability"] = item.administration_probability;
    return out;
}

// ---- members that documents of before don't have: written only where they say something else than those documents mean

json::object test_to_json(adaptive::CutTest const& test) { return {{"alpha", test.alpha}, {"beta", test.beta}, {"delta", test.delta}}; }

json::object selection_to_json(SelectionRule const& rule)
{
    auto out = json::object{{"criterion", adaptive::name(rule.criterion)},
                            {"start_items", rule.start_items},
                            {"predictive_from_posterior", rule.predictive_from_posterior},
                            {"expected_information", rule.expected_information},
                            {"strata", rule.strata},
                            {"acceleration", rule.acceleration}};
    if (rule.start) out["start"] = adaptive::name(*rule.start);
    if (rule.mode != SelectionMode::adaptive) out["mode"] = to_string(rule.mode);
    return out;
}

json::object stop_to_json(FurtherStopRules const& stop)
{
    auto out = json::object{{"all", stop.all}};
    if (stop.class_probability) out["class_probability"] = *stop.class_probability;
    if (stop.sprt) out["sprt"] = test_to_json(*stop.sprt);
    if (stop.glr) out["glr"] = test_to_json(*stop.glr);
    if (stop.confidence_z) out["confidence_z"] = *stop.confidence_z;
    if (stop.curtailment_z) out["curtailment_z"] = *stop.curtailment_z;
    if (stop.minimum_information) out["minimum_information"] = *stop.minimum_information;
    if (stop.plateau) out["plateau"] = json::object{{"answers", stop.plateau->answers}, {"within", stop.plateau->within}};
    if (stop.time) out["time_seconds"] = stop.time->count();
    return out;
}

// As a blueprint document of exam/assembly; length, areas and theta have other places in an exam version.
json::object form_to_json(FormRules const& form)
{
    auto settings = ExamSettings{};
    settings.form = form;
    auto out = assembly::to_json(form_blueprint(settings)).as_object();
    for (auto const* member : {"length", "areas", "theta"}) out.erase(member);
    if (!form.passage_items.empty()) {
        auto passages = json::object{};
        for (auto const& [passage, items] : form.passage_items) passages[passage] = json::value_from(items);
        out["passage_items"] = std::move(passages);
    }
    auto testlets = json::array{};
    for (auto const& testlet : form.testlets)
        testlets.push_back(json::object{{"name", testlet.name}, {"items", json::value_from(testlet.items)}, {"model", to_json(testlet.model)}, {"provisional", testlet.provisional}});
    if (!testlets.empty()) out["testlets"] = std::move(testlets);
    return out;
}

json::array stages_to_json(std::vector<Stage> const& stages)
{
    auto array = json::array{};
    for (auto const& stage : stages) {
        auto modules = json::array{};
        for (auto const& module : stage.modules) {
            auto out = json::object{{"name", module.name}, {"panel", module.panel}, {"items", json::value_from(module.items)}};
            if (module.target) out["target"] = *module.target;
            if (module.from) out["from"] = *module.from;
            modules.push_back(std::move(out));
        }
        auto out = json::object{{"modules", std::move(modules)}};
        if (stage.items > 0) out["items"] = stage.items;
        array.push_back(std::move(out));
    }
    return array;
}

json::value settings_to_json(ExamSettings const& settings)
{
    auto blueprint = json::array{};
    for (auto const& area : settings.blueprint) {
        auto part = json::object{{"area", area.area}, {"share", area.share}, {"minimum", area.minimum}};
        if (area.maximum) part["maximum"] = *area.maximum;
        blueprint.push_back(std::move(part));
    }
    auto const& clock = settings.clock;
    auto const& scale = settings.scale;
    auto object = json::object{
        {"blueprint", std::move(blueprint)},
        {"length", json::object{{"minimum", settings.length.minimum}, {"maximum", settings.length.maximum}}},
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
    // Nothing is said as null: a document that leaves the member out altogether is none.
    object["standard_error_stop"] = settings.standard_error_stop ? json::value(*settings.standard_error_stop) : json::value(nullptr);
    if (settings.selection != SelectionRule{}) object["selection"] = selection_to_json(settings.selection);
    if (settings.exposure != ExposureLimit{})
        object["exposure"] = json::object{{"rule", adaptive::name(settings.exposure.rule)}, {"rate", settings.exposure.rate}};
    if (settings.stop != FurtherStopRules{}) object["stop"] = stop_to_json(settings.stop);
    if (settings.form) object["form"] = form_to_json(*settings.form);
    if (settings.fixed_form != FixedFormRule{})
        object["fixed_form"] = json::object{{"items", json::value_from(settings.fixed_form.items)}, {"shuffled", settings.fixed_form.shuffled},
                                            {"randomness", settings.fixed_form.randomness}};
    if (settings.block != BlockRule{}) object["block"] = json::object{{"items", settings.block.items}, {"review", settings.block.review}};
    if (!settings.stages.empty()) object["stages"] = stages_to_json(settings.stages);
    if (!settings.families.empty()) {
        auto families = json::object{};
        for (auto const& [family, items] : settings.families) families[family] = json::value_from(items);
        object["families"] = std::move(families);
    }
    if (settings.pretest != PretestRule{}) object["pretest"] = json::object{{"slots", settings.pretest.slots}};
    if (settings.retake_excludes_seen) object["retake_excludes_seen"] = true;
    if (settings.area_reliability_minimum) object["area_reliability_minimum"] = *settings.area_reliability_minimum;
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

ItemModel read_parameters(JsonFields& parent, json::value const& value)
{
    auto item = result<ItemModel>{errc::invalid_parameters};
    read_object(parent, &value, [&](JsonFields& in) {
        auto const a = in.real("discrimination");
        auto const b = in.real("difficulty");
        item = three_parameter_item(a, b, in.real("pseudo_guessing"));
    });
    parent.require(item.has_value());
    return item ? std::move(*item) : PoolItem{}.model;
}

ItemModel read_model(JsonFields& parent)
{
    if (auto const* parameters = parent.take_optional("parameters")) return read_parameters(parent, *parameters);
    auto const* value = parent.take("model");
    auto model = value == nullptr ? result<ItemModel>{errc::invalid_parameters} : item_model_from_json(*value);
    parent.require(model.has_value() && model->kind() != ModelKind::three_parameter); // which has its own form
    return model ? std::move(*model) : PoolItem{}.model;
}

PoolItem read_item(JsonFields& in)
{
    auto item = PoolItem{.id = in.id<ItemId>("id"),
                         .identifier = in.text("identifier"),
                         .area = in.text("area"),
                         .model = read_model(in),
                         .provisional = in.boolean("provisional"),
                         .item_document = in.digest("item_document")};
    if (in.has("type")) item.type = in.text("type");
    if (in.has("key")) item.key = in.text("key");
    item.words = in.real_or("words", 0);
    item.seconds = in.real_or("seconds", 0);
    item.administration_probability = in.real_or("administration_probability", 1);
    return item;
}

adaptive::Criterion read_criterion(JsonFields& in, std::string_view member)
{
    auto const written = in.text(member);
    auto const known = adaptive::criterion(written);
    in.require(known && adaptive::name(*known) == written);
    return known.value_or(adaptive::Criterion::mfi);
}

adaptive::CutTest read_test(JsonFields& in) { return {.alpha = in.real("alpha"), .beta = in.real("beta"), .delta = in.real("delta")}; }

void read_stop(JsonFields& in, FurtherStopRules& stop)
{
    stop.all = in.boolean("all");
    stop.class_probability = in.optional_real("class_probability");
    read_object(in, in.take_optional("sprt"), [&](JsonFields& test) { stop.sprt = read_test(test); });
    read_object(in, in.take_optional("glr"), [&](JsonFields& test) { stop.glr = read_test(test); });
    stop.confidence_z = in.optional_real("confidence_z");
    stop.curtailment_z = in.optional_real("curtailment_z");
    stop.minimum_information = in.optional_real("minimum_information");
    read_object(in, in.take_optional("plateau"),
                [&](JsonFields& plateau) { stop.plateau = adaptive::Plateau{.answers = plateau.integer("answers"), .within = plateau.real("within")}; });
    stop.time = in.optional_duration<std::chrono::seconds>("time_seconds");
}

void read_selection(JsonFields& in, SelectionRule& rule)
{
    rule.criterion = read_criterion(in, "criterion");
    if (in.has("start")) rule.start = read_criterion(in, "start");
    rule.start_items = in.integer("start_items");
    rule.predictive_from_posterior = in.boolean("predictive_from_posterior");
    rule.expected_information = in.boolean("expected_information");
    rule.strata = in.integer("strata");
    rule.acceleration = in.real("acceleration");
    if (in.has("mode")) rule.mode = in.word<SelectionMode>("mode", mode_words);
}

std::vector<std::string> read_texts_of(JsonFields& in, json::value const& list)
{
    auto texts = std::vector<std::string>{};
    in.require(list.is_array());
    for (auto const& value : list.is_array() ? list.get_array() : json::array{}) {
        in.require(value.is_string());
        if (value.is_string()) texts.emplace_back(value.get_string());
    }
    return texts;
}

std::vector<std::string> read_texts(JsonFields& in, std::string_view member)
{
    auto const* list = in.take(member);
    return list == nullptr ? std::vector<std::string>{} : read_texts_of(in, *list);
}

void read_testlets(JsonFields& parent, json::value const& value, std::vector<Testlet>& testlets)
{
    parent.require(value.is_array() && !value.get_array().empty());
    for (auto const& each : value.is_array() ? value.get_array() : json::array{})
        read_object(parent, &each, [&](JsonFields& in) {
            auto& testlet = testlets.emplace_back();
            testlet.name = in.text("name");
            testlet.items = read_texts(in, "items");
            auto const* written = in.take("model");
            auto model = written == nullptr ? result<ItemModel>{errc::invalid_parameters} : item_model_from_json(*written);
            in.require(model.has_value());
            if (model) testlet.model = std::move(*model);
            testlet.provisional = in.boolean("provisional");
        });
}

FormRules read_form(JsonFields& parent, json::value const& value)
{
    auto form = FormRules{};
    auto document = value.is_object() ? value.as_object() : json::object{};
    parent.require(value.is_object() && !document.contains("length") && !document.contains("areas") && !document.contains("theta"));
    if (auto const* passages = document.if_contains("passage_items")) {
        auto const* object = passages->if_object();
        parent.require(object != nullptr);
        for (auto const& [passage, items] : object != nullptr ? *object : json::object{}) {
            auto& names = form.passage_items[std::string{passage}];
            parent.require(items.is_array());
            for (auto const& item : items.is_array() ? items.get_array() : json::array{}) {
                parent.require(item.is_string());
                if (item.is_string()) names.emplace_back(item.get_string());
            }
        }
        document.erase("passage_items");
    }
    if (auto const* testlets = document.if_contains("testlets")) {
        read_testlets(parent, *testlets, form.testlets);
        document.erase("testlets");
    }
    document["length"] = 1;
    auto blueprint = assembly::read_blueprint(canonical_json(document));
    parent.require(blueprint.has_value());
    if (!blueprint) return form;
    form.types = std::move(blueprint->types);
    form.keys = std::move(blueprint->keys);
    form.words = blueprint->words;
    form.seconds = blueprint->seconds;
    form.passages = blueprint->passages;
    form.enemies = std::move(blueprint->enemies);
    form.friends = std::move(blueprint->friends);
    form.include = std::move(blueprint->include);
    form.exclude = std::move(blueprint->exclude);
    return form;
}

std::vector<Stage> read_stages(JsonFields& parent)
{
    auto stages = std::vector<Stage>{};
    for (auto const& value : parent.array("stages"))
        read_object(parent, &value, [&](JsonFields& in) {
            auto& stage = stages.emplace_back();
            if (in.has("items")) stage.items = in.integer("items");
            in.require(!in.has("items") || stage.items > 0);
            for (auto const& each : in.array("modules"))
                read_object(in, &each, [&](JsonFields& of_module) {
                    auto& module = stage.modules.emplace_back();
                    module.name = of_module.text("name");
                    module.panel = of_module.text("panel");
                    module.items = read_texts(of_module, "items");
                    module.target = of_module.optional_real("target");
                    module.from = of_module.optional_real("from");
                });
        });
    parent.require(!stages.empty());
    return stages;
}

void read_engine(JsonFields& in, ExamSettings& out)
{
    read_object(in, in.take_optional("selection"), [&](JsonFields& selection) { read_selection(selection, out.selection); });
    read_object(in, in.take_optional("exposure"), [&](JsonFields& limit) {
        auto const rule = adaptive::exposure(limit.text("rule"));
        limit.require(rule.has_value());
        if (rule) out.exposure.rule = rule->rule;
        out.exposure.rate = limit.real("rate");
    });
    read_object(in, in.take_optional("stop"), [&](JsonFields& stop) { read_stop(stop, out.stop); });
    if (auto const* form = in.take_optional("form")) out.form = read_form(in, *form);
    read_object(in, in.take_optional("fixed_form"), [&](JsonFields& form) {
        out.fixed_form.items = read_texts(form, "items");
        out.fixed_form.shuffled = form.boolean("shuffled");
        out.fixed_form.randomness = form.real("randomness");
    });
    read_object(in, in.take_optional("block"), [&](JsonFields& block) { out.block = {.items = block.integer("items"), .review = block.boolean("review")}; });
    if (in.has("stages")) out.stages = read_stages(in);
    if (auto const* families = in.take_optional("families")) {
        in.require(families->is_object() && !families->get_object().empty());
        for (auto const& [family, items] : families->is_object() ? families->get_object() : json::object{})
            out.families[std::string{family}] = read_texts_of(in, items);
    }
    read_object(in, in.take_optional("pretest"), [&](JsonFields& pretest) { out.pretest.slots = pretest.integer("slots"); });
    out.area_reliability_minimum = in.optional_real("area_reliability_minimum");
    if (in.has("retake_excludes_seen")) out.retake_excludes_seen = in.boolean("retake_excludes_seen");
}

ExamSettings read_settings(JsonFields& in)
{
    auto out = ExamSettings{};
    for (auto const& value : in.array("blueprint"))
        read_object(in, &value, [&](JsonFields& area) {
            out.blueprint.push_back({area.text("area"), area.integer("share"), area.integer("minimum")});
            if (area.has("maximum")) out.blueprint.back().maximum = area.integer("maximum");
        });
    read_object(in, in.take("length"), [&](JsonFields& length) { out.length = {length.integer("minimum"), length.integer("maximum")}; });
    auto const* precise = in.take("standard_error_stop");
    out.standard_error_stop.reset();
    if (precise != nullptr && !precise->is_null()) out.standard_error_stop = in.real_of(*precise);
    read_engine(in, out);
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

json::value to_json(ItemModel const& model)
{
    auto const numbers = [](std::span<double const> values) { return json::array(values.begin(), values.end()); };
    return json::object{{"kind", name(model.kind())}, {"a", numbers(model.slopes())}, {"b", numbers(model.thresholds())}, {"c", model.lower()}, {"d", model.upper()}};
}

result<ItemModel> item_model_from_json(json::value const& document)
{
    auto in = JsonFields{document};
    auto values = ItemModel::Values{};
    auto const kind = model_kind(in.text("kind"));
    in.require(kind.has_value());
    values.kind = kind.value_or(ModelKind::two_parameter);
    auto const numbers = [&](std::string_view member) {
        auto list = std::vector<double>{};
        for (auto const& value : in.array(member)) list.push_back(in.real_of(value));
        return list;
    };
    values.slopes = numbers("a");
    values.thresholds = numbers("b");
    values.lower = in.real("c");
    values.upper = in.real("d");
    if (!in.good() || ItemModel::problem(values)) return errc::invalid_parameters;
    return ItemModel::of(std::move(values));
}

json::value to_json(ExamVersion const& version)
{
    auto const items = [](std::vector<PoolItem> const& list) {
        auto array = json::array{};
        array.reserve(list.size());
        for (auto const& item : list) array.push_back(item_to_json(item));
        return array;
    };
    auto document = json::object{{"format", json::string_view{format}}, {"identifier", version.identifier},
                                 {"title", version.title},              {"language", version.language},
                                 {"settings", settings_to_json(version.settings)}, {"pool", items(version.pool)}};
    if (!version.pretest.empty()) document["pretest"] = items(version.pretest);
    return document;
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
    auto const read_items = [&](std::string_view member, std::vector<PoolItem>& items) {
        for (auto const& value : in.array(member)) read_object(in, &value, [&](JsonFields& item) { items.push_back(read_item(item)); });
    };
    read_items("pool", version.pool);
    if (in.has("pretest")) {
        read_items("pretest", version.pretest);
        in.require(!version.pretest.empty());
    }
    if (!in.good()) return errc::malformed_document;
    return version;
}

} // namespace assay::exam
