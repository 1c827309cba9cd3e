#include "server/net/log.hpp"

#include "core/json.hpp"
#include "core/time.hpp"

#include <boost/json/serialize.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/pattern_formatter.h>
#include <unistd.h>

namespace assay::net {
namespace {

/// Hands whole lines to a function, one at a time.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FunctionSink(std::function<void(std::string_view)> use) : use_{std::move(use)} {}

private:
    void sink_it_(spdlog::details::log_msg const& message) override { use_({message.payload.data(), message.payload.size()}); }
    void flush_() override {}
    std::function<void(std::string_view)> use_;
};

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept
{
    switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view word(LogLevel level) noexcept
{
    switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
    }
    return "error";
}

json::value to_json(LogField const& field)
{
    return std::visit([](auto value) -> json::value {
        if constexpr (std::is_same_v<decltype(value), std::string_view>) return json::value(json::string_view{value.data(), value.size()});
        else return json::value(value);
    }, field.value);
}

std::string json_line(Timestamp now, LogLevel level, std::string_view event, std::initializer_list<LogField> fields)
{
    auto line = json::object{};
    line["time"] = to_rfc3339(now);
    line["level"] = word(level);
    line["event"] = event;
    for (auto const& field : fields) line[field.name] = to_json(field);
    return json::serialize(line);
}

std::string people_line(Timestamp now, LogLevel level, std::string_view event, std::initializer_list<LogField> fields)
{
    // 2026-11-23T09:30:00.123Z  warning  request refused  status=429 peer="::1"
    auto line = to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(now));
    line += "  ";
    line += word(level);
    line += "  ";
    line += event;
    // JSON's quoting also here: a line break or escape sequence from outside stays a harmless "\n" or "\u001b".
    for (auto const& field : fields) line.append("  ").append(field.name).append("=").append(json::serialize(to_json(field)));
    return line;
}

} // namespace

struct Log::Implementation {
    spdlog::logger logger;
    bool as_json;
};

Log::Log(LogFormat format, LogLevel least)
{
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    auto const as_json = format == LogFormat::json || (format == LogFormat::automatic && ::isatty(STDERR_FILENO) == 0);
    implementation_ = std::make_unique<Implementation>(Implementation{spdlog::logger{"assay", sink}, as_json});
    set_level(least);
}

Log::Log(LogFormat format, LogLevel least, std::function<void(std::string_view)> sink)
    : implementation_{std::make_unique<Implementation>(
          Implementation{spdlog::logger{"assay", std::make_shared<FunctionSink>(std::move(sink))}, format != LogFormat::people})}
{
    set_level(least);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept
try {
    auto& logger = implementation_->logger;
    if (!logger.should_log(to_spdlog(level))) return;
    auto const now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    auto const line = implementation_->as_json ? json_line(now, level, event, fields) : people_line(now, level, event, fields);
    logger.log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
    if (level >= LogLevel::warning) logger.flush();
} catch (...) {
    // No memory for a log line: the work it tells of matters more.
}

void Log::set_level(LogLevel least) noexcept { implementation_->logger.set_level(to_spdlog(least)); }

std::string describe(std::exception_ptr const& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& error) {
        return error.what();
    } catch (...) {
        return "unknown exception";
    }
}

} // namespace assay::net
