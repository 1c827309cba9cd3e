#include "credentials/baking.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <map>
#include <optional>

// A reader for just enough XML to find one element below the root, its namespace included. It refuses what it does not need: a
// document type with an internal subset (which could define entities), and any entity but XML's own five and character references.

namespace assay::credentials {
namespace {

constexpr std::string_view namespace_uri = "https://purl.imsglobal.org/ob/v3p0";
constexpr std::string_view svg_uri = "http://www.w3.org/2000/svg";
constexpr std::size_t depth_max = 256;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
}

void append_utf8(std::string& out, std::uint32_t code)
{
    if (code < 0x80) out += static_cast<char>(code);
    else if (code < 0x800) (out += static_cast<char>(0xc0 | (code >> 6))) += static_cast<char>(0x80 | (code & 0x3f));
    else if (code < 0x10000)
        ((out += static_cast<char>(0xe0 | (code >> 12))) += static_cast<char>(0x80 | ((code >> 6) & 0x3f))) += static_cast<char>(0x80 | (code & 0x3f));
    else
        (((out += static_cast<char>(0xf0 | (code >> 18))) += static_cast<char>(0x80 | ((code >> 12) & 0x3f))) += static_cast<char>(0x80 | ((code >> 6) & 0x3f))) +=
            static_cast<char>(0x80 | (code & 0x3f));
}

std::optional<std::string> unescaped(std::string_view text)
{
    auto out = std::string{};
    while (!text.empty()) {
        if (text.front() != '&') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        auto const end = text.find(';');
        if (end == std::string_view::npos || end > 12) return std::nullopt;
        auto const name = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (name == "lt") out += '<';
        else if (name == "gt") out += '>';
        else if (name == "amp") out += '&';
        else if (name == "quot") out += '"';
        else if (name == "apos") out += '\'';
        else if (name.starts_with('#')) {
            auto const hex = name.starts_with("#x");
            auto code = std::uint32_t{};
            for (auto const c : name.substr(hex ? 2 : 1)) {
                auto const digit = c >= '0' && c <= '9' ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
                if (digit < 0 || code > 0x10ffff) return std::nullopt;
                code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
            }
            if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return std::nullopt;
            append_utf8(out, code);
        } else {
            return std::nullopt;
        }
    }
    return out;
}

struct Tag {
    std::string_view name;
    std::map<std::string_view, std::string> attributes;
    bool closing = false, empty = false;
};

class SvgReader {
public:
    explicit SvgReader(std::string_view text) : rest_{text} {}

    result<std::string> run()
    {
        if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
        while (!rest_.empty() && !failed_) {
            if (!rest_.starts_with('<')) text();
            else if (rest_.starts_with("<!--")) skip("-->", 4);
            else if (rest_.starts_with("<![CDATA[")) cdata();
            else if (rest_.starts_with("<?")) skip("?>", 2);
            else if (rest_.starts_with("<!DOCTYPE")) doctype();
            else element();
        }
        if (failed_ || !seen_root_ || !open_.empty()) return errc::malformed_image;
        if (found_.size() != 1) return errc::no_credential_inside;
        return found_.front();
    }

private:
    struct Open {
        std::string name;
        std::map<std::string, std::string> namespaces; ///< prefixes declared here
    };

    void fail() { failed_ = true; }

    void skip(std::string_view end, std::size_t from)
    {
        auto const at = rest_.find(end, from);
        if (at == std::string_view::npos) return fail();
        rest_.remove_prefix(at + end.size());
    }

    void doctype()
    {
        auto const end = rest_.find('>');
        if (seen_root_ || end == std::string_view::npos || rest_.substr(0, end).find('[') != std::string_view::npos) return fail();
        rest_.remove_prefix(end + 1);
    }

    void text()
    {
        auto const end = rest_.find('<');
        auto const here = rest_.substr(0, end);
        rest_.remove_prefix(here.size());
        if (open_.empty()) {
            if (!std::ranges::all_of(here, is_space)) fail(); // text outside the root
            return;
        }
        if (!inside_) return;
        auto const plain = unescaped(here);
        if (!plain) return fail();
        content_ += *plain;
    }

