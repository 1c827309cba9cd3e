// assay-page-preview SOURCE_DIR CONTEXTS_DIR OUT_DIR: renders each context file, in both languages, to OUT_DIR/NAME.LANG.html.
// A context file is {"page": "verify", "view": {"demonstration": true, "staff_name": …}, "context": {…}}.
#include "core/contract.hpp"
#include "server/pages/brand.hpp"
#include "server/pages/renderer.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

using namespace assay;

std::string text_member(json::object const& object, std::string_view name, std::string_view otherwise)
{
    auto const* value = object.if_contains(name);
    return value == nullptr ? std::string{otherwise} : std::string{value->as_string()};
}

void preview(pages::Renderer const& renderer, std::filesystem::path const& file, std::filesystem::path const& out)
{
    auto stream = std::ifstream{file, std::ios::binary};
    auto const text = std::string{std::istreambuf_iterator<char>{stream}, {}};
    auto const sample = parse_json(text);
    if (!sample || !sample->is_object()) throw std::runtime_error{file.string() + " is not a JSON object"};
    auto const& object = sample->get_object();
    auto const& wishes = object.at("view").as_object();

    auto view = pages::View{};
    view.time_zone = text_member(wishes, "time_zone", "Europe/Berlin");
    view.tenant_name = text_member(wishes, "tenant_name", "Northwind Data");
    view.base = text_member(wishes, "base", "/t/demo");
    view.path = text_member(wishes, "path", "/t/demo/here");
    view.staff_name = text_member(wishes, "staff_name", "");
    view.csrf = "c3Jm";
    view.demonstration = wishes.contains("demonstration");
    for (auto const locale : {pages::Locale::english, pages::Locale::arabic}) {
        view.locale = locale;
        auto const path = out / (file.stem().string() + "." + std::string{tag(locale)} + ".html");
        auto page = std::ofstream{path, std::ios::binary};
        page << renderer.render(text_member(object, "page", ""), object.at("context").as_object(), view);
        if (!page.flush()) throw std::runtime_error{"cannot write " + path.string()};
    }
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 4) {
        std::cerr << "usage: assay-page-preview SOURCE_DIR CONTEXTS_DIR OUT_DIR\n";
        return 2;
    }
    auto const web = std::filesystem::path{argv[1]} / "web";
    auto const out = std::filesystem::path{argv[3]};
    auto const renderer =
        pages::Renderer::load({.templates = web / "templates", .messages = web / "messages", .manifest = web / "dist" / "manifest.json"});
    std::filesystem::create_directories(out);
    for (auto const& entry : std::filesystem::directory_iterator{argv[2]}) {
        if (entry.path().extension() != ".json") continue;
        try {
            preview(renderer, entry.path(), out);
        } catch (std::exception const& failure) {
            throw std::runtime_error{entry.path().filename().string() + ": " + failure.what()};
        }
    }
    std::ofstream{out / "brand.css"} << pages::brand_stylesheet({}).value();
    return 0;
} catch (std::exception const& failure) {
    std::cerr << "assay-page-preview: " << failure.what() << '\n';
    return 1;
}
