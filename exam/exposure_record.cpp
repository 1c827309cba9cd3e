#include "exam/exposure_record.hpp"

#include "exam/adaptive/simulation.hpp"
#include "exam/detail/json_fields.hpp"
#include "exam/errors.hpp"

#include <boost/json/value_from.hpp>

#include <algorithm>

namespace assay::exam {
namespace {

using detail::JsonFields;

std::uint32_t place_of(JsonFields& in, json::value const& value)
{
    auto error = boost::system::error_code{};
    auto const number = value.is_number() ? value.to_number<std::uint32_t>(error) : 0u;
    in.require(value.is_number() && !error);
    return number;
}

adaptive::Bans bans_of(ExposureRecord const& record, std::size_t items)
{
    auto bans = adaptive::Bans{.items = items, .banned = {}, .level = {}};
    if (record.kept.empty()) return bans;
    bans.banned.assign(adaptive::theta_bands * items, 0);
    for (auto band = std::size_t{0}; band < adaptive::theta_bands; ++band)
        for (auto const item : record.kept[record.kept.size() == 1 ? 0 : band]) {
            EXPECTS(item < items);
            bans.banned[band * items + item] = 1;
        }
    return bans;
}

/// An estimate within the band: what the rules look at is the band alone.
double theta_within(std::uint32_t band) noexcept { return static_cast<double>(band) - 2.0; }

} // namespace

json::value to_json(ExposureRecord const& record)
{
    auto items = json::array{};
    for (auto i = std::size_t{0}; i < record.items.size(); ++i) items.push_back(json::array{record.items[i], record.bands[i]});
    auto document = json::object{{"items", std::move(items)}, {"kept", json::value_from(record.kept)}};
    if (!record.pretested.empty()) document["pretested"] = json::value_from(record.pretested);
    return document;
}

result<ExposureRecord> exposure_record_from_json(json::value const& document)
{
    auto in = JsonFields{document};
    auto record = ExposureRecord{};
    for (auto const& pair : in.array("items")) {
        auto const* values = pair.if_array();
        in.require(values != nullptr && values->size() == 2);
        if (values == nullptr || values->size() != 2) continue;
        record.items.push_back(place_of(in, values->at(0)));
        record.bands.push_back(place_of(in, values->at(1)));
        in.require(record.bands.back() < adaptive::theta_bands);
    }
    for (auto const& list : in.array("kept")) {
        auto& kept = record.kept.emplace_back();
        in.require(list.is_array());
        for (auto const& value : list.is_array() ? list.get_array() : json::array{}) kept.push_back(place_of(in, value));
    }
    if (in.has("pretested"))
        for (auto const& value : in.array("pretested")) record.pretested.push_back(place_of(in, value));
    in.require(record.kept.size() <= 1 || record.kept.size() == adaptive::theta_bands);
    if (!in.good()) return errc::malformed_document;
    return record;
}

bool learns_exposure(ExamSettings const& settings) noexcept
{
    auto const rule = settings.exposure.rule;
    return rule == adaptive::ExposureRule::eligibility || rule == adaptive::ExposureRule::eligibility_theta || rule == adaptive::ExposureRule::restricted ||
           rule == adaptive::ExposureRule::priority;
}

bool keeps_record(ExamSettings const& settings) noexcept { return learns_exposure(settings) || settings.pretest.slots > 0; }

ExposureRecord exposure_record_of(Sitting const& sitting, PreparedExam const& exam)
{
    auto record = ExposureRecord{};
    auto posterior = adaptive::NodePosterior{exam.tables(), sitting.prior};
    auto const answers = scored_answers(sitting, exam);
    auto next = answers.begin();
    for (auto i = std::size_t{0}; i < sitting.items.size(); ++i) {
        auto const& item = sitting.items[i];
        if (!item.scored) {
            auto const& pretest = exam.version().pretest;
            if (item.answered_at) record.pretested.push_back(static_cast<std::uint32_t>(find_presentable(exam.version(), item.item) - pretest.data()));
            continue;
        }
        auto const at = exam.position(item.item).value();
        record.items.push_back(static_cast<std::uint32_t>(at));
        record.bands.push_back(static_cast<std::uint32_t>(adaptive::theta_band(posterior.moments(exam.tables()).mean)));
        if (next == answers.end() || next->first + next->count - 1 != i) continue;
        posterior.update(exam.tables(), next->model, next->category);
        ++next;
    }
    for (auto const& list : sitting.ineligible) {
        auto& kept = record.kept.emplace_back();
        for (auto const& id : list)
            if (auto const at = exam.position(id)) kept.push_back(static_cast<std::uint32_t>(*at));
    }
    return record;
}

std::vector<double> administration_probabilities(PreparedExam const& exam)
{
    auto const& settings = exam.settings();
    auto options = adaptive::SimulationOptions{};
    options.selection = selection_options(settings, settings.selection.criterion);
    options.start = settings.selection.start;
    options.start_items = settings.selection.start_items;
    options.stop = stop_rules(settings);
    options.exposure = {.rule = adaptive::ExposureRule::sympson_hetter, .rate = settings.exposure.rate};
    options.sizes.assign(exam.sizes().begin(), exam.sizes().end());
    auto probabilities = adaptive::administration_probabilities(exam.tables(), options, 500);
    for (auto const& testlet : exam.testlets())
        for (auto const item : testlet.items) probabilities[item] = probabilities[testlet.model];
    probabilities.resize(exam.version().pool.size());
    return probabilities;
}

Ineligible draw_ineligible(PreparedExam const& exam, std::span<ExposureRecord const> earlier, Seed const& seed)
{
    auto const& settings = exam.settings();
    if (!learns_exposure(settings)) return {};
    auto const& pool = exam.version().pool;
    auto control = adaptive::ExposureControl{{.rule = settings.exposure.rule, .rate = settings.exposure.rate}, pool.size()};
    for (auto const& record : earlier) {
        auto sitting = adaptive::SittingRecord{};
        for (auto i = std::size_t{0}; i < record.items.size(); ++i) {
            EXPECTS(record.items[i] < pool.size());
            sitting.items.push_back(record.items[i]);
            sitting.thetas.push_back(theta_within(record.bands[i]));
        }
        control.record(sitting, bans_of(record, pool.size()));
    }
    auto random = random_stream(seed, 0); // ordinals of items begin with 1
    auto const bans = control.draw(random);
    if (settings.exposure.rule == adaptive::ExposureRule::priority) {
        auto by_use = Ineligible(adaptive::use_levels);
        for (auto i = std::size_t{0}; i < pool.size(); ++i)
            if (bans.level[i] > 0) by_use[bans.level[i] - 1].push_back(pool[i].id);
        return by_use;
    }
    auto ineligible = Ineligible(settings.exposure.rule == adaptive::ExposureRule::eligibility_theta ? adaptive::theta_bands : 1);
    for (auto band = std::size_t{0}; band < ineligible.size(); ++band)
        for (auto i = std::size_t{0}; i < pool.size(); ++i)
            if (!bans.banned.empty() && bans.banned[band * pool.size() + i] != 0) ineligible[band].push_back(pool[i].id);
    return ineligible;
}

PretestWeights pretest_weights(ExamVersion const& version, std::span<ExposureRecord const> earlier)
{
    auto weights = PretestWeights{};
    if (version.settings.pretest.slots == 0) return weights;
    auto answers = std::vector<std::size_t>(version.pretest.size(), 0);
    for (auto const& record : earlier)
        for (auto const place : record.pretested) {
            EXPECTS(place < answers.size());
            ++answers[place];
        }
    for (auto i = std::size_t{0}; i < answers.size(); ++i) weights.push_back({version.pretest[i].id, 1.0 / static_cast<double>(1 + answers[i])});
    return weights;
}

} // namespace assay::exam
