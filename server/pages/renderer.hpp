#pragma once
#include "server/pages/catalogue.hpp"

#include <optional>

namespace assay::pages {

/// Who looks at a page and from where: what the layout around every page needs. `base` and the language links are made of it.
struct View {
    Locale locale = Locale::english;
    std::string time_zone = "UTC";    ///< IANA name; dates are shown in it, with its name
    std::string tenant_name;          ///< in the header; empty on a page that belongs to no tenant
    std::string base;                 ///< "/t/demo", without a final slash; {{base}} in templates
    std::string path;                 ///< of this page, without query: where the language links lead ("" hides them)
    bool demonstration = false;       ///< a demo tenant: every page says so
    std::string staff_name;           ///< who is signed in as staff: shows the staff navigation; empty for everybody else
    bool listed = false;              ///< search engines may list this page, whatever its template says
    std::string csrf;                 ///< {{csrf}}: hidden in each form; also what signs out
};

/// Turns a template of web/templates and a context into one HTML document. Templates are mustache (escaping by default);
/// what each needs stands at its top. Within them:
///   {{#t}}key name other=path.to.value{{/t}}    a text; its arguments are looked up in the context by name
///   {{#state=valid}}…{{/state=valid}}           shown when `state` is that word
///   {{#date}}path{{/date}} {{#datetime}}path{{/datetime}}   a <time> element of an RFC 3339 value
///   {{#number}}path{{/number}} {{#percent}}path{{/percent}} a number; percent of a fraction 0…1
///   {{#texts}}prefix. other.{{/texts}}          a data block with the patterns that the page's script formats
///   {{#asset}}exam.js{{/asset}}                 the hashed address of a built file
/// Immutable after loading; safe to use from any thread.
class Renderer {
public:
    struct Places {
        std::filesystem::path templates; ///< web/templates: pages, layout.mustache and partials/
        std::filesystem::path messages;  ///< web/messages
        std::filesystem::path manifest;  ///< web/dist/manifest.json: {"exam.js": "exam-3F2A….js", …}
        std::string assets = "/assets/"; ///< where those files are served: web/dist/assets
    };

    /// Reads everything once. Throws std::runtime_error naming the file and what is wrong with it.
    static Renderer load(Places const& places);

    /// The page `name` ("verify") as a whole document. `context` fills the template; null, false, "" and [] are not shown.
    /// Expects a template of that name, keys that the catalogue has, and well-formed values where the template formats them.
    std::string render(std::string_view name, json::object const& context, View const& view) const;

    /// What a page asks of the answer that carries it, read from its first comment.
    struct Needs {
        bool camera = false; ///< send Permissions-Policy: camera=(self)
    };
    Needs needs(std::string_view name) const;

    std::vector<std::string> names() const; ///< of all pages, sorted

    Catalogue const& catalogue() const noexcept;

    Renderer(Renderer&&) noexcept;
    Renderer& operator=(Renderer&&) noexcept;
    ~Renderer();

private:
    struct Impl;
    explicit Renderer(std::unique_ptr<Impl> impl) noexcept;
    std::unique_ptr<Impl> impl_;
};

} // namespace assay::pages
