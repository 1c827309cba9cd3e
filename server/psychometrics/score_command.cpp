#include "server/psychometrics/detail.hpp"

#include <ostream>

namespace assay::server::psychometrics::detail {
namespace {

struct ScoreArguments {
    std::string bank;
    std::string responses;
    ScoringArguments scoring;
    bool as_json = false;
};

constexpr auto se_definition = "mle, wle, jeffreys: 1/sqrt(I), I the expected information; map: 1/sqrt(I + 1/prior variance); eap: posterior standard deviation; "
                               "se_observed: the same with the observed information, for map and eap plus 1/prior variance";

void run_score(ScoreArguments const& arguments, Streams streams)
{
    auto const options = arguments.scoring.options();
    auto const bank = load_bank(arguments.bank);
    auto const responses = load_responses(arguments.responses, bank);
    auto warnings = bank.warnings;
    warnings.insert(warnings.end(), responses.warnings.begin(), responses.warnings.end());

    auto const step = (options.quadrature.high - options.quadrature.low) / static_cast<double>(options.quadrature.nodes - 1);
    auto scorer = exam::Scorer{models_of(bank), options};
    auto persons = json::array{};
    auto rows = std::vector<std::vector<std::string>>{{"person", "theta", "se", "se_observed", "status"}};
    auto narrow = std::size_t{0};
    for (auto p = std::size_t{0}; p < responses.persons; ++p) {
        auto const estimate = scorer.score(responses.of(p));
        narrow += options.estimator == exam::Estimator::eap && estimate.se.value_or(step) < 0.67 * step;
        if (arguments.as_json) {
            persons.push_back(json::object{{"person", p + 1}, {"theta", number_or_null(estimate.theta)}, {"se", number_or_null(estimate.se)},
                                           {"se_observed", number_or_null(estimate.se_observed)}, {"status", json::string{exam::name(estimate.status)}}});
        } else {
            rows.push_back({std::to_string(p + 1), decimals(estimate.theta), decimals(estimate.se), decimals(estimate.se_observed), std::string{exam::name(estimate.status)}});
        }
    }
    if (narrow != 0) warnings.push_back(std::to_string(narrow) + " posteriors are narrower than two thirds of the step between nodes: use more --nodes");
    if (arguments.as_json) {
        auto stated = conventions(options);
        stated["estimator"] = json::string{exam::name(options.estimator)};
        stated["se"] = se_definition;
        streams.out << json_text(json::object{{"persons", std::move(persons)}, {"conventions", std::move(stated)}, {"warnings", strings(warnings)}});
    } else {
        print_table(streams.out, rows);
        print_warnings(streams.progress, warnings);
    }
}

} // namespace

void add_score(CLI::App& app, Streams streams)
{
    auto const arguments = std::make_shared<ScoreArguments>();
    auto* command = app.add_subcommand("score", "abilities from responses, with an item bank");
    command->add_option("--bank", arguments->bank, "item parameters: CSV, or QTI usage data")->required();
    command->add_option("--responses", arguments->responses, "CSV, header = item names, categories from 0, empty or NA = not administered")->required();
    arguments->scoring.add_to(*command, true);
    command->add_flag("--json", arguments->as_json);
    command->callback([arguments, streams] { run_score(*arguments, streams); });
}

} // namespace assay::server::psychometrics::detail
