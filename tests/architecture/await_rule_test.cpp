// Name it, then await it (STYLE.md): g++ 12 destroys some temporaries twice when they are made inside a co_await expression:
// brace-initialised aggregates, lambdas that capture by value, the value of a conditional, and what std::exchange moves out.
#include "tests/architecture/source_tree.hpp"

#include <cctype>
#include <gtest/gtest.h>
#include <optional>

namespace assay::test {
namespace {

/// The operand of the co_await that ends before `begin`: up to the semicolon, or the bracket that it stands in.
std::string_view operand(std::string_view code, std::size_t begin)
{
    auto depth = 0;
    for (auto i = begin; i < code.size(); ++i) {
        auto const c = code[i];
        if (c == '(' || c == '[' || c == '{') ++depth;
        if ((c == ')' || c == ']' || c == '}') && --depth < 0) return code.substr(begin, i - begin);
        if (c == ';' && depth == 0) return code.substr(begin, i - begin);
    }
    return code.substr(begin);
}

/// A lambda introducer: brackets where an operand may begin, not a subscript.
bool begins_lambda(std::string_view expression, std::size_t bracket)
{
    auto before = bracket;
    while (before > 0 && std::isspace(static_cast<unsigned char>(expression[before - 1])) != 0) --before;
    if (before == 0) return true;
    auto const c = expression[before - 1];
    return c == '(' || c == ',' || c == '=' || c == '?' || c == ':' || c == '{';
}

std::optional<std::string> offence(std::string_view expression)
{
    if (expression.find('{') != std::string_view::npos) return "braces: name the value, then await";
    if (expression.find(" ? ") != std::string_view::npos) return "a conditional: name its value, then await";
    if (expression.find("std::exchange(") != std::string_view::npos) return "std::exchange: name the value, then await";
    for (auto i = expression.find('['); i != std::string_view::npos; i = expression.find('[', i + 1))
        if (begins_lambda(expression, i)) return "a lambda: name it, then await";
    return std::nullopt;
}

std::vector<std::string> offences(std::string const& path, std::string const& code)
{
    auto found = std::vector<std::string>{};
    constexpr auto word = std::string_view{"co_await"};
    for (auto i = code.find(word); i != std::string::npos; i = code.find(word, i + word.size()))
        if (auto const what = offence(operand(code, i + word.size()))) found.push_back(path + ":" + std::to_string(line_of(code, i)) + ": " + *what);
    return found;
}

TEST(AwaitRule, HoldsInTheWholeTree)
{
    auto awaits = 0;
    for (auto const& file : read_sources({"async", "storage", "server", "tests"})) {
        if (file.path.starts_with("tests/architecture/")) continue;
        awaits += file.code.find("co_await") != std::string::npos;
        for (auto const& what : offences(file.path, file.code)) ADD_FAILURE() << what;
    }
    EXPECT_GT(awaits, 30) << "the tree was not found";
}

TEST(AwaitRule, IsBrokenByWhatBrokeOnce)
{
    auto const broken = {"co_await run(pool, Query{a, b});", "co_await on_pool(pool, [x] { return x; });", "co_await send(std::exchange(queue_, Queue()));",
                         "if (!co_await find(Key{1})) {}", "co_await on_pool(pool, [] { return 1; });", "co_await find(author.empty() ? std::string() : author);"};
    for (auto const* code : broken) EXPECT_EQ(offences("a.cpp", blank_comments_and_literals(code)).size(), 1u) << code;
    auto const fine = {"auto q = Query{a}; co_await run(std::move(q));", "co_await run(rows[2]);", "co_await say(\"{}\"); // Query{a}",
                       "while (co_await next()) { auto x = Query{1}; }", "co_await read(buffer, id(7));"};
    for (auto const* code : fine) EXPECT_TRUE(offences("a.cpp", blank_comments_and_literals(code)).empty()) << code;
}

} // namespace
} // namespace assay::test