    void cdata()
    {
        constexpr std::size_t head = 9;
        auto const end = rest_.find("]]>", head);
        if (end == std::string_view::npos || open_.empty()) return fail();
        if (inside_) content_ += rest_.substr(head, end - head);
        rest_.remove_prefix(end + 3);
    }

    bool read_tag(Tag& tag)
    {
        rest_.remove_prefix(1);
        if (rest_.starts_with('/')) {
            tag.closing = true;
            rest_.remove_prefix(1);
        }
        tag.name = name();
        if (tag.name.empty()) return false;
        for (;;) {
            auto const spaced = !rest_.empty() && is_space(rest_.front());
            while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
            if (rest_.starts_with("/>") && !tag.closing) {
                tag.empty = true;
                rest_.remove_prefix(2);
                return true;
            }
            if (rest_.starts_with('>')) {
                rest_.remove_prefix(1);
                return true;
            }
            if (!spaced || tag.closing || tag.attributes.size() > 256 || !read_attribute(tag)) return false;
        }
    }

    std::string_view name()
    {
        auto const end = std::ranges::find_if_not(rest_, is_name_character);
        auto const word = std::string_view{rest_.begin(), end};
        rest_.remove_prefix(word.size());
        return word;
    }

    bool read_attribute(Tag& tag)
    {
        auto const key = name();
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
        if (key.empty() || !rest_.starts_with('=')) return false;
        rest_.remove_prefix(1);
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
        if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
        auto const end = rest_.find(rest_.front(), 1);
        if (end == std::string_view::npos) return false;
        auto value = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        auto plain = unescaped(value);
        return plain && value.find('<') == std::string_view::npos && tag.attributes.emplace(key, std::move(*plain)).second;
    }

    std::string_view resolve(std::string_view prefix) const
    {
        for (auto at = open_.rbegin(); at != open_.rend(); ++at)
            if (auto const found = at->namespaces.find(std::string{prefix}); found != at->namespaces.end()) return found->second;
        return {};
    }

    void element()
    {
        auto tag = Tag{};
        if (!read_tag(tag)) return fail();
        if (tag.closing) {
            if (open_.empty() || open_.back().name != tag.name) return fail();
            if (inside_ && open_.size() == 2) finish();
            open_.pop_back();
            return;
        }
        if (inside_ || open_.size() == depth_max || (open_.empty() && seen_root_)) return fail();
        auto opened = Open{.name = std::string{tag.name}, .namespaces = {}};
        for (auto const& [key, value] : tag.attributes) {
            if (key == "xmlns") opened.namespaces[""] = value;
            else if (key.starts_with("xmlns:")) opened.namespaces[std::string{key.substr(6)}] = value;
        }
        open_.push_back(std::move(opened));
        auto const colon = tag.name.find(':');
        auto const local = colon == std::string_view::npos ? tag.name : tag.name.substr(colon + 1);
        auto const space = resolve(colon == std::string_view::npos ? std::string_view{} : tag.name.substr(0, colon));
        if (open_.size() == 1) {
            seen_root_ = true;
            if (local != "svg" || space != svg_uri) return fail();
        }
        if (local == "credential" && space == namespace_uri) {
            if (open_.size() != 2) return fail();
            inside_ = true;
            content_.clear();
            verify_.clear();
            if (auto const at = tag.attributes.find("verify"); at != tag.attributes.end()) verify_ = at->second;
            if (tag.empty) finish();
        }
        if (tag.empty) open_.pop_back();
    }

    void finish()
    {
        inside_ = false;
        auto const first = content_.find_first_not_of(" \t\r\n");
        auto const blank = first == std::string::npos;
        if (blank == verify_.empty()) return fail(); // one of the two ways, not both and not neither
        if (blank) found_.push_back(verify_);
        else found_.push_back(content_.substr(first, content_.find_last_not_of(" \t\r\n") + 1 - first));
    }

    std::string_view rest_;
    std::vector<Open> open_;
    std::vector<std::string> found_;
    std::string content_, verify_;
    bool inside_ = false, seen_root_ = false, failed_ = false;
};

} // namespace

result<std::string> credential_in_svg(std::string_view image)
{
    if (image.size() > image_size_max) return errc::malformed_image;
    return SvgReader{image}.run();
}

} // namespace assay::credentials
