#include "exam/calibration/calibrate.hpp"
#include "server/psychometrics/calibration_detail.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unistd.h>

namespace assay::server::psychometrics::detail {
namespace {

namespace calibration = exam::calibration;

struct CalibrateArguments {
    std::string responses, model = "2PL", fixed, output, slope = "common", population = "auto", range = "-6:6";
    std::vector<std::string> priors;
    calibration::Options options;
    bool as_json = false;
};

/// "c=-1.1,0.5": which prior, its mean and SD.
void set_prior(calibration::Priors& priors, std::string const& text)
{
    auto const equals = text.find('=');
    auto const values = equals == std::string::npos ? std::vector<std::string>{} : split_list(std::string_view{text}.substr(equals + 1));
    if (values.size() != 2) throw std::runtime_error{"--prior " + text + ": NAME=MEAN,SD is expected with NAME a (ln a), b, c (logit c) or d (logit d), or none"};
    auto const prior = calibration::NormalPrior{parse_number_argument("--prior " + text, values[0]), parse_number_argument("--prior " + text, values[1])};
    if (!(prior.sd > 0)) throw std::runtime_error{"--prior " + text + ": the SD must be positive"};
    auto const which = text.substr(0, equals);
    if (which == "a") priors.log_slope = prior;
    else if (which == "b") priors.difficulty = prior;
    else if (which == "c") priors.logit_lower = prior;
    else if (which == "d") priors.logit_upper = prior;
    else throw std::runtime_error{"--prior " + text + ": NAME is a, b, c, d or none"};
}

calibration::Priors priors_for(exam::ModelKind kind, std::vector<std::string> const& texts)
{
    auto priors = calibration::default_priors(kind);
    for (auto const& text : texts)
        if (text == "none") priors = {};
    for (auto const& text : texts)
        if (text != "none") set_prior(priors, text);
    return priors;
}

exam::ModelKind model_of(std::string const& where, std::string const& text)
{
    if (auto const kind = exam::model_kind(text)) return *kind;
    throw std::runtime_error{where + "a model is expected (1PL, 2PL, 3PL, 4PL, GRM, GPCM, PCM or NRM), not \"" + text + "\""};
}

/// One model for all, or a CSV item,model.
std::vector<exam::ModelKind> models_for(CalibrateArguments const& a, exam::ResponseTable const& responses, std::vector<std::string>& warnings)
{
    if (exam::model_kind(a.model)) return std::vector(responses.items.size(), *exam::model_kind(a.model));
    if (!std::filesystem::exists(a.model)) model_of("--model: no such file, and ", a.model);
    auto const rows = exam::read_csv(read_bounded(a.model));
    if (!rows) throw std::runtime_error{a.model + ": " + to_string(rows.error())};
    if (rows->empty() || rows->front().fields != std::vector<std::string>{"item", "model"}) throw std::runtime_error{a.model + ": line 1: the header item,model is expected"};
    auto named = std::unordered_map<std::string, exam::ModelKind>{};
    for (std::size_t r = 1; r < rows->size(); ++r) {
        auto const& row = (*rows)[r];
        auto const where = a.model + ": line " + std::to_string(row.line) + ", column ";
        if (!named.emplace(row.fields[0], model_of(where + "2: ", row.fields[1])).second) throw std::runtime_error{where + "1: item " + row.fields[0] + " is there twice"};
    }
    auto result = std::vector<exam::ModelKind>{};
    for (auto const& item : responses.items) {
        auto const place = named.find(item);
        if (place == named.end()) throw std::runtime_error{a.model + ": no line for item " + item + ", which " + a.responses + " has"};
        result.push_back(place->second);
        named.erase(place);
    }
    if (!named.empty()) warnings.push_back(a.model + ": " + std::to_string(named.size()) + " items that the responses don't have were left out");
    return result;
}

struct Input {
    exam::ResponseTable responses;
    exam::ItemBank bank; ///< of fixed items; may be empty
    std::vector<calibration::ItemRequest> requests;
    std::vector<std::string> warnings;
};

Input load(CalibrateArguments const& a)
{
    auto input = Input{};
    if (!a.fixed.empty()) input.bank = load_bank(a.fixed);
    input.warnings = input.bank.warnings;
    auto table = exam::read_responses(read_bounded(a.responses));
    if (!table) throw std::runtime_error{a.responses + ": " + to_string(table.error())};
    auto place = std::unordered_map<std::string, std::size_t>{};
    for (std::size_t i = 0; i < input.bank.items.size(); ++i) place.emplace(input.bank.items[i].item, i);
    auto counts = std::vector<std::size_t>{};
    auto shared = std::size_t{0};
    for (auto const& item : table->items) {
        auto const found = place.find(item);
        counts.push_back(found == place.end() ? 0 : input.bank.items[found->second].model.categories());
        shared += found == place.end() ? 0 : 1;
    }
    if (!a.fixed.empty() && shared == 0) throw std::runtime_error{a.fixed + ": none of its items is answered in " + a.responses + ", so nothing holds the scale"};
    auto recoded = exam::recode(std::move(*table), counts);
    if (!recoded) throw std::runtime_error{a.responses + ": " + to_string(recoded.error())};
    input.responses = std::move(*recoded);
    auto kinds = models_for(a, input.responses, input.warnings);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        auto const found = place.find(input.responses.items[i]);
        auto request = calibration::ItemRequest{kinds[i], priors_for(kinds[i], a.priors), {}};
        if (found != place.end()) request = {input.bank.items[found->second].model.kind(), {}, input.bank.items[found->second].model};
        input.requests.push_back(std::move(request));
    }
    input.warnings.insert(input.warnings.end(), input.responses.warnings.begin(), input.responses.warnings.end());
    return input;
}

calibration::Options options_of(CalibrateArguments const& a)
{
    auto options = a.options;
    auto const ends = split_list(a.range, ':');
    if (ends.size() != 2) throw std::runtime_error{"--range: LOW:HIGH is expected, as in -6:6"};
    options.lower = parse_number_argument("--range", ends[0]);
    options.upper = parse_number_argument("--range", ends[1]);
    if (!(options.lower < options.upper) || options.lower < -100 || options.upper > 100) throw std::runtime_error{"--range: LOW must be below HIGH, both within -100 and 100"};
    options.slope = a.slope == "unit" ? calibration::Slope::unit : calibration::Slope::common;
    options.estimate_population = !a.fixed.empty() && a.population != "standard";
    if (options.threads == 0) options.threads = std::clamp(std::thread::hardware_concurrency(), 1u, 64u);
    return options;
}

/// How far the change has fallen from 1 to the tolerance, on a logarithmic scale.
calibration::Progress progress_bar(std::ostream& out, double tolerance)
{
    return [&out, tolerance](int iteration, double objective, double change) {
        constexpr int width = 30;
        auto const part = std::clamp(std::log(std::max(change, tolerance)) / std::log(std::min(tolerance, 0.1)), 0.0, 1.0);
        auto const full = static_cast<int>(part * width);
        out << "\r[" << std::string(static_cast<std::size_t>(full), '#') << std::string(static_cast<std::size_t>(width - full), ' ') << "] iteration " << iteration
            << "  objective " << decimals(objective, 4) << "   " << std::flush;
    };
}

json::value prior_json(std::optional<calibration::NormalPrior> const& prior)
{
    if (!prior) return nullptr;
    return json::object{{"mean", prior->mean}, {"sd", prior->sd}};
}

json::array numbers(std::vector<std::optional<double>> const& values)
{
    auto result = json::array{};
    for (auto const& value : values) result.push_back(number_or_null(value));
    return result;
}

json::object item_json(calibration::CalibratedItem const& item, bool with_errors)
{
    auto const list = [](std::span<double const> values) { return json::array(values.begin(), values.end()); };
    auto const nominal = item.model.kind() == exam::ModelKind::nominal;
    auto result = json::object{};
    result["item"] = item.item;
    result["model"] = json::string{name(item.model.kind())};
    result["a"] = nominal ? json::value(list(item.model.slopes())) : json::value(item.model.slope());
    result["b"] = list(item.model.thresholds());
    result["c"] = item.model.lower();
    result["d"] = item.model.upper();
    auto errors = json::object{};
    auto const& se = item.standard_errors;
    if (with_errors && !se.thresholds.empty()) {
        errors["a"] = nominal ? json::value(numbers(se.slopes)) : number_or_null(se.slopes.front());
        errors["b"] = numbers(se.thresholds);
        errors["c"] = number_or_null(se.lower);
        errors["d"] = number_or_null(se.upper);
    }
    result["se"] = std::move(errors);
    result["status"] = json::string{name(item.status)};
    result["answers"] = item.answers;
    result["notes"] = strings(item.notes);
    return result;
}

json::object calibrate_conventions(calibration::Options const& options, Input const& input)
{
    auto priors = json::object{};
    for (auto const& request : input.requests)
        if (!request.fixed)
            priors[name(request.kind)] = json::object{{"ln_a", prior_json(request.priors.log_slope)}, {"b", prior_json(request.priors.difficulty)},
                                                      {"logit_c", prior_json(request.priors.logit_lower)}, {"logit_d", prior_json(request.priors.logit_upper)}};
    return {{"metric", "logistic, D = 1"},
            {"method", "marginal maximum likelihood (a posteriori with priors) by EM and Newton steps"},
            {"quadrature", json::object{{"nodes", options.nodes}, {"low", options.lower}, {"high", options.upper}, {"weights", "normal density, normalised to 1"}}},
            {"population", options.estimate_population ? "normal, mean and SD estimated; the scale is that of the fixed items" : "normal, mean 0, SD 1"},
            {"slope_of_1PL_and_PCM", options.slope == calibration::Slope::unit ? "1" : "one, shared and estimated"},
            {"priors", std::move(priors)},
            {"standard_errors", "from the observed information (Oakes' identity); b, c, d by the delta method"},
            {"tolerance", options.tolerance}};
}

json::object to_json(calibration::Calibration const& c, calibration::Options const& options, Input const& input)
{
    auto items = json::array{};
    for (auto const& item : c.items) items.push_back(item_json(item, options.standard_errors));
    auto result = json::object{};
    result["log_likelihood"] = c.log_likelihood;
    result["log_prior"] = c.log_prior;
    result["converged"] = c.converged;
    result["iterations"] = c.iterations;
    result["remaining_gain"] = c.remaining_gain;
    result["parameters"] = c.parameters;
    auto const k = static_cast<double>(c.parameters);
    result["aic"] = 2 * k - 2 * c.log_likelihood;
    auto const counted = c.persons - c.persons_without_answers;
    result["bic"] = counted == 0 ? json::value(nullptr) : json::value(k * std::log(static_cast<double>(counted)) - 2 * c.log_likelihood);
    result["persons"] = c.persons;
    result["persons_without_answers"] = c.persons_without_answers;
    result["patterns"] = c.patterns;
    result["population"] = json::object{{"mean", c.population.mean}, {"sd", c.population.sd},
                                        {"se", json::object{{"mean", number_or_null(c.population.mean_error)}, {"sd", number_or_null(c.population.sd_error)}}}};
    result["items"] = std::move(items);
    result["conventions"] = calibrate_conventions(options, input);
    result["warnings"] = strings(c.warnings);
    return result;
}

std::string joined(std::span<double const> values)
{
    auto text = std::string{};
    for (auto const value : values) text += (text.empty() ? "" : "; ") + decimals(value);
    return text;
}
std::string joined(std::vector<std::optional<double>> const& values)
{
    auto text = std::string{};
    for (auto const& value : values) text += (text.empty() ? "" : "; ") + decimals(value);
    return text;
}

void print(std::ostream& out, calibration::Calibration const& c, bool with_errors)
{
    auto rows = std::vector<std::vector<std::string>>{{"item", "model", "a", "b", "c", "d", "answers", "status"}};
    if (with_errors) rows.front().insert(rows.front().end(), {"se a", "se b"});
    for (auto const& item : c.items) {
        rows.push_back({item.item, std::string{name(item.model.kind())}, joined(item.model.slopes()), joined(item.model.thresholds()), decimals(item.model.lower()),
                        decimals(item.model.upper()), std::to_string(item.answers), std::string{name(item.status)}});
        if (with_errors) rows.back().insert(rows.back().end(), {joined(item.standard_errors.slopes), joined(item.standard_errors.thresholds)});
    }
    print_table(out, rows);
    out << "log likelihood " << decimals(c.log_likelihood, 5) << ", log prior " << decimals(c.log_prior, 5) << ", " << c.parameters << " parameters, " << c.persons
        << " persons, " << c.iterations << " iterations, " << (c.converged ? "converged" : "NOT CONVERGED") << "\n";
    out << "population mean " << decimals(c.population.mean) << ", SD " << decimals(c.population.sd) << "\n";
    for (auto const& item : c.items)
        for (auto const& note : item.notes) out << "  " << item.item << ": " << note << "\n";
}

/// The fixed items as they were, then the new ones; what has no finite estimate is left out.
std::string bank_text(calibration::Calibration& c, exam::ItemBank const& fixed)
{
    auto items = fixed.items;
    for (auto const& item : c.items) {
        if (item.status == calibration::ItemStatus::fixed) continue;
        if (item.status == calibration::ItemStatus::constant || item.status == calibration::ItemStatus::unanswered) {
            c.warnings.push_back("item " + item.item + " has no estimate and was left out of the bank");
            continue;
        }
        auto row = exam::BankItem{};
        row.item = item.item;
        row.model = item.model;
        items.push_back(std::move(row));
    }
    return exam::write_item_bank(items);
}

void run_calibrate(CalibrateArguments const& a, int& status, Streams streams)
{
    auto const options = options_of(a);
    auto const input = load(a);
    auto const show = &streams.progress == &default_progress() && isatty(STDERR_FILENO) != 0;
    auto result = calibration::calibrate(input.responses, input.requests, options, show ? progress_bar(streams.progress, options.tolerance) : calibration::Progress{});
    if (show) streams.progress << "\r\033[K";
    if (!result) throw std::runtime_error{a.responses + ": " + to_string(result.error())};
    result->warnings.insert(result->warnings.begin(), input.warnings.begin(), input.warnings.end());
    if (!a.output.empty()) write_file(a.output, bank_text(*result, input.bank));
    if (a.as_json) streams.out << json_text(to_json(*result, options, input));
    else {
        print(streams.out, *result, options.standard_errors);
        print_warnings(streams.progress, result->warnings);
    }
    if (!result->converged) status = 3;
}

} // namespace

