#include "exam/calibration/fit/classical.hpp"
#include "exam/calibration/fit/limited_information.hpp"
#include "exam/calibration/fit/local_dependence.hpp"
#include "exam/calibration/fit/person_fit.hpp"
#include "server/psychometrics/calibration_detail.hpp"

#include <iostream>
#include <memory>
#include <stdexcept>
#include <unordered_map>

namespace assay::server::psychometrics {
namespace detail {
namespace {

namespace calibration = exam::calibration;

struct AnalyseArguments {
    std::string bank, responses, keys;
    ScoringArguments scoring;
    bool as_json = false;
};

struct Input {
    exam::ItemBank bank;
    std::vector<exam::ItemModel> items;
    exam::ResponseTable responses;
    exam::ScoringOptions options;
    std::vector<std::string> warnings;
};

/// Bank and responses, without the bank's items that nobody could answer here: they would make every row incomplete.
Input load(AnalyseArguments const& a)
{
    auto input = Input{};
    input.options = a.scoring.options();
    input.bank = load_bank(a.bank);
    auto all = load_responses(a.responses, input.bank);
    input.warnings = input.bank.warnings;
    input.warnings.insert(input.warnings.end(), all.warnings.begin(), all.warnings.end());
    auto kept = std::vector<std::size_t>{};
    for (std::size_t i = 0; i < all.items.size(); ++i)
        for (std::size_t p = 0; p < all.persons; ++p)
            if (all.at(p, i) != exam::not_administered) {
                kept.push_back(i);
                break;
            }
    input.responses.persons = all.persons;
    for (auto const i : kept) {
        input.responses.items.push_back(all.items[i]);
        input.items.push_back(input.bank.items[i].model);
    }
    for (std::size_t p = 0; p < all.persons; ++p)
        for (auto const i : kept) input.responses.categories.push_back(all.at(p, i));
    return input;
}

json::object with_conventions(Input const& input, std::string_view definition)
{
    auto result = conventions(input.options);
    result["estimator"] = json::string{name(input.options.estimator)};
    result["definition"] = json::string{definition};
    return result;
}

void finish(std::ostream& out, json::object document, std::vector<std::string> const& warnings)
{
    document["warnings"] = strings(warnings);
    out << json_text(document);
}

void run_personfit(AnalyseArguments const& a, Streams streams)
{
    auto const input = load(a);
    auto const fits = calibration::person_fit(input.items, input.responses, input.options);
    auto rows = std::vector<std::vector<std::string>>{{"person", "answers", "theta", "se", "lz", "lz*", "infit", "outfit", "status"}};
    auto persons = json::array{};
    for (std::size_t p = 0; p < fits.size(); ++p) {
        auto const& f = fits[p];
        if (!a.as_json) {
            rows.push_back({std::to_string(p + 1), std::to_string(f.answers), decimals(f.ability.theta), decimals(f.ability.se), decimals(f.lz), decimals(f.lz_star),
                            decimals(f.infit), decimals(f.outfit), std::string{name(f.ability.status)}});
            continue;
        }
        persons.push_back(json::object{{"person", p + 1}, {"answers", f.answers}, {"theta", number_or_null(f.ability.theta)}, {"se", number_or_null(f.ability.se)},
                                       {"status", json::string{name(f.ability.status)}}, {"log_likelihood", number_or_null(f.log_likelihood)}, {"lz", number_or_null(f.lz)},
                                       {"lz_star", number_or_null(f.lz_star)}, {"infit", number_or_null(f.infit)}, {"outfit", number_or_null(f.outfit)}});
    }
    if (a.as_json) {
        auto document = json::object{{"persons", std::move(persons)}};
        document["conventions"] = with_conventions(input, "lz: Drasgow, Levine & Williams (1985); lz*: Snijders (2001), Sinharay (2016) for more categories; infit, outfit: mean squares");
        return finish(streams.out, std::move(document), input.warnings);
    }
    print_table(streams.out, rows);
    print_warnings(streams.progress, input.warnings);
}

json::object chi_square_json(calibration::ChiSquare const& test)
{
    return {{"statistic", test.statistic}, {"df", test.df}, {"p", number_or_null(test.p)}};
}

void run_itemfit(AnalyseArguments const& a, Streams streams)
{
    auto const input = load(a);
    auto const fits = calibration::item_fit(input.items, input.responses, input.options);
    auto rows = std::vector<std::vector<std::string>>{{"item", "answers", "infit", "outfit", "S-X2", "df", "p"}};
    auto items = json::array{};
    for (std::size_t i = 0; i < fits.size(); ++i) {
        auto const& f = fits[i];
        auto const test = f.s_x2.value_or(calibration::ChiSquare{});
        rows.push_back({input.responses.items[i], std::to_string(f.answers), decimals(f.infit), decimals(f.outfit), f.s_x2 ? decimals(test.statistic) : "-",
                        f.s_x2 ? std::to_string(test.df) : "-", decimals(test.p)});
        items.push_back(json::object{{"item", input.responses.items[i]}, {"answers", f.answers}, {"infit", number_or_null(f.infit)}, {"outfit", number_or_null(f.outfit)},
                                     {"s_x2", f.s_x2 ? json::value(chi_square_json(test)) : json::value(nullptr)}});
    }
    if (a.as_json) {
        auto document = json::object{{"items", std::move(items)}};
        document["conventions"] = with_conventions(input, "S-X2: Orlando & Thissen (2000), Kang & Chen (2008); complete rows, cells of at least one expected person");
        return finish(streams.out, std::move(document), input.warnings);
    }
    print_table(streams.out, rows);
    print_warnings(streams.progress, input.warnings);
}

json::object limited_json(calibration::LimitedInformation const& fit)
{
    auto result = chi_square_json(fit.test);
    result["rmsea"] = fit.rmsea;
    result["rmsea_90"] = json::array{number_or_null(fit.rmsea_lower), number_or_null(fit.rmsea_upper)};
    result["srmsr"] = fit.srmsr;
    result["persons"] = fit.persons;
    return result;
}

void run_modelfit(AnalyseArguments const& a, Streams streams)
{
    auto const input = load(a);
    auto document = json::object{};
    auto const test = [&](char const* key, char const* label, calibration::MomentSet set) {
        auto const fit = calibration::limited_information(input.items, input.responses, set, input.options.prior);
        document[key] = fit ? json::value(limited_json(*fit)) : json::value(json::object{{"why_not", fit.error()}});
        if (a.as_json) return;
        if (fit)
            streams.out << label << " " << decimals(fit->test.statistic) << ", df " << fit->test.df << ", p " << decimals(fit->test.p) << ", RMSEA " << decimals(fit->rmsea)
                        << " (" << decimals(fit->rmsea_lower) << " to " << decimals(fit->rmsea_upper) << "), SRMSR " << decimals(fit->srmsr) << "\n";
        else streams.out << label << ": none, " << fit.error() << "\n";
    };
    test("m2", "M2", calibration::MomentSet::m2);
    test("c2", "C2", calibration::MomentSet::c2);
    auto const q3 = calibration::local_dependence(input.items, input.responses, input.options);
    auto pairs = json::array{};
    auto rows = std::vector<std::vector<std::string>>{{"item", "item", "Q3"}};
    for (std::size_t i = 0; i < q3.items; ++i)
        for (auto j = i + 1; j < q3.items; ++j) {
            auto const value = q3.at(i, j);
            pairs.push_back(json::object{{"items", json::array{json::string{input.responses.items[i]}, json::string{input.responses.items[j]}}}, {"q3", number_or_null(value)}});
            if (value && q3.mean && *value - *q3.mean > 0.2) rows.push_back({input.responses.items[i], input.responses.items[j], decimals(value)});
        }
    if (a.as_json) {
        document["q3"] = json::object{{"mean", number_or_null(q3.mean)}, {"pairs", std::move(pairs)}};
        document["conventions"] = with_conventions(input, "M2: Maydeu-Olivares & Joe (2006), with more categories M2* of Cai & Hansen (2013); C2: Cai & Monroe (2014); Q3: Yen (1984). "
                                                          "The bank must be the maximum likelihood estimate of these responses");
        return finish(streams.out, std::move(document), input.warnings);
    }
    streams.out << "Q3 mean " << decimals(q3.mean) << "; pairs more than 0.2 above it:\n";
    print_table(streams.out, rows);
    print_warnings(streams.progress, input.warnings);
}

/// CSV item,key: the right answer's code.
std::vector<std::optional<exam::Category>> load_keys(std::string const& path, exam::ResponseTable const& responses)
{
    auto const rows = exam::read_csv(read_bounded(path));
    if (!rows) throw std::runtime_error{path + ": " + to_string(rows.error())};
    if (rows->empty() || rows->front().fields != std::vector<std::string>{"item", "key"}) throw std::runtime_error{path + ": line 1: the header item,key is expected"};
    auto keys = std::unordered_map<std::string, exam::Category>{};
    for (std::size_t r = 1; r < rows->size(); ++r) {
        auto const& row = (*rows)[r];
        auto const key = exam::parse_decimal(row.fields[1]);
        if (!key || *key < 0 || *key > 1000 || *key != static_cast<int>(*key))
            throw std::runtime_error{path + ": line " + std::to_string(row.line) + ", column 2: a code from 0 to 1000 is expected, not \"" + row.fields[1] + "\""};
        keys[row.fields[0]] = static_cast<exam::Category>(*key);
    }
    auto result = std::vector<std::optional<exam::Category>>{};
    for (auto const& item : responses.items) {
        auto const place = keys.find(item);
        if (place == keys.end()) throw std::runtime_error{path + ": no line for item " + item};
        result.emplace_back(place->second);
    }
    return result;
}

json::object classical_json(calibration::ClassicalItem const& item)
{
    auto categories = json::array{};
    for (auto const& row : item.categories)
        categories.push_back(json::object{{"category", row.category}, {"persons", row.persons}, {"share", row.share}, {"mean_rest", number_or_null(row.mean_rest)},
                                          {"point_biserial", number_or_null(row.point_biserial)}});
    return {{"item", item.item}, {"answers", item.answers}, {"mean", item.mean}, {"p", item.p}, {"sd", number_or_null(item.sd)},
            {"point_biserial", number_or_null(item.point_biserial)}, {"point_biserial_corrected", number_or_null(item.corrected)},
            {"alpha_without", number_or_null(item.alpha_without)}, {"categories", std::move(categories)}};
}

void run_classical(AnalyseArguments const& a, Streams streams)
{
    auto table = exam::read_responses(read_bounded(a.responses));
    if (!table) throw std::runtime_error{a.responses + ": " + to_string(table.error())};
    auto keys = std::vector<std::optional<exam::Category>>{};
    if (!a.keys.empty()) keys = load_keys(a.keys, *table);
    else {
        auto recoded = exam::recode(std::move(*table), {});
        if (!recoded) throw std::runtime_error{a.responses + ": " + to_string(recoded.error())};
        table = std::move(*recoded);
    }
    auto const result = calibration::classical(*table, keys);
    if (a.as_json) {
        auto items = json::array{};
        for (auto const& item : result.items) items.push_back(classical_json(item));
        auto document = json::object{{"persons", result.persons}, {"complete", result.complete}, {"alpha", number_or_null(result.alpha)}, {"mean", number_or_null(result.mean)},
                                     {"sd", number_or_null(result.sd)}, {"items", std::move(items)}};
        document["conventions"] = json::object{{"score", a.keys.empty() ? "category number" : "1 for the key, 0 otherwise"},
                                               {"definition", "point_biserial with the score on all answered items, corrected: on the others; alpha: Cronbach, complete rows"}};
        return finish(streams.out, std::move(document), table->warnings);
    }
    auto rows = std::vector<std::vector<std::string>>{{"item", "answers", "p", "point-biserial", "corrected", "alpha without"}};
    auto options = std::vector<std::vector<std::string>>{{"item", "category", "persons", "share", "mean rest", "point-biserial"}};
    for (auto const& item : result.items) {
        rows.push_back({item.item, std::to_string(item.answers), decimals(item.p), decimals(item.point_biserial), decimals(item.corrected), decimals(item.alpha_without)});
        for (auto const& row : item.categories)
            options.push_back({item.item, std::to_string(row.category), std::to_string(row.persons), decimals(row.share), decimals(row.mean_rest), decimals(row.point_biserial)});
    }
    print_table(streams.out, rows);
    streams.out << "\n";
    print_table(streams.out, options);
    streams.out << "\nalpha " << decimals(result.alpha) << " over " << result.complete << " complete rows of " << result.persons << "\n";
    print_warnings(streams.progress, table->warnings);
}

CLI::App* find_or_add(CLI::App& app, std::string const& name_of, std::string const& description)
{
    for (auto* command : app.get_subcommands([](CLI::App*) { return true; }))
        if (command->get_name() == name_of) return command;
    return app.add_subcommand(name_of, description)->require_subcommand(1);
}

void add_with_bank(CLI::App& analyse, std::string const& name_of, std::string const& description, Streams streams, void (*run)(AnalyseArguments const&, Streams))
{
    auto const a = std::make_shared<AnalyseArguments>();
    a->scoring.estimator = "wle";
    auto* command = analyse.add_subcommand(name_of, description);
    command->add_option("--bank", a->bank, "item parameters: CSV")->required();
    command->add_option("--responses", a->responses, "CSV: header = item names, a row a person; empty or NA = not administered")->required();
    a->scoring.add_to(*command, true);
    command->add_flag("--json", a->as_json);
    command->callback([a, streams, run] { run(*a, streams); });
}

} // namespace

void add_analyse(CLI::App& app, Streams streams)
{
    auto* analyse = find_or_add(app, "analyse", "how items, persons and the model fit");
    add_with_bank(*analyse, "personfit", "lz, lz*, infit and outfit of each person", streams, run_personfit);
    add_with_bank(*analyse, "itemfit", "S-X2, infit and outfit of each item", streams, run_itemfit);
    add_with_bank(*analyse, "modelfit", "M2, C2 and local dependence (Q3)", streams, run_modelfit);
    auto const a = std::make_shared<AnalyseArguments>();
    auto* command = analyse->add_subcommand("classical", "p, point-biserial, distractors and alpha");
    command->add_option("--responses", a->responses, "CSV: header = item names, a row a person; empty or NA = not administered")->required();
    command->add_option("--key", a->keys, "CSV item,key: score 1 for that code and 0 otherwise; without it the code is the score");
    command->add_flag("--json", a->as_json);
    command->callback([a, streams] { run_classical(*a, streams); });
}

std::ostream& default_progress() { return std::cerr; }

} // namespace detail

void add_calibration_commands(CLI::App& app, int& status, std::ostream& out, std::ostream& progress)
{
    auto const streams = detail::Streams{out, progress};
    detail::add_calibrate(app, status, streams);
    detail::add_analyse(app, streams);
}

void add_calibration_commands(CLI::App& app, int& status) { add_calibration_commands(app, status, std::cout, std::cerr); }

} // namespace assay::server::psychometrics
