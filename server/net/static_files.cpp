#include "server/net/static_files.hpp"

#include "core/hash.hpp"
#include "server/net/detail/text.hpp"

#include <array>
#include <fstream>
#include <iterator>

namespace assay::net {
namespace {

constexpr std::uintmax_t total_max = 64u << 20;

/// "app-4F2QK7XD.js": esbuild's name for content that never changes under this name.
bool has_content_hash(std::string_view name) noexcept
{
    auto const file = name.substr(name.rfind('/') + 1);
    auto const dot = file.find('.');
    if (dot == std::string_view::npos) return false;
    auto const stem = file.substr(0, dot);
    auto const dash = stem.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return false;
    auto const hash = stem.substr(dash + 1);
    return hash.size() >= 8 && std::ranges::all_of(hash, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    }) && std::ranges::any_of(hash, [](char c) { return c >= '0' && c <= '9'; });
}

bool names(std::string_view if_none_match, std::string_view etag)
{
    auto found = false;
    detail::for_each_part(if_none_match, ',', [&](std::string_view candidate) {
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        found = candidate == etag || candidate == "*";
        return !found;
    });
    return found;
}

} // namespace

std::string_view content_type_of(std::string_view file_name) noexcept
{
    constexpr auto types = std::to_array<std::pair<std::string_view, std::string_view>>({
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/vnd.microsoft.icon"},
        {".woff2", "font/woff2"},
        {".pdf", "application/pdf"},
        {".wasm", "application/wasm"},
        {".webmanifest", "application/manifest+json"},
    });
    for (auto const& [extension, type] : types)
        if (file_name.ends_with(extension)) return type;
    return "application/octet-stream";
}

StaticFiles StaticFiles::load(std::filesystem::path const& folder)
{
    auto files = StaticFiles{};
    auto total = std::uintmax_t{0};
    for (auto const& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        auto file = std::ifstream{entry.path(), std::ios::binary};
        auto content = std::string{std::istreambuf_iterator<char>{file}, {}};
        if (!file.good() && !file.eof()) throw std::runtime_error{"cannot read " + entry.path().string()};
        total += content.size();
        if (total > total_max) throw std::runtime_error{folder.string() + " holds over 64 MiB"};
        files.add(entry.path().lexically_relative(folder).generic_string(), std::move(content));
    }
    return files;
}

void StaticFiles::add(std::string name, std::string content)
{
    auto file = File{};
    file.etag = '"' + to_string(sha256(content)).substr(0, 32) + '"';
    file.content_type = content_type_of(name);
    file.immutable = has_content_hash(name);
    file.content = std::make_shared<std::string const>(std::move(content));
    files_.insert_or_assign(std::move(name), std::move(file));
}

Response StaticFiles::serve(Request const& request, std::string_view name) const
{
    auto const found = files_.find(name);
    if (found == files_.end()) {
        auto what = Problem{};
        what.status = 404;
        return problem(what);
    }
    auto const& file = found->second;
    auto response = Response{};
    response.headers.set("ETag", file.etag);
    response.headers.set("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "public, no-cache");
    if (auto const known = request.header("If-None-Match"); known && names(*known, file.etag)) {
        response.status = 304;
        return response;
    }
    response.headers.set("Content-Type", file.content_type);
    response.shared_body = file.content;
    return response;
}

Route StaticFiles::route(std::string prefix) const
{
    auto route = Route{};
    route.pattern = std::move(prefix) + "/{name...}";
    route.rate_class = RateClass::assets;
    route.handler = [this](Request const& request, PathParameters const& path) -> boost::asio::awaitable<Response> {
        co_return serve(request, find(path, "name").value_or(""));
    };
    return route;
}

std::string StaticFiles::hashed_name(std::string_view stem, std::string_view extension) const
{
    for (auto const& [name, file] : files_) {
        if (!file.immutable || !name.starts_with(stem) || !name.ends_with(extension)) continue;
        auto const dash = name.rfind('-');
        auto const dot = name.find('.', dash);
        if (dash == stem.size() && std::string_view{name}.substr(dot + 1) == extension) return name;
    }
    return {};
}

} // namespace assay::net
