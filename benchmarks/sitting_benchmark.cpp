// Time of one answer through exam::decide, as the server's request path spends it: score, posterior, stop rules, next item. The demo bank under the
// demo policy (a shadow test), and the same without form rules (areas in turn). One thread. Argument: the source folder.
#include "exam/item_traits.hpp"
#include "exam/qti/package.hpp"
#include "exam/sitting.hpp"
#include "policies/exam_policy.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

using namespace assay;
using namespace assay::exam;

namespace {

namespace fs = std::filesystem;

std::string read_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

ExamVersion demo_version(fs::path const& source)
{
    auto const folder = source / "exam" / "demo_bank";
    auto files = qti::PackageFiles{};
    for (auto const& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).generic_string()] = to_bytes(read_file(entry.path()));
    auto const package = qti::read_package(files);
    auto version = ExamVersion{.identifier = "demo", .title = "Demo", .language = "en"};
    version.settings = policies::parse_exam_policy(read_file(source / "policies" / "demo" / "exam-open.toml"), "exam-open.toml").value.value();
    for (auto const& row : package.items) {
        auto item = PoolItem{};
        item.id = ItemId{uuid_from_name("item", row.imported.identifier)};
        item.identifier = row.imported.identifier;
        item.area = row.content_area;
        item.model = three_parameter_item(*row.parameters->discrimination, *row.parameters->difficulty, row.parameters->pseudo_guessing.value_or(0)).value();
        auto const traits = traits_of(*row.imported.item);
        item.type = traits.type;
        item.key = traits.key;
        item.words = traits.words;
        version.pool.push_back(std::move(item));
    }
    std::sort(version.pool.begin(), version.pool.end(), [](PoolItem const& a, PoolItem const& b) { return a.id < b.id; });
    return version;
}

void run(char const* what, ExamVersion const& version)
{
    auto const begin = std::chrono::steady_clock::now();
    for (auto const& finding : findings(version)) std::printf("FOUND %s\n", finding.c_str());
    auto const checked = std::chrono::steady_clock::now();
    auto const exam = PreparedExam{version};
    auto const ready = std::chrono::steady_clock::now();
    auto const milliseconds = [](auto span) { return std::chrono::duration<double, std::milli>(span).count(); };
    std::printf("%s: findings %.1f ms, tables and program %.1f ms\n", what, milliseconds(checked - begin), milliseconds(ready - checked));

    auto const scorer = [](ItemId, ResponseSet const& response) -> result<ItemScore> { return ItemScore{response.empty() ? 0.0 : 1.0, 1.0}; };
    auto times = std::vector<double>{};
    auto answers = 0.0;
    constexpr auto people = 300;
    for (auto person = 0; person < people; ++person) {
        auto random = std::mt19937_64{static_cast<std::uint64_t>(person)};
        auto uniform = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
        auto const theta = -2.0 + 4.0 * person / people;
        auto sitting = Sitting{};
        auto now = Timestamp{};
        auto const send = [&](Command const& command) {
            auto const start = std::chrono::steady_clock::now();
            auto const events = decide(sitting, exam, scorer, command, now).value();
            times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
            for (auto const& event : events) sitting = apply(std::move(sitting), version, event);
        };
        auto open = Open{};
        open.seed = sha256(std::to_string(person)).octets;
        send(open);
        send(Attach{1});
        times.resize(times.size() - 2);
        send(Start{1});
        while (!sitting.ended) {
            now += std::chrono::seconds{20};
            auto const* item = find_item(version, sitting.items.back().item);
            auto const right = uniform() < response_probability(item->model, {theta});
            send(SubmitResponse{1, *presented_ordinal(sitting), right ? ResponseSet{{"RESPONSE", {"x"}}} : ResponseSet{}});
        }
        answers += static_cast<double>(sitting.items.size());
    }
    std::sort(times.begin(), times.end());
    auto const quantile = [&](double q) { return times[static_cast<std::size_t>(q * static_cast<double>(times.size() - 1))]; };
    std::printf("%s: %zu decisions, median %.0f us, p90 %.0f us, p99 %.0f us, longest %.0f us; mean length %.1f\n", what, times.size(), quantile(0.5), quantile(0.9), quantile(0.99),
                times.back(), answers / people);
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) return 2;
    auto version = demo_version(arguments[1]);
    run("shadow test", version);
    version.settings.form.reset();
    for (auto& area : version.settings.blueprint) area.maximum.reset();
    run("areas in turn", version);
}
