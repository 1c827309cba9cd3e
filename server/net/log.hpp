#pragma once
#include <cstdint>
#include <initializer_list>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace assay::net {

/// One named value of a log line. Ids, counts, durations and states; never answers, faces, names, tokens or keys.
struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    LogField(std::string_view n, std::string_view v) : name{n}, value{v} {}
    LogField(std::string_view n, std::string const& v) : name{n}, value{std::string_view{v}} {}
    LogField(std::string_view n, char const* v) : name{n}, value{std::string_view{v}} {}
    LogField(std::string_view n, bool v) : name{n}, value{v} {}
    LogField(std::string_view n, double v) : name{n}, value{v} {}
    template <class I>
        requires std::is_integral_v<I>
    LogField(std::string_view n, I v) : name{n}, value{static_cast<std::int64_t>(v)} {}
};

enum class LogLevel { debug, info, warning, error };
enum class LogFormat {
    automatic, ///< for people on a terminal, JSON otherwise
    people,
    json,
};

/// Structured lines on standard error: {"time","level","event",…fields}. Thread-safe; a line is written whole.
/// Text from outside is escaped in both formats, so that nobody can forge a line.
class Log {
public:
    explicit Log(LogFormat format = LogFormat::automatic, LogLevel least = LogLevel::info);
    /// Into a function instead (tests): each line without its newline.
    Log(LogFormat format, LogLevel least, std::function<void(std::string_view)> sink);
    ~Log();

    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept;
    void debug(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept { write(LogLevel::debug, event, fields); }
    void info(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept { write(LogLevel::info, event, fields); }
    void warning(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept { write(LogLevel::warning, event, fields); }
    void error(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept { write(LogLevel::error, event, fields); }
    void set_level(LogLevel least) noexcept;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// what() of an exception, for a log line; "unknown exception" for others.
std::string describe(std::exception_ptr const& failure);

} // namespace assay::net
