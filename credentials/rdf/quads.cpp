#include "credentials/rdf/quads.hpp"

#include "credentials/errors.hpp"

#include <algorithm>

namespace assay::credentials::rdf {
namespace {

constexpr std::string_view xsd_string = "http://www.w3.org/2001/XMLSchema#string";

void append_escaped(std::string& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    auto const is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f; };
    while (!text.empty()) {
        auto const plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain); // nearly always all of it
        if (plain == text.size()) break;
        auto const c = text[plain];
        auto const code = static_cast<unsigned char>(c);
        text.remove_prefix(plain + 1);
        switch (c) {
        case '\b': out += "\\b"; break;
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\f': out += "\\f"; break;
        case '\r': out += "\\r"; break;
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        default:
            out += "\\u00";
            out += digits[code >> 4];
            out += digits[code & 15];
        }
    }
}

void append_utf8(std::string& out, std::uint32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

bool is_label_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// One line's reader. Each read_… moves past what it read and says false when it is not there.
class Line {
public:
    explicit Line(std::string_view text) : rest_{text} {}

    bool read_quad(Quad& quad)
    {
        auto predicate = Term{};
        if (!read_term(quad.subject) || quad.subject.kind == TermKind::literal) return false;
        if (!read_term(predicate) || predicate.kind != TermKind::iri) return false;
        quad.predicate = std::move(predicate.text);
        if (!read_term(quad.object)) return false;
        skip_space();
        if (!rest_.starts_with('.') && (!read_term(quad.graph) || quad.graph.kind == TermKind::literal)) return false;
        skip_space();
        if (!rest_.starts_with('.')) return false;
        rest_.remove_prefix(1);
        return is_blank();
    }

    bool is_blank()
    {
        skip_space();
        return rest_.empty() || rest_.front() == '#';
    }

private:
    void skip_space()
    {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    }

    bool read_term(Term& term)
    {
        skip_space();
        if (rest_.starts_with('<')) {
            term.kind = TermKind::iri;
            return read_iri(term.text);
        }
        if (rest_.starts_with("_:")) return read_label(term);
        return rest_.starts_with('"') && read_literal(term);
    }

    bool read_label(Term& term)
    {
        rest_.remove_prefix(2);
        auto const end = std::ranges::find_if_not(rest_, is_label_character);
        auto label = std::string_view{rest_.begin(), end};
        while (label.ends_with('.')) label.remove_suffix(1); // a label may hold dots, but the last one ends the statement
        if (label.empty() || label.front() == '.' || label.front() == '-') return false;
        term = {TermKind::blank, std::string{label}};
        rest_.remove_prefix(label.size());
        return true;
    }

    bool read_escape(std::string& out, bool characters)
    {
        if (rest_.size() < 2) return false;
        auto const kind = rest_[1];
        rest_.remove_prefix(2);
        if (kind == 'u' || kind == 'U') {
            auto const width = kind == 'u' ? std::size_t{4} : std::size_t{8};
            if (rest_.size() < width) return false;
            auto code = std::uint32_t{};
            for (auto const c : rest_.substr(0, width)) {
                auto const digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
                if (digit < 0) return false;
                code = code * 16 + static_cast<std::uint32_t>(digit);
            }
            if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
            append_utf8(out, code);
            rest_.remove_prefix(width);
            return true;
        }
        constexpr std::string_view from = "tbnrf\"'\\", to = "\t\b\n\r\f\"'\\";
        auto const at = from.find(kind);
        if (!characters || at == std::string_view::npos) return false;
        out += to[at];
        return true;
    }

    bool read_iri(std::string& out)
    {
        rest_.remove_prefix(1);
        while (!rest_.empty() && rest_.front() != '>') {
            if (rest_.front() == '\\') {
                if (!read_escape(out, false)) return false;
                continue;
            }
            constexpr std::string_view refused = "<\"{}|^`";
            if (static_cast<unsigned char>(rest_.front()) <= 0x20 || refused.find(rest_.front()) != std::string_view::npos) return false;
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        if (rest_.empty() || out.find(':') == std::string::npos) return false; // relative IRIs have no place in N-Quads
        rest_.remove_prefix(1);
        return true;
    }

    bool read_literal(Term& term)
    {
        rest_.remove_prefix(1);
        auto lexical = std::string{};
        while (!rest_.empty() && rest_.front() != '"') {
            if (rest_.front() == '\\') {
                if (!read_escape(lexical, true)) return false;
                continue;
            }
            lexical += rest_.front();
            rest_.remove_prefix(1);
        }
        if (rest_.empty()) return false;
        rest_.remove_prefix(1);
        auto datatype = std::string{};
        auto language = std::string_view{};
        if (rest_.starts_with("^^<")) {
            rest_.remove_prefix(2);
            if (!read_iri(datatype)) return false;
        } else if (rest_.starts_with('@')) {
            auto const is_tag = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
            language = std::string_view{rest_.begin() + 1, std::ranges::find_if_not(rest_.substr(1), is_tag)};
            if (language.empty()) return false;
            rest_.remove_prefix(1 + language.size());
        }
        term = literal(lexical, datatype, language);
        return true;
    }

    std::string_view rest_;
};

} // namespace

Term literal(std::string_view lexical, std::string_view datatype, std::string_view language)
{
    auto term = Term{.kind = TermKind::literal, .text = "\""};
    append_escaped(term.text, lexical);
    term.text += '"';
    if (!language.empty()) {
        term.text += '@';
        term.text += language;
    } else if (!datatype.empty() && datatype != xsd_string) {
        term.text += "^^";
        append_iri(term.text, datatype);
    }
    return term;
}

void append_iri(std::string& out, std::string_view iri)
{
    out += '<';
    out += iri;
    out += '>';
}

void append_term(std::string& out, Term const& term)
{
    if (term.kind == TermKind::iri) {
        append_iri(out, term.text);
    } else {
        if (term.kind == TermKind::blank) out += "_:";
        out += term.text;
    }
}

std::string to_nquad(Quad const& quad)
{
    auto line = std::string{};
    append_term(line, quad.subject);
    line += ' ';
    append_iri(line, quad.predicate);
    line += ' ';
    append_term(line, quad.object);
    if (quad.graph.kind != TermKind::none) {
        line += ' ';
        append_term(line, quad.graph);
    }
    return line + " .\n";
}

result<std::vector<Quad>> parse_nquads(std::string_view text, std::size_t quads_max)
{
    auto quads = std::vector<Quad>{};
    while (!text.empty()) {
        auto const end = text.find_first_of("\r\n");
        auto const whole = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        auto line = Line{whole};
        if (line.is_blank()) continue;
        if (quads.size() == quads_max) return errc::rdf_too_large;
        if (!line.read_quad(quads.emplace_back())) return errc::malformed_rdf;
    }
    return quads;
}

} // namespace assay::credentials::rdf
