#pragma once
// XML from strangers into a plain tree. libxml2 is seen by one source only.
#include "core/bytes.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace assay::exam::qti::detail {

enum class Space { qti, math, other };

struct XmlNode;

/// Names are brought to QTI 3.0's form without its prefix: `simpleChoice` and `qti-simple-choice` are both "simple-choice", the attribute
/// `maxChoices` is "max-choices". HTML keeps its names. `tag` is what the author wrote, for messages.
struct XmlElement {
    std::string name;
    std::string tag;
    Space space = Space::qti;
    bool is_prefixed = false; ///< written qti-…: surely no HTML
    std::map<std::string, std::string, std::less<>> attributes; ///< xml:lang is "lang"; other foreign attributes are left out
    std::vector<XmlNode> children;

    std::string attribute(std::string_view key, std::string_view otherwise = {}) const;
    bool has(std::string_view key) const { return attributes.contains(key); }
    std::vector<XmlElement const*> elements(std::string_view child = {}) const; ///< children of that name, or all
    XmlElement const* element(std::string_view child) const;                    ///< the first
    std::string text() const;                                                   ///< all text below, in order
};

struct XmlNode {
    std::variant<std::string, XmlElement> node; ///< text, or an element
};

struct XmlBounds {
    std::size_t size_max = 2 << 20;
    int depth_max = 64;
    std::size_t nodes_max = 20'000;
};

/// The tree, or in words why there is none. No entity but the five of XML and character references, no document type, no network.
struct XmlResult {
    std::optional<XmlElement> root;
    std::string error;
};
XmlResult parse_xml(ByteView bytes, XmlBounds bounds = {});

/// Local name and namespace of the root element, read without the rest of the tree; empty when there is none.
std::string root_name(ByteView bytes);

/// What an author wrote, as messages show it.
inline std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

} // namespace assay::exam::qti::detail
