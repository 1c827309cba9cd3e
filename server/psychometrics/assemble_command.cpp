#include "exam/assembly/solver.hpp"
#include "server/psychometrics/detail.hpp"

#include <cmath>
#include <ostream>
#include <stdexcept>

namespace assay::server::psychometrics::detail {
namespace {

namespace assembly = exam::assembly;

struct AssembleArguments {
    std::string bank;
    std::string blueprint;
    std::size_t forms = 1;
    std::size_t uses = 1;
    std::size_t nodes = 20'000;
    double gap = 0;
    bool as_json = false;
};

double information_of(exam::BankItem const& item, std::vector<double> const& thetas)
{
    auto sum = 0.0;
    for (auto const theta : thetas) sum += exam::information(item.model, {theta});
    return sum;
}

std::vector<std::string> chosen_items(exam::ItemBank const& bank, std::vector<std::uint8_t> const& chosen)
{
    auto items = std::vector<std::string>{};
    for (auto i = std::size_t{0}; i < chosen.size(); ++i)
        if (chosen[i] != 0) items.push_back(bank.items[i].item);
    return items;
}

void print_form(std::ostream& out, exam::ItemBank const& bank, assembly::Solution const& solution, std::vector<double> const& values)
{
    auto rows = std::vector<std::vector<std::string>>{{"item", "area", "information"}};
    for (auto i = std::size_t{0}; i < solution.chosen.size(); ++i)
        if (solution.chosen[i] != 0) rows.push_back({bank.items[i].item, bank.items[i].area, decimals(values[i])});
    print_table(out, rows);
    out << "objective " << decimals(solution.objective, 6) << ", "
        << (solution.outcome == assembly::SolveOutcome::optimal ? std::string{"proven optimal"} : "no form can have more than " + decimals(solution.bound, 6)) << "\n";
}

json::object form_json(exam::ItemBank const& bank, assembly::Solution const& solution)
{
    auto form = json::object{};
    form["outcome"] = json::string{assembly::name(solution.outcome)};
    form["proven"] = solution.outcome == assembly::SolveOutcome::optimal;
    form["objective"] = solution.chosen.empty() ? json::value(nullptr) : json::value(solution.objective);
    form["bound"] = solution.chosen.empty() ? json::value(nullptr) : json::value(solution.bound);
    form["gap"] = solution.chosen.empty() ? json::value(nullptr) : json::value(solution.objective != 0 ? (solution.bound - solution.objective) / std::abs(solution.objective) : 0.0);
    form["items"] = strings(chosen_items(bank, solution.chosen));
    form["nodes"] = solution.nodes;
    return form;
}

void run_assemble(AssembleArguments const& a, int& status, Streams streams)
{
    auto const bank = load_bank(a.bank);
    auto const blueprint = assembly::read_blueprint(read_bounded(a.blueprint, 16u << 20));
    if (!blueprint) throw std::runtime_error{a.blueprint + ": " + to_string(blueprint.error())};
    auto const program = assembly::make_program(bank, *blueprint);
    if (!program) throw std::runtime_error{a.blueprint + ": " + to_string(program.error())};

    auto values = std::vector<double>{};
    for (auto const& item : bank.items) values.push_back(information_of(item, blueprint->theta));
    auto solver = assembly::FormSolver{*program};
    solver.set_values(values);
    auto uses = std::vector<std::size_t>(bank.items.size(), 0);
    auto forms = json::array{};
    auto first = assembly::Solution{};
    auto reasons = std::vector<std::string>{};
    for (auto f = std::size_t{0}; f < a.forms; ++f) {
        auto const solution = solver.solve({.nodes = a.nodes, .gap = a.gap});
        if (f == 0) first = solution;
        if (solution.chosen.empty()) {
            reasons = f == 0 ? assembly::explain_infeasibility(*program) : std::vector{"only " + std::to_string(f) + " forms are possible when an item may be used in " + std::to_string(a.uses) + " of them"};
            if (reasons.empty()) reasons.emplace_back("no form was found within " + std::to_string(solution.nodes) + " nodes, and none was ruled out: raise --nodes");
            status = 3;
            break;
        }
        forms.push_back(form_json(bank, solution));
        if (!a.as_json) {
            if (a.forms > 1) streams.out << "form " << f + 1 << "\n";
            print_form(streams.out, bank, solution, values);
        }
        for (auto i = std::size_t{0}; i < uses.size(); ++i)
            if (solution.chosen[i] != 0 && ++uses[i] >= a.uses && program->low[i] == 0) solver.fix(i, 0, 0);
    }
    if (!a.as_json) {
        if (!reasons.empty()) streams.out << "no form satisfies the blueprint:\n";
        for (auto const& reason : reasons) streams.out << "  " << reason << "\n";
        print_warnings(streams.progress, bank.warnings);
        return;
    }
    auto document = form_json(bank, first);
    document["form"] = document["items"];
    document.erase("items");
    document["why_not"] = strings(reasons);
    if (a.forms > 1) document["forms"] = std::move(forms);
    document["blueprint"] = assembly::to_json(*blueprint);
    document["conventions"] = json::object{{"objective", "sum over the form's items and the blueprint's theta of the expected information, 1/logit²"}, {"metric", "logistic, D = 1; slopes of a bank with another D are multiplied by it"}};
    document["warnings"] = strings(bank.warnings);
    streams.out << json_text(document);
}

} // namespace

void add_assemble(CLI::App& app, int& status, Streams streams)
{
    auto const a = std::make_shared<AssembleArguments>();
    auto* command = app.add_subcommand("assemble", "the best form that satisfies a blueprint, or why there is none");
    command->add_option("--bank", a->bank, "item parameters: CSV with the blueprint's attributes")->required();
    command->add_option("--blueprint", a->blueprint, "JSON")->required();
    command->add_option("--forms", a->forms, "so many forms, one after the other")->check(CLI::Range(1, 1000))->capture_default_str();
    command->add_option("--uses", a->uses, "forms that one item may appear in")->check(CLI::Range(1, 1000))->capture_default_str();
    command->add_option("--nodes", a->nodes, "branch-and-bound nodes at most")->check(CLI::Range(1, 10'000'000))->capture_default_str();
    command->add_option("--gap", a->gap, "relative distance from the bound that is good enough")->check(CLI::Range(0.0, 1.0))->capture_default_str();
    command->add_flag("--json", a->as_json);
    command->callback([a, &status, streams] { run_assemble(*a, status, streams); });
}

} // namespace assay::server::psychometrics::detail
