#include "server/net/router.hpp"

#include <gtest/gtest.h>

namespace assay::net {
namespace {

Route route(Method method, std::string pattern)
{
    auto made = Route{};
    made.method = method;
    made.pattern = std::move(pattern);
    made.handler = [](Request const&, PathParameters const&) -> boost::asio::awaitable<Response> { co_return text("here"); };
    return made;
}

Router example()
{
    auto router = Router{};
    router.add(route(Method::get, "/"));
    router.add(route(Method::get, "/t/{tenant}/exam/{sitting}"));
    router.add(route(Method::post, "/t/{tenant}/exam/{sitting}"));
    router.add(route(Method::get, "/t/{tenant}/exam/practice"));
    router.add(route(Method::delete_, "/t/{tenant}/exam/{sitting}"));
    router.add(route(Method::get, "/assets/{name...}"));
    return router;
}

std::string matched(Router const& router, Method method, std::string_view target)
{
    auto const outcome = router.match(method, Target::parse(target).value());
    if (auto const* match = std::get_if<Router::Match>(&outcome)) {
        auto out = match->route->pattern;
        for (auto const& [name, value] : match->parameters) out += " " + name + "=" + value;
        return out;
    }
    if (auto const* wrong = std::get_if<Router::MethodNotAllowed>(&outcome)) return "405 " + wrong->allow;
    if (auto const* moved = std::get_if<Router::MovedToNoSlash>(&outcome)) return "308 " + moved->location;
    return "404";
}

TEST(Router, FindsTheRouteAndItsParameters)
{
    auto const router = example();
    EXPECT_EQ(matched(router, Method::get, "/"), "/");
    EXPECT_EQ(matched(router, Method::get, "/t/demo/exam/a%20b"), "/t/{tenant}/exam/{sitting} tenant=demo sitting=a b");
    EXPECT_EQ(matched(router, Method::head, "/t/demo/exam/1"), "/t/{tenant}/exam/{sitting} tenant=demo sitting=1");
    EXPECT_EQ(matched(router, Method::get, "/assets/js/app-1.js"), "/assets/{name...} name=js/app-1.js");
}

TEST(Router, PrefersLiteralsToParameters)
{
    EXPECT_EQ(matched(example(), Method::get, "/t/demo/exam/practice"), "/t/{tenant}/exam/practice tenant=demo");
}

TEST(Router, FallsBackToTheParameterForAMethodThatTheLiteralLacks)
{
    EXPECT_EQ(matched(example(), Method::post, "/t/demo/exam/practice"), "/t/{tenant}/exam/{sitting} tenant=demo sitting=practice");
}

TEST(Router, NamesTheMethodsThatItWouldHaveAnswered)
{
    EXPECT_EQ(matched(example(), Method::put, "/t/demo/exam/1"), "405 GET, HEAD, POST, DELETE");
    EXPECT_EQ(matched(example(), Method::post, "/"), "405 GET, HEAD");
}

TEST(Router, FindsNothingElsewhere)
{
    for (auto const* target : {"/t", "/t/demo/exam", "/t/demo/exam/1/2", "/assets", "/T/demo/exam/1"})
        EXPECT_EQ(matched(example(), Method::get, target), "404") << target;
}

TEST(Router, SendsATrailingSlashAwayWithItsQuery)
{
    EXPECT_EQ(matched(example(), Method::get, "/t/demo/exam/1/?a=b"), "308 /t/demo/exam/1?a=b");
    EXPECT_EQ(matched(example(), Method::post, "/t/demo/exam/1/"), "404") << "a POST must not be repeated elsewhere";
}

TEST(Router, RefusesRoutesThatOneAddressFitsEquallyWell)
{
    auto router = example();
    EXPECT_THROW(router.add(route(Method::get, "/t/{other}/exam/{name}")), ContractViolation);
    EXPECT_THROW(router.add(route(Method::get, "/t/{tenant}/exam/")), ContractViolation);
    EXPECT_THROW(router.add(route(Method::get, "/t/{}/x")), ContractViolation);
    EXPECT_THROW(router.add(route(Method::get, "/{rest...}/x")), ContractViolation);
    EXPECT_THROW(router.add(route(Method::head, "/x")), ContractViolation);
    auto no_handler = Route{};
    no_handler.pattern = "/x";
    EXPECT_THROW(router.add(no_handler), ContractViolation);
}

} // namespace
} // namespace assay::net
