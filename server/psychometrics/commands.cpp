#include "server/psychometrics/detail.hpp"

#include <iostream>
#include <stdexcept>

namespace assay::server::psychometrics {
namespace detail {

void ScoringArguments::add_to(CLI::App& command, bool with_estimator)
{
    if (with_estimator)
        command.add_option("--estimator", estimator, "mle, map, eap, wle (Warm) or jeffreys")->check(CLI::IsMember({"mle", "map", "eap", "wle", "jeffreys"}))->capture_default_str();
    command.add_option("--prior-mean", prior_mean, "mean of the normal prior, logits")->capture_default_str();
    command.add_option("--prior-sd", prior_sd, "standard deviation of the normal prior, logits")->capture_default_str();
    command.add_option("--nodes", nodes, "quadrature nodes")->check(CLI::Range(2, 10'001))->capture_default_str();
    command.add_option("--range", range, "range of theta, LOW:HIGH")->capture_default_str();
    command.add_option("--rule", rule, "rectangle or trapezoid")->check(CLI::IsMember({"rectangle", "trapezoid"}))->capture_default_str();
}

exam::ScoringOptions ScoringArguments::options() const
{
    auto const ends = split_list(range, ':');
    if (ends.size() != 2) throw std::runtime_error{"--range: LOW:HIGH is expected, as in -6:6"};
    auto options = exam::ScoringOptions{};
    options.estimator = exam::estimator(estimator).value();
    options.prior = {prior_mean, prior_sd};
    options.quadrature = {.nodes = nodes, .low = parse_number_argument("--range", ends[0]), .high = parse_number_argument("--range", ends[1]),
                          .rule = rule == "trapezoid" ? exam::QuadratureRule::trapezoid : exam::QuadratureRule::rectangle};
    if (auto const wrong = exam::problem(options)) throw std::runtime_error{*wrong};
    return options;
}

} // namespace detail

void add_psychometrics_commands(CLI::App& app, int& status, std::ostream& out, std::ostream& progress)
{
    auto const streams = detail::Streams{out, progress};
    detail::add_score(app, streams);
    detail::add_information(app, streams);
    detail::add_select(app, streams);
    detail::add_simulate(app, streams);
    detail::add_assemble(app, status, streams);
}

void add_psychometrics_commands(CLI::App& app, int& status) { add_psychometrics_commands(app, status, std::cout, std::cerr); }

} // namespace assay::server::psychometrics
