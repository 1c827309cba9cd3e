#include "server/psychometrics/files.hpp"

#include "core/bytes.hpp"
#include "exam/adaptive/random.hpp"
#include "exam/qti/usage_data.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <unordered_map>

namespace assay::server::psychometrics {

namespace fs = std::filesystem;

namespace {

constexpr auto thetas_max = std::size_t{1'000'000};

exam::ItemBank bank_of_usage_data(fs::path const& path, std::string const& text)
{
    auto usage = exam::qti::UsageData{};
    usage.read(path.filename().string(), bytes_of(text));
    auto bank = exam::ItemBank{.items = {}, .warnings = usage.notes};
    for (auto const& name : usage.left_out) bank.warnings.push_back("statistic " + name + " was left out");
    auto provisional = std::size_t{0};
    for (auto const& identifier : usage.order) {
        auto const& p = usage.items.at(identifier);
        if (!p.difficulty) {
            bank.warnings.push_back("item " + identifier + " has no B-Parm and was left out");
            continue;
        }
        auto values = exam::ItemModel::Values{};
        values.kind = p.pseudo_guessing.value_or(0) != 0 ? exam::ModelKind::three_parameter : p.discrimination ? exam::ModelKind::two_parameter : exam::ModelKind::one_parameter;
        values.slopes = {p.discrimination.value_or(1)};
        values.thresholds = {*p.difficulty};
        values.lower = p.pseudo_guessing.value_or(0);
        if (auto const problem = exam::ItemModel::problem(values)) throw std::runtime_error{path.string() + ": item " + identifier + ": " + *problem};
        bank.items.push_back({.item = identifier, .model = exam::ItemModel::of(std::move(values))});
        provisional += p.provisional;
    }
    if (bank.items.empty()) throw std::runtime_error{path.string() + ": no item parameters in it"};
    if (provisional != 0) bank.warnings.push_back("the parameters of " + std::to_string(provisional) + " items are provisional: no responses stand behind them");
    return bank;
}

} // namespace

std::string read_bounded(fs::path const& path, std::size_t size_max)
{
    auto error = std::error_code{};
    if (fs::is_directory(path, error)) throw std::runtime_error{path.string() + " is a folder, not a file"};
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"can't read " + path.string()};
    auto text = std::string{};
    auto buffer = std::vector<char>(1 << 16);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
        if (text.size() > size_max) throw std::runtime_error{path.string() + " has more than " + std::to_string(size_max) + " bytes"};
    }
    if (file.bad()) throw std::runtime_error{"can't read " + path.string()};
    return text;
}

exam::ItemBank load_bank(fs::path const& path)
{
    auto const text = read_bounded(path);
    if (exam::qti::is_usage_data(bytes_of(text))) return bank_of_usage_data(path, text);
    auto bank = exam::read_item_bank(text);
    if (!bank) throw std::runtime_error{path.string() + ": " + to_string(bank.error())};
    return std::move(*bank);
}

exam::ResponseTable load_responses(fs::path const& path, exam::ItemBank const& bank)
{
    auto table = exam::read_responses(read_bounded(path));
    if (!table) throw std::runtime_error{path.string() + ": " + to_string(table.error())};

    auto columns = std::unordered_map<std::string_view, std::size_t>{};
    for (auto c = std::size_t{0}; c < table->items.size(); ++c) columns.emplace(table->items[c], c);
    auto matched = exam::ResponseTable{.items = {}, .persons = table->persons, .categories = {}, .warnings = table->warnings};
    auto sources = std::vector<std::optional<std::size_t>>{};
    auto counts = std::vector<std::size_t>{};
    auto missing = std::size_t{0};
    for (auto const& item : bank.items) {
        auto const found = columns.find(item.item);
        sources.push_back(found == columns.end() ? std::nullopt : std::optional{found->second});
        missing += found == columns.end();
        matched.items.push_back(item.item);
        counts.push_back(item.model.categories());
    }
    if (missing == bank.items.size()) throw std::runtime_error{path.string() + ": no column of its header is an item of the bank"};
    if (missing != 0) matched.warnings.push_back(std::to_string(missing) + " items of the bank have no column in the responses: not administered");
    for (auto const& item : table->items)
        if (!exam::find_item(bank, item)) matched.warnings.push_back("column " + item + " is no item of the bank and was left out");
    matched.categories.reserve(table->persons * bank.items.size());
    for (auto p = std::size_t{0}; p < table->persons; ++p)
        for (auto const& source : sources) matched.categories.push_back(source ? table->at(p, *source) : exam::not_administered);

    auto recoded = exam::recode(std::move(matched), counts);
    if (!recoded) throw std::runtime_error{path.string() + ": " + recoded.error().what};
    return std::move(*recoded);
}

std::vector<exam::ItemModel> models_of(exam::ItemBank const& bank)
{
    auto models = std::vector<exam::ItemModel>{};
    for (auto const& item : bank.items) models.push_back(item.model);
    return models;
}

