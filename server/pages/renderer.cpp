#include "server/pages/renderer.hpp"

#include "core/contract.hpp"
#include "server/pages/template_file.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <kainjow/mustache.hpp>
#include <map>
#include <stdexcept>

namespace assay::pages {
namespace {

namespace mustache = kainjow::mustache;

std::string read_file(std::filesystem::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"pages: cannot read " + path.string()};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string escaped(std::string_view text) { return mustache::html_escape(std::string{text}); }

mustache::data to_mustache(json::value const& value)
{
    switch (value.kind()) {
    case json::kind::null: return mustache::data{false};
    case json::kind::bool_: return mustache::data{value.get_bool()};
    case json::kind::int64: return mustache::data{std::to_string(value.get_int64())};
    case json::kind::uint64: return mustache::data{std::to_string(value.get_uint64())};
    case json::kind::double_: {
        auto digits = std::array<char, 32>{};
        auto const written = std::to_chars(digits.data(), digits.data() + digits.size(), value.get_double());
        return mustache::data{std::string{digits.data(), written.ptr}};
    }
    case json::kind::string:
        // Mustache calls "" true; for a page, an empty name is one that isn't there.
        return value.get_string().empty() ? mustache::data{false} : mustache::data{std::string{value.get_string()}};
    case json::kind::array: {
        auto list = mustache::data{mustache::data::type::list};
        for (auto const& element : value.get_array()) list.push_back(to_mustache(element));
        return list;
    }
    case json::kind::object: break;
    }
    auto object = mustache::data{mustache::data::type::object};
    for (auto const& [name, member] : value.get_object()) object.set(std::string{name}, to_mustache(member));
    return object;
}

/// Mustache's context, with one more thing to ask: "state=valid" is true when `state` is the text "valid".
class Context final : public mustache::context<std::string> {
public:
    mustache::data const* get(std::string const& name) const override
    {
        static auto const yes = mustache::data{true};
        static auto const no = mustache::data{false};
        auto const equals = name.find('=');
        if (equals == std::string::npos) return mustache::context<std::string>::get(name);
        auto const* const found = mustache::context<std::string>::get(name.substr(0, equals));
        auto const same = found != nullptr && found->is_string() && found->string_value() == std::string_view{name}.substr(equals + 1);
        return same ? &yes : &no;
    }
};

/// The value at a path of the context as the catalogue takes it: text, or null.
json::value look_up(Context const& context, std::string const& path)
{
    auto const* const found = context.get(path);
    return found != nullptr && found->is_string() ? json::value(json::string(found->string_value())) : json::value{};
}

/// JSON that may stand in a script element: the one thing that could end the element is written as an escape.
std::string data_block(std::string_view id, json::object const& content)
{
    auto text = canonical_json(content);
    for (auto at = text.find('<'); at != text.npos; at = text.find('<', at)) text.replace(at, 1, "\\u003c");
    return "<script type=\"application/json\" id=\"" + std::string{id} + "\">" + text + "</script>";
}

} // namespace

struct Renderer::Impl {
    Catalogue catalogue;
    std::map<std::string, TemplateFile, std::less<>> pages;
    std::map<std::string, std::string> partials;
    std::string layout;
    std::map<std::string, std::string, std::less<>> assets; ///< name -> address

    std::string address(std::string const& asset) const
    {
        auto const found = assets.find(asset);
        if (found == assets.end()) throw ContractViolation{"no asset " + asset};
        return found->second;
    }

    TemplateFile const& page(std::string_view name) const
    {
        auto const found = pages.find(name);
        if (found == pages.end()) throw ContractViolation{"no template " + std::string{name}};
        return found->second;
    }

    /// "key name other=path": the text with its arguments taken from where the template stands.
    std::string text(std::string_view words, Context const& context, View const& view) const
    {
        auto const parts = split_words(words);
        EXPECTS(!parts.empty());
        auto const argument = [&](std::string_view name) {
            for (auto part = std::size_t{1}; part < parts.size(); ++part) {
                auto const equals = parts[part].find('=');
                if (std::string_view{parts[part]}.substr(0, equals) != name) continue;
                return look_up(context, equals == std::string::npos ? parts[part] : parts[part].substr(equals + 1));
            }
            return json::value{};
        };
        return catalogue.format(parts.front(), view.locale, view.time_zone, argument);
    }

    using Lambda = mustache::lambda2;
    using Render = mustache::renderer;

    Lambda showing(Catalogue::Style style, Context& context, View const& view) const
    {
        return [this, style, &context, &view](std::string const& path, Render const&) {
            auto const names = split_words(path);
            EXPECTS(names.size() == 1);
            auto const value = look_up(context, names.front());
            if (value.is_null()) throw ContractViolation{"no value at " + names.front()};
            auto const shown = escaped(catalogue.show(value, style, view.locale, view.time_zone));
            if (style == Catalogue::Style::number || style == Catalogue::Style::percent) return shown;
            return "<time datetime=\"" + escaped(std::string{value.get_string()}) + "\">" + shown + "</time>";
        };
    }

