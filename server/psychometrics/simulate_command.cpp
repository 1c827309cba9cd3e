#include "exam/adaptive/report.hpp"
#include "server/psychometrics/detail.hpp"

#include <ostream>
#include <stdexcept>

namespace assay::server::psychometrics::detail {
namespace {

namespace adaptive = exam::adaptive;

struct SimulateArguments {
    std::string bank;
    std::string thetas;
    std::string responses;
    std::string criterion; // mfi, or cut where the test is about passing alone
    std::string start;
    int start_items = 5;
    int block = 1;
    std::optional<double> se_stop;
    std::optional<double> class_probability;
    std::optional<double> sprt_delta;
    std::optional<double> glr_delta;
    double alpha = 0.05;
    double beta = 0.05;
    std::optional<double> confidence_z;
    std::optional<double> curtailment_z;
    std::optional<double> minimum_information;
    std::optional<double> plateau;
    int plateau_answers = 5;
    bool all = false;
    std::optional<double> near_cut_z;
    int minimum = 1;
    int maximum = 30;
    std::string exposure = "none";
    std::optional<double> cut;
    std::string blueprint;
    std::uint64_t seed = 1;
    std::string report;
    ScoringArguments scoring;
    bool as_json = false;
    bool summary_only = false;
};

/// A cut, and no rule about the precision of theta: what the test is for is the decision.
bool is_about_passing(SimulateArguments const& a) { return a.cut && !a.se_stop && !a.minimum_information && !a.plateau; }

/// To 97.5 % sure of the class that the longest test would come to (benchmarks/README.md: what that costs).
constexpr auto usual_curtailment_z = 1.96;

adaptive::SimulationOptions simulation_options(SimulateArguments const& a)
{
    auto options = adaptive::SimulationOptions{};
    options.scoring = a.scoring.options();
    auto exposure_text = a.exposure;
    if (auto const name = std::string{"progressive-restricted"}; exposure_text.starts_with(name)) { // criterion and cap under their common name
        options.selection.criterion = adaptive::Criterion::progressive;
        exposure_text = "restricted" + exposure_text.substr(name.size());
    } else {
        auto const criterion = adaptive::criterion(!a.criterion.empty() ? a.criterion : is_about_passing(a) ? "cut" : "mfi");
        if (!criterion) throw std::runtime_error{"--criterion: \"" + a.criterion + "\" is none of mfi, cut, kl, kl-interval, klp, mlwi, mpwi, mei, mepv, a-stratified, randomesque, progressive, random"};
        options.selection.criterion = *criterion;
    }
    auto const exposure = adaptive::exposure(exposure_text);
    if (!exposure) throw std::runtime_error{"--exposure: \"" + a.exposure + "\" is none of none, randomesque:N, sympson-hetter:R, eligibility:R, eligibility-theta:R, restricted:R, priority:R, progressive-restricted:R"};
    options.exposure = *exposure;
    if (a.criterion == "progressive-restricted" && options.exposure.rule == adaptive::ExposureRule::none) options.exposure.rule = adaptive::ExposureRule::restricted;
    options.selection.cut = a.cut.value_or(0);
    options.selection.length = a.maximum;
    if (!a.start.empty()) {
        options.start = adaptive::criterion(a.start);
        if (!options.start) throw std::runtime_error{"--start: \"" + a.start + "\" is no criterion"};
        options.start_items = a.start_items;
    }
    options.block = a.block;
    auto& stop = options.stop;
    stop.minimum = a.minimum;
    stop.maximum = a.maximum;
    stop.cut = a.cut.value_or(0);
    stop.standard_error = a.se_stop;
    stop.class_probability = a.class_probability;
    if (a.sprt_delta) stop.sprt = adaptive::CutTest{a.alpha, a.beta, *a.sprt_delta};
    if (a.glr_delta) stop.glr = adaptive::CutTest{a.alpha, a.beta, *a.glr_delta};
    stop.confidence_z = a.confidence_z;
    stop.curtailment_z = a.curtailment_z;
    if (is_about_passing(a) && !a.class_probability && !a.sprt_delta && !a.glr_delta && !a.confidence_z && !a.curtailment_z) stop.curtailment_z = usual_curtailment_z;
    stop.minimum_information = a.minimum_information;
    if (a.plateau) stop.plateau = adaptive::Plateau{a.plateau_answers, *a.plateau};
    stop.all = a.all;
    stop.near_cut_z = a.near_cut_z;
    options.seed = a.seed;
    auto const needs_cut = a.class_probability || a.sprt_delta || a.glr_delta || a.confidence_z || a.curtailment_z || a.near_cut_z || a.criterion == "cut";
    if (needs_cut && !a.cut) throw std::runtime_error{"--cut is missing: a rule or criterion about passing needs one"};
    if (auto const wrong = problem(options)) throw std::runtime_error{*wrong};
    return options;
}

/// The blueprint over the bank; its length and the stop rules' agree afterwards.
exam::assembly::Program load_program(SimulateArguments const& a, exam::ItemBank const& bank, adaptive::SimulationOptions& options, bool has_maximum)
{
    auto blueprint = exam::assembly::read_blueprint(read_bounded(a.blueprint, 16u << 20));
    if (!blueprint) throw std::runtime_error{a.blueprint + ": " + to_string(blueprint.error())};
    auto& length = blueprint->length;
    if (has_maximum) length.maximum = std::min(length.maximum, static_cast<double>(options.stop.maximum));
    if (length.maximum < length.minimum) throw std::runtime_error{"--max " + std::to_string(options.stop.maximum) + " is below the blueprint's least length"};
    options.stop.maximum = options.selection.length = static_cast<int>(length.maximum);
    options.stop.minimum = std::max(options.stop.minimum, static_cast<int>(length.minimum));
    auto program = exam::assembly::make_program(bank, *blueprint);
    if (!program) throw std::runtime_error{a.blueprint + ": " + to_string(program.error())};
    if (auto const reasons = exam::assembly::explain_infeasibility(*program); !reasons.empty()) {
        auto text = a.blueprint + ": no form satisfies the blueprint:";
        for (auto const& reason : reasons) text += " " + reason + ";";
        text.pop_back();
        throw std::runtime_error{text};
    }
    return std::move(*program);
}

json::object summary_json(adaptive::SimulationSummary const& s)
{
    auto object = json::object{{"mean_length", s.mean_length}, {"bias", s.bias}, {"rmse", s.rmse}, {"correlation", s.correlation}, {"mean_se", s.mean_se}, {"max_exposure", s.max_exposure},
                               {"overlap", s.overlap}, {"never_used", s.never_used}, {"pass_rate", s.pass_rate}, {"decision_accuracy", s.decision_accuracy}, {"blueprint_violations", s.blueprint_violations}};
    auto bands = json::array{};
    for (auto const& b : s.bands)
        bands.push_back(json::object{{"low", b.low < -100 ? json::value(nullptr) : json::value(b.low)}, {"high", b.high > 100 ? json::value(nullptr) : json::value(b.high)}, {"persons", b.persons},
                                     {"bias", b.bias}, {"rmse", b.rmse}, {"mean_se", b.mean_se}, {"mean_length", b.mean_length}, {"pass_rate", b.pass_rate}, {"decision_accuracy", b.accuracy},
                                     {"max_exposure", b.max_exposure}});
    object["conditional"] = std::move(bands);
    auto reasons = json::object{};
    for (auto const& [reason, count] : s.reasons) reasons[reason] = count;
    object["stopped_by"] = std::move(reasons);
    return object;
}

json::array persons_json(adaptive::Simulation const& simulation, exam::ItemBank const& bank)
{
    auto persons = json::array{};
    for (auto const& p : simulation.persons) {
        auto items = json::array{};
        auto answers = json::array{};
        for (auto const i : p.items) items.emplace_back(bank.items[i].item);
        for (auto const answer : p.answers) answers.emplace_back(answer);
        auto reasons = json::array{};
        for (auto const reason : p.reasons) reasons.emplace_back(json::string{adaptive::name(reason)});
        persons.push_back(json::object{{"person", p.person}, {"true_theta", number_or_null(p.true_theta)}, {"theta", number_or_null(p.estimate.theta)}, {"se", number_or_null(p.estimate.se)},
                                       {"status", json::string{exam::name(p.estimate.status)}}, {"items", std::move(items)}, {"responses", std::move(answers)}, {"stopped_by", std::move(reasons)}});
    }
    return persons;
}

void print_summary(std::ostream& out, adaptive::SimulationSummary const& s, bool has_cut)
{
    print_table(out, {{"mean length", decimals(s.mean_length, 2)}, {"bias", decimals(s.bias)}, {"RMSE", decimals(s.rmse)}, {"mean SE", decimals(s.mean_se)}, {"max exposure", decimals(s.max_exposure)},
                      {"overlap", decimals(s.overlap)}, {"never used", std::to_string(s.never_used)}, {"blueprint violations", std::to_string(s.blueprint_violations)}});
    if (has_cut) print_table(out, {{"pass rate", decimals(s.pass_rate)}, {"decision accuracy", decimals(s.decision_accuracy)}});
    out << "\n";
    auto rows = std::vector<std::vector<std::string>>{{"true theta", "persons", "bias", "RMSE", "mean SE", "length", "pass", "accuracy"}};
    for (auto const& b : s.bands)
        rows.push_back({(b.low < -100 ? "below " + decimals(b.high, 1) : b.high > 100 ? decimals(b.low, 1) + " up" : decimals(b.low, 1) + " to " + decimals(b.high, 1)), std::to_string(b.persons), decimals(b.bias, 3),
                        decimals(b.rmse, 3), decimals(b.mean_se, 3), decimals(b.mean_length, 1), decimals(b.pass_rate, 3), decimals(b.accuracy, 3)});
    print_table(out, rows);
}

adaptive::ReportHeading heading(SimulateArguments const& a, exam::ItemBank const& bank, adaptive::SimulationOptions const& options, std::size_t persons)
{
    auto result = adaptive::ReportHeading{.title = "Simulated exam: " + std::filesystem::path{a.bank}.filename().string() + ", " + std::to_string(persons) + " candidates", .item_names = {}, .conditions = {},
                                          .cut = a.cut.value_or(0), .has_cut = a.cut.has_value()};
    for (auto const& item : bank.items) result.item_names.push_back(item.item);
    auto const& q = options.scoring.quadrature;
    result.conditions = {{"items in the bank", std::to_string(bank.items.size())},
                         {"candidates", a.thetas.empty() ? "recorded answers" : "simulated"},
                         {"estimator", std::string{exam::name(options.scoring.estimator)}},
                         {"criterion", std::string{adaptive::name(options.selection.criterion)}},
                         {"exposure control", a.exposure},
                         {"items chosen at a time", std::to_string(options.block)},
                         {"length", std::to_string(options.stop.minimum) + " to " + std::to_string(options.stop.maximum)},
                         {"stop at a standard error of", options.stop.standard_error ? decimals(options.stop.standard_error, 3) : "-"},
                         {"stop when the class is settled, z", options.stop.curtailment_z ? decimals(*options.stop.curtailment_z, 3) : "-"},
                         {"blueprint", a.blueprint.empty() ? "none" : std::filesystem::path{a.blueprint}.filename().string()},
                         {"quadrature", std::to_string(q.nodes) + " nodes from " + decimals(q.low, 1) + " to " + decimals(q.high, 1)},
                         {"seed", std::to_string(options.seed)}};
    return result;
}

void run_simulate(SimulateArguments const& a, bool has_maximum, Streams streams)
{
    if (a.thetas.empty() == a.responses.empty()) throw std::runtime_error{"either --thetas or --responses is needed"};
    auto options = simulation_options(a);
    auto const bank = load_bank(a.bank);
    auto warnings = bank.warnings;
    auto program = std::optional<exam::assembly::Program>{};
    if (!a.blueprint.empty()) program = load_program(a, bank, options, has_maximum);
    options.stop.maximum = std::min(options.stop.maximum, static_cast<int>(bank.items.size()));
    options.stop.minimum = std::min(options.stop.minimum, options.stop.maximum);
    auto const tables = adaptive::BankTables{models_of(bank), options.scoring.quadrature};

    auto shown = -1;
    auto const progress = [&](double share) {
        auto const percent = static_cast<int>(share * 100);
        if (a.as_json || percent == shown) return;
        shown = percent;
        streams.progress << "\rsimulating " << percent << " %" << (percent == 100 ? "\n" : "") << std::flush;
    };
    auto const simulation = [&] {
        auto const* const form = program ? &*program : nullptr;
        if (!a.thetas.empty()) return adaptive::simulate(tables, load_thetas(a.thetas, a.seed), form, options, progress);
        auto const responses = load_responses(a.responses, bank);
        warnings.insert(warnings.end(), responses.warnings.begin(), responses.warnings.end());
        return adaptive::simulate(tables, responses, form, options, progress);
    }();
    if (!a.report.empty()) write_file(a.report, simulation_report(simulation, heading(a, bank, options, simulation.persons.size())));
    if (!a.as_json) {
        print_summary(streams.out, simulation.summary, a.cut.has_value());
        print_warnings(streams.progress, warnings);
        return;
    }
    auto document = summary_json(simulation.summary);
    if (!a.summary_only) document["persons"] = persons_json(simulation, bank);
    auto exposures = json::object{};
    for (auto i = std::size_t{0}; i < bank.items.size(); ++i) exposures[bank.items[i].item] = simulation.summary.exposure.empty() ? 0.0 : simulation.summary.exposure[i];
    document["exposure"] = std::move(exposures);
    auto stated = conventions(options.scoring);
    stated["estimator"] = json::string{exam::name(options.scoring.estimator)};
    stated["criterion"] = json::string{adaptive::name(options.selection.criterion)};
    stated["exposure"] = a.exposure;
    stated["block"] = options.block;
    stated["seed"] = options.seed;
    stated["curtailment_z"] = number_or_null(options.stop.curtailment_z);
    stated["true_theta"] = a.thetas.empty() ? "EAP of all recorded answers of the person" : "given";
    stated["overlap"] = "sum n_i (n_i - 1) / (N (N - 1) mean length)";
    document["conventions"] = std::move(stated);
    document["warnings"] = strings(warnings);
    streams.out << json_text(document);
}

} // namespace

void add_simulate(CLI::App& app, Streams streams)
{
    auto const a = std::make_shared<SimulateArguments>();
    auto* command = app.add_subcommand("simulate", "how an adaptive exam on this bank would go, before it is published");
    command->add_option("--bank", a->bank, "item parameters: CSV, or QTI usage data")->required();
    command->add_option("--thetas", a->thetas, "simulated candidates' abilities: a file, a list, LOW:HIGH:STEP, or normal:N[:MEAN:SD]");
    command->add_option("--responses", a->responses, "recorded answers instead: CSV");
    command->add_option("--criterion", a->criterion, "as in select; mfi, but cut where --cut is given and no --se-stop, --plateau or --minimum-information");
    command->add_option("--start", a->start, "another criterion for the first items");
    command->add_option("--start-items", a->start_items, "for so many")->check(CLI::Range(1, 1000))->capture_default_str();
    command->add_option("--block", a->block, "choose so many items at a time, and ask the stop rules after each block")->check(CLI::Range(1, 500))->capture_default_str();
    command->add_option("--se-stop", a->se_stop, "stop at this standard error, logits");
    command->add_option("--class-probability", a->class_probability, "stop when passing or failing is this probable");
    command->add_option("--sprt", a->sprt_delta, "sequential probability ratio test at the cut ± DELTA");
    command->add_option("--glr", a->glr_delta, "generalised likelihood ratio at the cut ± DELTA");
    command->add_option("--alpha", a->alpha, "probability of a false pass")->capture_default_str();
    command->add_option("--beta", a->beta, "probability of a false fail")->capture_default_str();
    command->add_option("--confidence-z", a->confidence_z, "stop when |theta - cut| > Z · SE");
    command->add_option("--curtailment-z", a->curtailment_z, "stop when the longest test would not pass another verdict: |theta - cut| > Z · what the estimate may still move by");
    command->add_option("--minimum-information", a->minimum_information, "stop when no item has this much at the estimate");
    command->add_option("--plateau", a->plateau, "stop when the last estimates differ by no more than this");
    command->add_option("--plateau-answers", a->plateau_answers, "how many of them")->check(CLI::Range(2, 1000))->capture_default_str();
    command->add_flag("--all-rules", a->all, "stop when all rules agree, instead of any");
    command->add_option("--near-cut-z", a->near_cut_z, "while |theta - cut| <= Z · SE only the maximum length stops");
    command->add_option("--min", a->minimum, "least number of items")->check(CLI::Range(1, 10'000))->capture_default_str();
    auto* maximum = command->add_option("--max", a->maximum, "greatest number of items")->check(CLI::Range(1, 10'000))->capture_default_str();
    command->add_option("--exposure", a->exposure, "none, randomesque:N, sympson-hetter:R, eligibility:R, eligibility-theta:R, restricted:R, priority:R (shares fewest items at its length), progressive-restricted:R")->capture_default_str();
    command->add_option("--cut", a->cut, "the theta to pass at, logits; without any stop rule, --curtailment-z 1.96: to 97.5 % sure of the longest test's verdict");
    command->add_option("--blueprint", a->blueprint, "JSON: every sitting is a form of it, by shadow tests");
    command->add_option("--seed", a->seed, "of everything random")->capture_default_str();
    command->add_option("--report", a->report, "write an HTML report to this file");
    a->scoring.add_to(*command, true);
    command->add_flag("--json", a->as_json);
    command->add_flag("--summary", a->summary_only, "with --json: leave the persons out");
    command->callback([a, maximum, streams] { run_simulate(*a, maximum->count() > 0, streams); });
}

} // namespace assay::server::psychometrics::detail
