#include "server/psychometrics/detail.hpp"

#include <cmath>
#include <ostream>

namespace assay::server::psychometrics::detail {
namespace {

struct InformationArguments {
    std::string bank;
    std::string theta = "-4:4:0.5";
    bool as_json = false;
};

void run_information(InformationArguments const& arguments, Streams streams)
{
    auto const bank = load_bank(arguments.bank);
    auto const thetas = load_thetas(arguments.theta, 1);
    auto total = std::vector<double>(thetas.size(), 0.0);
    auto items = json::array{};
    auto rows = std::vector<std::vector<std::string>>{{"item"}};
    for (auto const theta : thetas) rows.front().push_back(decimals(theta, 2));
    for (auto const& item : bank.items) {
        auto values = json::array{};
        auto probabilities = json::array{};
        rows.push_back({item.item});
        for (auto t = std::size_t{0}; t < thetas.size(); ++t) {
            auto const information = exam::information(item.model, {thetas[t]});
            total[t] += information;
            if (!arguments.as_json) {
                rows.back().push_back(decimals(information));
                continue;
            }
            values.emplace_back(information);
            auto terms = std::vector<exam::CategoryTerms>(item.model.categories());
            item.model.evaluate({thetas[t]}, terms);
            auto categories = json::array{};
            for (auto const& term : terms) categories.emplace_back(term.probability);
            probabilities.push_back(std::move(categories));
        }
        if (arguments.as_json) items.push_back(json::object{{"item", item.item}, {"information", std::move(values)}, {"probability", std::move(probabilities)}});
    }
    if (arguments.as_json) {
        auto errors = json::array{};
        auto grid = json::array{};
        auto sums = json::array{};
        for (auto t = std::size_t{0}; t < thetas.size(); ++t) {
            grid.emplace_back(thetas[t]);
            sums.emplace_back(total[t]);
            errors.push_back(total[t] > 0 ? json::value(1 / std::sqrt(total[t])) : json::value(nullptr));
        }
        streams.out << json_text(json::object{
            {"theta", std::move(grid)}, {"items", std::move(items)}, {"total", std::move(sums)}, {"se", std::move(errors)},
            {"conventions", json::object{{"metric", "logistic, D = 1; slopes of a bank with another D are multiplied by it"}, {"information", "expected (Fisher), 1/logit²"}, {"se", "1/sqrt(total)"}}},
            {"warnings", strings(bank.warnings)}});
        return;
    }
    rows.push_back({"total"});
    for (auto const sum : total) rows.back().push_back(decimals(sum));
    print_table(streams.out, rows);
    print_warnings(streams.progress, bank.warnings);
}

} // namespace

void add_information(CLI::App& app, Streams streams)
{
    auto const arguments = std::make_shared<InformationArguments>();
    auto* command = app.add_subcommand("information", "information of each item and of the whole bank along theta");
    command->add_option("--bank", arguments->bank, "item parameters: CSV, or QTI usage data")->required();
    command->add_option("--theta", arguments->theta, "LOW:HIGH:STEP, a list, or a file")->capture_default_str();
    command->add_flag("--json", arguments->as_json);
    command->callback([arguments, streams] { run_information(*arguments, streams); });
}

} // namespace assay::server::psychometrics::detail
