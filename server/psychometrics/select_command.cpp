#include "exam/adaptive/criterion.hpp"
#include "server/psychometrics/detail.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>

namespace assay::server::psychometrics::detail {
namespace {

namespace adaptive = exam::adaptive;

struct SelectArguments {
    std::string bank;
    std::string administered;
    std::string responses;
    std::string exclude;
    std::string criterion = "mfi";
    std::string theta;
    std::string mei_information = "observed";
    std::string predictive = "estimate";
    double cut = 0;
    int strata = 4;
    int length = 20;
    double acceleration = 1;
    int best = 5;
    std::uint64_t seed = 1;
    ScoringArguments scoring;
    bool as_json = false;
};

std::vector<std::size_t> positions(exam::ItemBank const& bank, std::vector<std::string> const& items, std::string const& option)
{
    auto found = std::vector<std::size_t>{};
    for (auto const& item : items) {
        auto const at = exam::find_item(bank, item);
        if (!at) throw std::runtime_error{option + ": the bank has no item \"" + item + "\""};
        if (std::find(found.begin(), found.end(), *at) != found.end()) throw std::runtime_error{option + ": item \"" + item + "\" is named twice"};
        found.push_back(*at);
    }
    return found;
}

/// The rows of answers that --administered and --responses describe together.
std::vector<exam::Category> answers(exam::ItemBank const& bank, std::vector<std::size_t> const& administered, std::vector<std::string> const& given)
{
    if (administered.size() != given.size())
        throw std::runtime_error{std::to_string(administered.size()) + " items are administered, but " + std::to_string(given.size()) + " responses given"};
    auto row = std::vector<exam::Category>(bank.items.size(), exam::not_administered);
    for (auto k = std::size_t{0}; k < given.size(); ++k) {
        auto const& item = bank.items[administered[k]];
        auto const code = parse_number_argument("--responses", given[k]);
        if (!(code >= 0 && code < static_cast<double>(item.model.categories()) && code == static_cast<int>(code)))
            throw std::runtime_error{"--responses: item \"" + item.item + "\" has the categories 0 to " + std::to_string(item.model.categories() - 1) + ", not " + given[k]};
        row[administered[k]] = static_cast<exam::Category>(code);
    }
    return row;
}

adaptive::SelectionOptions selection_options(SelectArguments const& arguments)
{
    auto options = adaptive::SelectionOptions{};
    auto const criterion = adaptive::criterion(arguments.criterion);
    if (!criterion) throw std::runtime_error{"--criterion: \"" + arguments.criterion + "\" is none of mfi, cut, kl, kl-interval, klp, mlwi, mpwi, mei, mepv, a-stratified, randomesque, progressive, random"};
    options.criterion = *criterion;
    options.cut = arguments.cut;
    options.predictive_from_posterior = arguments.predictive == "posterior";
    options.expected_information = arguments.mei_information == "expected";
    options.strata = arguments.strata;
    options.length = arguments.length;
    options.acceleration = arguments.acceleration;
    options.best = arguments.best;
    return options;
}

void run_select(SelectArguments const& arguments, Streams streams)
{
    auto const scoring = arguments.scoring.options();
    auto const options = selection_options(arguments);
    auto const bank = load_bank(arguments.bank);
    auto const administered = positions(bank, split_list(arguments.administered), "--administered");
    auto const excluded = positions(bank, split_list(arguments.exclude), "--exclude");
    auto const row = answers(bank, administered, split_list(arguments.responses));
    auto warnings = bank.warnings;

    auto const tables = adaptive::BankTables{models_of(bank), scoring.quadrature};
    auto posterior = adaptive::NodePosterior{tables, scoring.prior};
    for (auto const i : administered) posterior.update(tables, i, static_cast<std::size_t>(row[i]));
    auto theta = posterior.moments(tables).mean;
    if (!arguments.theta.empty()) {
        theta = parse_number_argument("--theta", arguments.theta);
        if (!(theta >= -100 && theta <= 100)) throw std::runtime_error{"--theta must lie within -100 … 100"};
    } else if (scoring.estimator != exam::Estimator::eap) {
        auto const estimate = exam::Scorer{models_of(bank), scoring}.score(row);
        if (estimate.theta) theta = *estimate.theta;
        if (estimate.status != exam::ScoreStatus::ok) warnings.push_back("theta: " + std::string{exam::name(estimate.status)} + (estimate.theta ? "" : ", the EAP is used"));
    }
    auto eligible = std::vector<std::uint32_t>{};
    for (auto i = std::uint32_t{0}; i < bank.items.size(); ++i)
        if (row[i] == exam::not_administered && std::find(excluded.begin(), excluded.end(), i) == excluded.end()) eligible.push_back(i);
    if (eligible.empty()) throw std::runtime_error{"no item of the bank is left to select"};

    auto random = adaptive::Random{arguments.seed, administered.size()};
    auto const ranking = adaptive::rank(tables, eligible, {posterior, theta, static_cast<int>(administered.size())}, options, random);
    auto const first = options.criterion == adaptive::Criterion::randomesque ? random.below(std::min(ranking.size(), static_cast<std::size_t>(options.best))) : 0;
    if (!arguments.as_json) {
        auto rows = std::vector<std::vector<std::string>>{{"item", std::string{adaptive::name(options.criterion)}, ""}};
        for (auto r = std::size_t{0}; r < std::min<std::size_t>(ranking.size(), 20); ++r) rows.push_back({bank.items[ranking[r].item].item, decimals(ranking[r].value, 6), r == first ? "<- next" : ""});
        streams.out << "theta " << decimals(theta) << "\n";
        print_table(streams.out, rows);
        print_warnings(streams.progress, warnings);
        return;
    }
    auto list = json::array{};
    for (auto const& r : ranking) list.push_back(json::object{{"item", bank.items[r.item].item}, {"value", r.value}});
    auto stated = conventions(scoring);
    stated["criterion"] = json::string{adaptive::name(options.criterion)};
    stated["theta"] = arguments.theta.empty() ? arguments.scoring.estimator : "given";
    stated["values"] = "kl, mlwi: weighted by the likelihood, klp, mpwi: by the posterior, each normalised to sum to 1 over the nodes; mepv: the smallest is best; ties go to the earlier item of the bank";
    if (options.criterion == adaptive::Criterion::mei || options.criterion == adaptive::Criterion::mepv) stated["predictive"] = arguments.predictive;
    if (options.criterion == adaptive::Criterion::mei) stated["mei_information"] = arguments.mei_information;
    streams.out << json_text(json::object{{"item", bank.items[ranking[first].item].item}, {"value", ranking[first].value}, {"theta", theta}, {"ranking", std::move(list)},
                                          {"conventions", std::move(stated)}, {"warnings", strings(warnings)}});
}

} // namespace

void add_select(CLI::App& app, Streams streams)
{
    auto const a = std::make_shared<SelectArguments>();
    auto* command = app.add_subcommand("select", "the next item, and how good every other one would be");
    command->add_option("--bank", a->bank, "item parameters: CSV, or QTI usage data")->required();
    command->add_option("--administered", a->administered, "item ids so far, separated by commas");
    command->add_option("--responses", a->responses, "their categories, in the same order");
    command->add_option("--exclude", a->exclude, "item ids that must not be selected");
    command->add_option("--criterion", a->criterion, "mfi, cut, kl, kl-interval, klp, mlwi, mpwi, mei, mepv, a-stratified, randomesque, progressive, random")->capture_default_str();
    command->add_option("--theta", a->theta, "the provisional estimate, instead of the estimator's");
    command->add_option("--cut", a->cut, "criterion cut: where")->capture_default_str();
    command->add_option("--mei-information", a->mei_information, "mei: observed or expected information")->check(CLI::IsMember({"observed", "expected"}))->capture_default_str();
    command->add_option("--predictive", a->predictive, "mei, mepv: probabilities of the next answer at the estimate, or over the posterior")->check(CLI::IsMember({"estimate", "posterior"}))->capture_default_str();
    command->add_option("--strata", a->strata, "a-stratified: strata")->check(CLI::Range(1, 20))->capture_default_str();
    command->add_option("--length", a->length, "a-stratified, progressive: planned length")->check(CLI::Range(1, 10'000))->capture_default_str();
    command->add_option("--acceleration", a->acceleration, "progressive: power of the weight")->check(CLI::Range(0.0, 10.0))->capture_default_str();
    command->add_option("--best", a->best, "randomesque: draw among so many")->check(CLI::Range(1, 10'000))->capture_default_str();
    command->add_option("--seed", a->seed, "of draws")->capture_default_str();
    a->scoring.add_to(*command, true);
    command->add_flag("--json", a->as_json);
    command->callback([a, streams] { run_select(*a, streams); });
}

} // namespace assay::server::psychometrics::detail
