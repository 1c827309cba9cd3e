#include "exam/adaptive/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace assay::exam::adaptive {
namespace {

std::string escaped(std::string_view text)
{
    auto html = std::string{};
    for (auto const c : text) {
        if (c == '<') html += "&lt;";
        else if (c == '>') html += "&gt;";
        else if (c == '&') html += "&amp;";
        else if (c == '"') html += "&quot;";
        else html += c;
    }
    return html;
}

std::string fixed(double value, int decimals)
{
    auto buffer = std::array<char, 64>{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    return buffer.data();
}

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string band_name(BandSummary const& band)
{
    if (band.low < -100) return "below " + fixed(band.high, 1);
    if (band.high > 100) return fixed(band.low, 1) + " and above";
    return fixed(band.low, 1) + " to " + fixed(band.high, 1);
}

constexpr auto width = 640.0, height = 240.0, left = 56.0, bottom = 200.0, top = 16.0, right = 16.0;

/// A frame with axes; `x` and `y` map data to it.
class Chart {
public:
    Chart(std::string const& label, double x_low, double x_high, double y_high, std::string const& x_title, std::string const& y_title)
        : x_low_{x_low}, x_high_{x_high > x_low ? x_high : x_low + 1}, y_high_{y_high > 0 ? y_high : 1}
    {
        svg_ = "<svg viewBox=\"0 0 640 240\" role=\"img\" aria-label=\"" + escaped(label) + "\">";
        for (auto step = 0; step <= 4; ++step) {
            auto const value = y_high_ * step / 4;
            svg_ += "<line class=\"grid\" x1=\"56\" x2=\"624\" y1=\"" + fixed(y(value), 1) + "\" y2=\"" + fixed(y(value), 1) + "\"/>";
            svg_ += "<text x=\"50\" y=\"" + fixed(y(value) + 4, 1) + "\" text-anchor=\"end\">" + fixed(value, 2) + "</text>";
            auto const across = x_low_ + (x_high_ - x_low_) * step / 4;
            svg_ += "<text x=\"" + fixed(x(across), 1) + "\" y=\"216\" text-anchor=\"middle\">" + fixed(across, x_high_ - x_low_ > 20 ? 0 : 1) + "</text>";
        }
        svg_ += "<text x=\"340\" y=\"234\" text-anchor=\"middle\">" + escaped(x_title) + "</text><text x=\"8\" y=\"12\">" + escaped(y_title) + "</text>";
    }
    double x(double value) const { return left + (value - x_low_) / (x_high_ - x_low_) * (width - left - right); }
    double y(double value) const { return bottom - std::min(value / y_high_, 1.0) * (bottom - top); }

    void bar(double from, double to, double value)
    {
        svg_ += "<rect class=\"bar\" x=\"" + fixed(x(from) + 1, 1) + "\" y=\"" + fixed(y(value), 1) + "\" width=\"" + fixed(std::max(1.0, x(to) - x(from) - 2), 1) + "\" height=\"" +
                fixed(bottom - y(value), 1) + "\"/>";
    }
    void line(std::vector<std::pair<double, double>> const& points, char const* style)
    {
        svg_ += "<polyline class=\"" + std::string{style} + "\" points=\"";
        for (auto const& [px, py] : points) svg_ += fixed(x(px), 1) + "," + fixed(y(py), 1) + " ";
        svg_ += "\"/>";
    }
    void dot(double px, double py) { svg_ += "<circle class=\"dot\" r=\"1.6\" cx=\"" + fixed(x(px), 1) + "\" cy=\"" + fixed(y(py), 1) + "\"/>"; }
    std::string finish() const { return svg_ + "</svg>"; }

private:
    double x_low_, x_high_, y_high_;
    std::string svg_;
};

double middle(BandSummary const& band)
{
    if (band.low < -100) return band.high - 0.25;
    if (band.high > 100) return band.low + 0.25;
    return 0.5 * (band.low + band.high);
}

std::string length_chart(Simulation const& simulation)
{
    auto longest = std::size_t{1};
    for (auto const& p : simulation.persons) longest = std::max(longest, p.items.size());
    auto counts = std::vector<double>(longest + 1, 0.0);
    for (auto const& p : simulation.persons) counts[p.items.size()] += 1.0 / static_cast<double>(simulation.persons.size());
    auto chart = Chart{"How many items the exams took", 0, static_cast<double>(longest) + 1, *std::max_element(counts.begin(), counts.end()), "items administered", "share of exams"};
    for (auto n = std::size_t{0}; n < counts.size(); ++n)
        if (counts[n] > 0) chart.bar(static_cast<double>(n), static_cast<double>(n) + 1, counts[n]);
    return chart.finish();
}

std::string precision_chart(SimulationSummary const& summary)
{
    auto highest = 0.1;
    auto errors = std::vector<std::pair<double, double>>{};
    auto reported = errors;
    for (auto const& band : summary.bands) {
        highest = std::max({highest, band.rmse, band.mean_se});
        errors.emplace_back(middle(band), band.rmse);
        reported.emplace_back(middle(band), band.mean_se);
    }
    auto const low = summary.bands.empty() ? -2.5 : middle(summary.bands.front());
    auto const high = summary.bands.empty() ? 2.5 : middle(summary.bands.back());
    auto chart = Chart{"Error of the result by true ability", low, high, highest, "true ability (logits)", "logits"};
    chart.line(errors, "line");
    chart.line(reported, "line dashed");
    return chart.finish();
}

std::string exposure_chart(SimulationSummary const& summary)
{
    auto sorted = summary.exposure;
    std::sort(sorted.begin(), sorted.end(), std::greater<>{});
    auto points = std::vector<std::pair<double, double>>{};
    for (auto i = std::size_t{0}; i < sorted.size(); ++i) points.emplace_back(static_cast<double>(i + 1), sorted[i]);
    auto chart = Chart{"Share of exams that showed each item, most used first", 1, static_cast<double>(sorted.size()), std::max(0.05, summary.max_exposure), "items, most used first", "share of exams"};
    chart.line(points, "line");
    return chart.finish();
}

std::string recovery_chart(Simulation const& simulation)
{
    auto chart = Chart{"Estimated against true ability", -4, 4, 8, "true ability (logits)", "estimate + 4"};
    auto drawn = std::size_t{0};
    for (auto const& p : simulation.persons) {
        if (!p.true_theta || !p.estimate.theta) continue;
        if (++drawn > 2000) break; // more dots show no more
        chart.dot(std::clamp(*p.true_theta, -4.0, 4.0), std::clamp(*p.estimate.theta + 4, 0.0, 8.0));
    }
    chart.line({{-4, 0}, {4, 8}}, "line dashed");
    return chart.finish();
}

std::string tile(std::string const& value, std::string const& words) { return "<div class=\"tile\"><b>" + value + "</b><span>" + words + "</span></div>"; }

std::string band_table(SimulationSummary const& summary)
{
    auto html = std::string{"<table><thead><tr><th>True ability</th><th>Candidates</th><th>Bias</th><th>RMSE</th><th>Reported SE</th><th>Items</th><th>Pass rate</th>"
                            "<th>Right decisions</th><th>Highest exposure</th></tr></thead><tbody>"};
    for (auto const& b : summary.bands)
        html += "<tr><th>" + band_name(b) + "</th><td>" + std::to_string(b.persons) + "</td><td>" + fixed(b.bias, 3) + "</td><td>" + fixed(b.rmse, 3) + "</td><td>" + fixed(b.mean_se, 3) +
                "</td><td>" + fixed(b.mean_length, 1) + "</td><td>" + percent(b.pass_rate) + "</td><td>" + percent(b.accuracy) + "</td><td>" + fixed(b.max_exposure, 3) + "</td></tr>";
    return html + "</tbody></table>";
}

std::string item_table(SimulationSummary const& summary, ReportHeading const& heading)
{
    auto order = std::vector<std::size_t>(summary.exposure.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return summary.exposure[a] > summary.exposure[b]; });
    auto html = std::string{"<table><thead><tr><th>Item</th><th>Share of exams</th></tr></thead><tbody>"};
    for (auto r = std::size_t{0}; r < std::min<std::size_t>(order.size(), 25); ++r)
        html += "<tr><th>" + escaped(heading.item_names[order[r]]) + "</th><td>" + fixed(summary.exposure[order[r]], 3) + "</td></tr>";
    return html + "</tbody></table>";
}

constexpr auto style = R"css(
body{font:16px/1.5 system-ui,sans-serif;color:#1b1f24;max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.75rem}.tile{border:1px solid #c9d1d9;border-radius:8px;padding:.75rem}
.tile b{display:block;font-size:1.4rem}.tile span{font-size:.85rem;color:#444c56}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{border-bottom:1px solid #d8dee4;padding:.3rem .5rem;text-align:right}th:first-child{text-align:left}svg{width:100%;height:auto;font:11px system-ui,sans-serif}
.grid{stroke:#d8dee4}.bar{fill:#1f6feb}.line{fill:none;stroke:#1f6feb;stroke-width:2}.dashed{stroke:#9a3412;stroke-dasharray:6 4}.dot{fill:#1f6feb;fill-opacity:.45}
)css";

} // namespace

std::string simulation_report(Simulation const& simulation, ReportHeading const& heading)
{
    auto const& s = simulation.summary;
    EXPECTS(heading.item_names.size() == s.exposure.size() || simulation.persons.empty());
    auto html = std::string{"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>"} + escaped(heading.title) + "</title><style>" +
                style + "</style></head><body><h1>" + escaped(heading.title) + "</h1><div class=\"tiles\">";
    html += tile(fixed(s.mean_length, 1), "items on average");
    html += tile("± " + fixed(1.96 * s.rmse, 2), "logits: 19 of 20 results lie this close to the truth (1.96 · RMSE)");
    if (heading.has_cut) {
        html += tile(percent(s.pass_rate), "pass at the cut of " + fixed(heading.cut, 2));
        html += tile(percent(s.decision_accuracy), "of the decisions agree with the candidate's true ability");
    }
    html += tile(percent(s.max_exposure), "of the exams showed the most used item");
    html += tile(percent(s.overlap), "of an exam's items are shared with another exam, on average");
    html += tile(std::to_string(s.never_used), "items were never used");
    html += tile(std::to_string(s.blueprint_violations), "exams broke the blueprint");
    html += "</div><h2>Length</h2>" + length_chart(simulation) + "<p>Why the exams stopped: ";
    auto first = true;
    for (auto const& [reason, count] : s.reasons) {
        html += (first ? "" : ", ") + escaped(reason) + " (" + std::to_string(count) + ")";
        first = false;
    }
    html += ".</p><h2>Precision</h2><p>Solid: the actual error (RMSE); dashed: the standard error that the exams report. They should agree.</p>" + precision_chart(s) + band_table(s);
    html += "<p>Over all candidates: bias " + fixed(s.bias, 4) + ", RMSE " + fixed(s.rmse, 4) + ", mean reported standard error " + fixed(s.mean_se, 4) + ", correlation with true ability " +
            fixed(s.correlation, 4) + ".</p><h2>Estimates and truth</h2>" + recovery_chart(simulation);
    html += "<h2>Use of the bank</h2>" + exposure_chart(s) + "<p>The 25 most used items:</p>" + item_table(s, heading);
    html += "<h2>Conditions</h2><table><tbody>";
    for (auto const& [what, value] : heading.conditions) html += "<tr><th>" + escaped(what) + "</th><td>" + escaped(value) + "</td></tr>";
    return html + "</tbody></table></body></html>\n";
}

} // namespace assay::exam::adaptive