std::vector<std::string> split_list(std::string_view list, char separator)
{
    auto parts = std::vector<std::string>{};
    while (!list.empty()) {
        auto const end = list.find(separator);
        parts.emplace_back(list.substr(0, end));
        if (end == std::string_view::npos) break;
        list.remove_prefix(end + 1);
        if (list.empty()) parts.emplace_back();
    }
    return parts;
}

double parse_number_argument(std::string const& what, std::string_view text)
{
    auto const number = exam::parse_decimal(text);
    if (!number) throw std::runtime_error{what + ": \"" + std::string{text.substr(0, 60)} + "\" is no number"};
    return *number;
}

namespace {

std::vector<double> theta_grid(std::string const& text)
{
    auto const parts = split_list(text, ':');
    if (parts.size() != 3) throw std::runtime_error{"theta: LOW:HIGH:STEP is expected, as in -4:4:0.5"};
    auto const low = parse_number_argument("theta", parts[0]);
    auto const high = parse_number_argument("theta", parts[1]);
    auto const step = parse_number_argument("theta", parts[2]);
    if (!(step > 0) || !(high >= low) || (high - low) / step > 1e6 - 1) throw std::runtime_error{"theta: LOW:HIGH:STEP must ascend by a positive step, in at most 1000000 points"};
    auto thetas = std::vector<double>{};
    auto const count = static_cast<std::size_t>((high - low) / step + 1e-9) + 1;
    for (auto i = std::size_t{0}; i < count; ++i) thetas.push_back(low + static_cast<double>(i) * step);
    return thetas;
}

std::vector<double> drawn(std::string const& text, std::uint64_t seed)
{
    auto const parts = split_list(text, ':');
    if (parts.size() != 2 && parts.size() != 4) throw std::runtime_error{"thetas: normal:N or normal:N:MEAN:SD is expected"};
    auto const count = parse_number_argument("thetas", parts[1]);
    auto const mean = parts.size() == 4 ? parse_number_argument("thetas", parts[2]) : 0.0;
    auto const sd = parts.size() == 4 ? parse_number_argument("thetas", parts[3]) : 1.0;
    if (!(count >= 1 && count <= static_cast<double>(thetas_max)) || !(sd >= 0)) throw std::runtime_error{"thetas: 1 to 1000000 persons and an SD of at least 0 are possible"};
    auto random = exam::adaptive::Random{seed, 0x746865746173};
    auto thetas = std::vector<double>{};
    for (auto i = std::size_t{0}; i < static_cast<std::size_t>(count); ++i) thetas.push_back(mean + sd * random.normal());
    return thetas;
}

std::vector<double> theta_file(std::string const& path)
{
    auto const rows = exam::read_csv(read_bounded(path));
    if (!rows) throw std::runtime_error{path + ": " + to_string(rows.error())};
    auto thetas = std::vector<double>{};
    for (auto r = std::size_t{0}; r < rows->size(); ++r) {
        auto const& row = (*rows)[r];
        auto const number = exam::parse_decimal(row.fields.front());
        if (!number && r == 0) continue; // a header
        if (!number) throw std::runtime_error{path + ": line " + std::to_string(row.line) + ": no number"};
        thetas.push_back(*number);
    }
    return thetas;
}

} // namespace

std::vector<double> load_thetas(std::string const& text, std::uint64_t seed)
{
    auto error = std::error_code{};
    auto thetas = std::vector<double>{};
    if (fs::exists(text, error)) thetas = theta_file(text);
    else if (text.starts_with("normal:")) thetas = drawn(text, seed);
    else if (text.find(':') != std::string::npos) thetas = theta_grid(text);
    else if (text.find(',') != std::string::npos || exam::parse_decimal(text))
        for (auto const& part : split_list(text)) thetas.push_back(parse_number_argument("theta", part));
    else throw std::runtime_error{"can't read " + text + " (or give LOW:HIGH:STEP, a list, or normal:N)"};
    if (thetas.empty()) throw std::runtime_error{text + ": no theta in it"};
    if (thetas.size() > thetas_max) throw std::runtime_error{text + ": more than 1000000 thetas"};
    for (auto const theta : thetas)
        if (!(theta >= -100 && theta <= 100)) throw std::runtime_error{text + ": theta must lie within -100 … 100"};
    return thetas;
}

void write_file(fs::path const& path, std::string_view text)
{
    auto const part = fs::path{path.string() + ".part"};
    {
        auto file = std::ofstream{part, std::ios::binary | std::ios::trunc};
        file << text;
        file.flush();
        if (!file) throw std::runtime_error{"can't write " + part.string()};
    }
    auto error = std::error_code{};
    fs::rename(part, path, error);
    if (error) throw std::runtime_error{"can't write " + path.string() + ": " + error.message()};
}

} // namespace assay::server::psychometrics
