#include "server/net/log.hpp"
#include "server/net/metrics.hpp"

#include "core/json.hpp"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <vector>

namespace assay::net {
namespace {

TEST(Log, WritesOneJsonObjectALine)
{
    auto lines = std::vector<std::string>{};
    auto log = Log{LogFormat::json, LogLevel::info, [&](std::string_view line) { lines.emplace_back(line); }};
    log.info("request", {{"request_id", "ab12"}, {"status", 200}, {"ms", 1.5}, {"kept", true}});
    log.debug("not this one");
    ASSERT_EQ(lines.size(), 1u);
    auto const line = parse_json(lines[0]).value();
    EXPECT_EQ(*find_string(line, "event"), "request");
    EXPECT_EQ(*find_string(line, "level"), "info");
    EXPECT_EQ(*find_string(line, "request_id"), "ab12");
    EXPECT_EQ(assay::find(line, "status")->as_int64(), 200);
    EXPECT_EQ(assay::find(line, "kept")->as_bool(), true);
    EXPECT_TRUE(parse_json(lines[0]).value().as_object().contains("time"));
}

TEST(Log, CannotBeMadeToForgeALineOrDriveATerminal)
{
    for (auto const format : {LogFormat::json, LogFormat::people}) {
        auto lines = std::vector<std::string>{};
        auto log = Log{format, LogLevel::info, [&](std::string_view line) { lines.emplace_back(line); }};
        log.info("request", {{"peer", std::string{"x\n{\"event\":\"forged\"}\x1b[31m"}}});
        ASSERT_EQ(lines.size(), 1u);
        EXPECT_EQ(lines[0].find('\n'), std::string::npos);
        EXPECT_EQ(lines[0].find('\x1b'), std::string::npos);
    }
}

TEST(Metrics, AreExposedInPrometheusTextFormat)
{
    auto metrics = Metrics{};
    metrics.counter("assay_tests_total", "Tests", {{"kind", "unit"}}).Increment();
    metrics.counter("assay_tests_total", "Tests", {{"kind", "unit"}}).Increment();
    metrics.histogram("assay_wait_seconds", "Waits", {0.1, 1}).Observe(0.5);
    auto const text = metrics.exposition();
    EXPECT_NE(text.find("# TYPE assay_tests_total counter"), std::string::npos);
    EXPECT_NE(text.find("assay_tests_total{kind=\"unit\"} 2"), std::string::npos) << text;
    EXPECT_NE(text.find("assay_wait_seconds_bucket{le=\"1\"} 1"), std::string::npos) << text;
}

} // namespace
} // namespace assay::net
