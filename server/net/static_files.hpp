#pragma once
#include "server/net/router.hpp"

#include <map>

namespace assay::net {

/// The browser's files, read into memory at start: no request ever touches the file system, so none can leave the folder.
/// A name with a content hash ("app-4F2QK7XD.js": a dash and 8 or more letters and digits, one a digit, before the extension) is immutable for a
/// year; others are revalidated by ETag.
class StaticFiles {
public:
    /// Regular files below `folder`, links ignored. Throws when it cannot be read, or holds over 64 MiB.
    static StaticFiles load(std::filesystem::path const& folder);

    /// Embedded files instead: name with '/' between folders, content.
    void add(std::string name, std::string content);

    /// 200, 304 (If-None-Match), or 404 as a problem document.
    Response serve(Request const& request, std::string_view name) const;

    /// GET `prefix`/{name...}, open to anyone. The files must outlive the router.
    Route route(std::string prefix) const;

    std::size_t size() const noexcept { return files_.size(); }
    /// The hashed name of `stem`.`extension` ("app", "js" → "app-4F2QK7XD.js"), for templates; empty when there is none.
    std::string hashed_name(std::string_view stem, std::string_view extension) const;

private:
    struct File {
        std::shared_ptr<std::string const> content;
        std::string etag;
        std::string content_type;
        bool immutable;
    };
    std::map<std::string, File, std::less<>> files_;
};

std::string_view content_type_of(std::string_view file_name) noexcept; ///< by extension; application/octet-stream otherwise

} // namespace assay::net