void add_calibrate(CLI::App& app, int& status, Streams streams)
{
    auto const a = std::make_shared<CalibrateArguments>();
    a->options.threads = 0;
    auto* command = app.add_subcommand("calibrate", "item parameters from responses, by marginal maximum likelihood");
    command->add_option("--responses", a->responses, "CSV: header = item names, a row a person; empty or NA = not administered")->required();
    command->add_option("--model", a->model, "1PL, 2PL, 3PL, 4PL, GRM, GPCM, PCM or NRM for all items, or a CSV item,model")->capture_default_str();
    command->add_option("--prior", a->priors,
                        "NAME=MEAN,SD: normal prior on ln a (a), b, logit c (c) or logit d (d); none drops the defaults. Default: none, but for 3PL and 4PL a=0,0.5 b=0,2 "
                        "c=-1.0986,0.5, and for 4PL d=2.9444,0.5. May be repeated");
    command->add_option("--tolerance", a->options.tolerance, "the optimum is closer than this in every parameter")->check(CLI::Range(1e-12, 1.0))->capture_default_str();
    command->add_option("--iterations", a->options.iterations_max, "E-steps at most")->check(CLI::Range(1, 1'000'000))->capture_default_str();
    command->add_flag("--se", a->options.standard_errors, "standard errors");
    command->add_option("--fixed", a->fixed, "bank of items that keep their parameters and hold the scale; the population's mean and SD are estimated");
    command->add_option("--population", a->population, "with --fixed: auto estimates mean and SD, standard keeps 0 and 1")->check(CLI::IsMember({"auto", "standard"}))->capture_default_str();
    command->add_option("--slope", a->slope, "of 1PL and PCM items: common (one, estimated) or unit")->check(CLI::IsMember({"common", "unit"}))->capture_default_str();
    command->add_option("-o,--output", a->output, "write the bank as CSV");
    command->add_option("--nodes", a->options.nodes, "quadrature nodes")->check(CLI::Range(11, 501))->capture_default_str();
    command->add_option("--range", a->range, "range of theta, LOW:HIGH")->capture_default_str();
    command->add_option("--threads", a->options.threads, "threads, 0: one a core; never changes the result")->check(CLI::Range(0, 64))->capture_default_str();
    command->add_flag("--json", a->as_json);
    command->callback([a, &status, streams] { run_calibrate(*a, status, streams); });
}

} // namespace assay::server::psychometrics::detail