    mustache::data common(View const& view, TemplateFile const& file, Context& context) const
    {
        auto const other = view.locale == Locale::arabic ? Locale::english : Locale::arabic;
        auto data = mustache::data{mustache::data::type::object};
        auto const set = [&data](std::string const& name, std::string const& value) {
            data.set(name, value.empty() ? mustache::data{false} : mustache::data{value});
        };
        set("lang", std::string{tag(view.locale)});
        set("dir", std::string{direction(view.locale)});
        set("other_lang", file.languages && !view.path.empty() ? std::string{tag(other)} : "");
        set("other_dir", std::string{direction(other)});
        set("time_zone", view.time_zone);
        set("tenant_name", view.tenant_name);
        data.set("base", mustache::data{view.base});
        set("path", view.path);
        set("staff_name", view.staff_name);
        set("csrf", view.csrf);
        set("width", file.width);
        data.set("demonstration_tenant", mustache::data{view.demonstration});
        data.set("index", mustache::data{file.index || view.listed});

        auto scripts = mustache::data{mustache::data::type::list};
        for (auto const& script : file.scripts) scripts.push_back(mustache::data{address(script)});
        data.set("scripts", scripts);

        data.set("t", mustache::data{Lambda{[this, &context, &view](std::string const& words, Render const& render) {
                     auto const resolved = words.find("{{") == words.npos ? words : render(words, false);
                     return escaped(text(resolved, context, view));
                 }}});
        data.set("texts", mustache::data{Lambda{[this, &view](std::string const& words, Render const&) {
                     return data_block("texts", catalogue.patterns(view.locale, split_words(words)));
                 }}});
        data.set("asset", mustache::data{Lambda{[this](std::string const& name, Render const&) { return escaped(address(name)); }}});
        data.set("date", mustache::data{showing(Catalogue::Style::date, context, view)});
        data.set("datetime", mustache::data{showing(Catalogue::Style::date_time, context, view)});
        data.set("number", mustache::data{showing(Catalogue::Style::number, context, view)});
        data.set("percent", mustache::data{showing(Catalogue::Style::percent, context, view)});
        for (auto const& [name, partial] : partials) {
            data.set(name, mustache::data{mustache::partial{[&partial = partial] { return partial; }}});
        }
        return data;
    }
};

namespace {

std::string rendered(std::string const& text, Context& context)
{
    auto parsed = mustache::mustache{text};
    auto out = parsed.render(context);
    if (!parsed.is_valid()) throw ContractViolation{"mustache: " + parsed.error_message()};
    return out;
}

} // namespace

Renderer::Renderer(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;
Renderer::~Renderer() = default;

Renderer Renderer::load(Places const& places)
{
    auto impl = std::make_unique<Impl>(Impl{.catalogue = Catalogue::load(places.messages), .pages = {}, .partials = {}, .layout = {}, .assets = {}});
    for (auto const& entry : std::filesystem::directory_iterator{places.templates}) {
        auto const name = entry.path().stem().string();
        if (entry.path().extension() != ".mustache" || name == "layout") continue;
        impl->pages.emplace(name, read_template(name, read_file(entry.path())));
    }
    for (auto const& entry : std::filesystem::directory_iterator{places.templates / "partials"}) {
        impl->partials.emplace(entry.path().stem().string(), read_file(entry.path()));
    }
    impl->layout = read_file(places.templates / "layout.mustache");

    auto const manifest = parse_json(read_file(places.manifest));
    if (!manifest || !manifest->is_object()) throw std::runtime_error{"pages: " + places.manifest.string() + " is no manifest"};
    for (auto const& [name, file] : manifest->get_object()) {
        if (!file.is_string()) throw std::runtime_error{"pages: " + places.manifest.string() + " is no manifest"};
        impl->assets.emplace(std::string{name}, places.assets + std::string{file.get_string()});
    }
    return Renderer{std::move(impl)};
}

std::string Renderer::render(std::string_view name, json::object const& context, View const& view) const
{
    auto const& file = impl_->page(name);
    // A value of a partial's name would be shown in its place.
    for (auto const& [partial, text] : impl_->partials) EXPECTS(!context.contains(partial));
    auto stack = Context{};
    auto common = impl_->common(view, file, stack);
    auto const own = to_mustache(context);
    stack.push(&common);
    stack.push(&own); // looked at first: a page may name what the layout also has

    auto const title = impl_->text(rendered(file.title, stack), stack, view);
    auto const content = rendered(file.text, stack);
    stack.pop();
    common.set("title", mustache::data{title});
    common.set("content", mustache::data{content});
    return rendered(impl_->layout, stack);
}

Renderer::Needs Renderer::needs(std::string_view name) const { return {.camera = impl_->page(name).camera}; }

std::vector<std::string> Renderer::names() const
{
    auto names = std::vector<std::string>{};
    for (auto const& [name, file] : impl_->pages) names.push_back(name);
    return names;
}

Catalogue const& Renderer::catalogue() const noexcept { return impl_->catalogue; }

} // namespace assay::pages
