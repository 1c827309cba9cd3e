#include "exam/qti/detail/xml.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <climits>
#include <memory>

namespace assay::exam::qti::detail {
namespace {

constexpr auto mathml = std::string_view{"http://www.w3.org/1998/Math/MathML"};
constexpr auto xhtml = std::string_view{"http://www.w3.org/1999/xhtml"};
constexpr auto xml_namespace = std::string_view{"http://www.w3.org/XML/1998/namespace"};

std::string_view view(xmlChar const* text) { return text != nullptr ? std::string_view{reinterpret_cast<char const*>(text)} : std::string_view{}; }

struct ContextDeleter {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};
struct DocumentDeleter {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Context = std::unique_ptr<xmlParserCtxt, ContextDeleter>;
using Document = std::unique_ptr<xmlDoc, DocumentDeleter>;

// simpleChoice → simple-choice; a name without capitals stays as it is.
std::string kebab(std::string_view name)
{
    auto result = std::string{};
    for (auto const c : name) {
        if (c >= 'A' && c <= 'Z') {
            if (!result.empty() && result.back() != '-') result += '-';
            result += static_cast<char>(c + 32);
        } else {
            result += c;
        }
    }
    return result;
}

// A document type is where entities, and files to load, would be declared: parsing ends there, before any of it is read.
void refuse_document_type(void* context, xmlChar const*, xmlChar const*, xmlChar const*)
{
    auto* parser = static_cast<xmlParserCtxt*>(context);
    parser->_private = parser; // says that this was the reason
    xmlStopParser(parser);
}

void ignore_error(void*, xmlError*) {}

Context make_context()
{
    [[maybe_unused]] static auto const once = (xmlInitParser(), true);
    auto context = Context{xmlNewParserCtxt()};
    if (context == nullptr) throw std::bad_alloc{};
    context->sax->internalSubset = refuse_document_type;
    context->sax->externalSubset = refuse_document_type;
    context->sax->serror = ignore_error;
    return context;
}

class Converter {
public:
    explicit Converter(XmlBounds const& bounds) : bounds_{bounds} {}

    std::string error;

    XmlElement convert(xmlNode const& node, int depth)
    {
        auto element = XmlElement{};
        auto const local = view(node.name);
        auto const space = node.ns != nullptr ? view(node.ns->href) : std::string_view{};
        element.tag = node.ns != nullptr && node.ns->prefix != nullptr ? std::string{view(node.ns->prefix)} + ':' + std::string{local} : std::string{local};
        element.space = space == mathml ? Space::math : space.empty() || space == xhtml || space.find("qti") != space.npos || space.find("imscp") != space.npos
                            ? Space::qti : Space::other;
        if (element.space == Space::qti) {
            element.is_prefixed = local.starts_with("qti-");
            element.name = kebab(element.is_prefixed ? local.substr(4) : local);
        } else {
            element.name = local;
        }
        read_attributes(node, element);
        if (depth >= bounds_.depth_max) {
            error = "elements are nested more than " + std::to_string(bounds_.depth_max) + " deep";
            return element;
        }
        for (auto const* child = node.children; child != nullptr && error.empty(); child = child->next) {
            if (child->type == XML_ELEMENT_NODE || child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
                if (++nodes_ > bounds_.nodes_max) error = "more than " + std::to_string(bounds_.nodes_max) + " nodes";
                else if (child->type == XML_ELEMENT_NODE) element.children.push_back(XmlNode{convert(*child, depth + 1)});
                else element.children.push_back(XmlNode{std::string{view(child->content)}});
            } else if (child->type == XML_ENTITY_REF_NODE) {
                error = "entity &" + std::string{view(child->name)} + "; is not allowed";
            }
        }
        return element;
    }

private:
    void read_attributes(xmlNode const& node, XmlElement& element)
    {
        for (auto const* attribute = node.properties; attribute != nullptr; attribute = attribute->next) {
            auto const space = attribute->ns != nullptr ? view(attribute->ns->href) : std::string_view{};
            auto value = std::string{};
            for (auto const* part = attribute->children; part != nullptr; part = part->next) {
                if (part->type != XML_TEXT_NODE) error = "entity in attribute " + std::string{view(attribute->name)} + " is not allowed";
                else value += view(part->content);
            }
            auto const local = view(attribute->name);
            if (space.empty()) element.attributes.try_emplace(element.space == Space::qti ? kebab(local) : std::string{local}, std::move(value));
            else if (space == xml_namespace && local == "lang") element.attributes.try_emplace("lang", std::move(value));
        }
    }

    XmlBounds const& bounds_;
    std::size_t nodes_ = 0;
};

} // namespace

std::string XmlElement::attribute(std::string_view key, std::string_view otherwise) const
{
    auto const found = attributes.find(key);
    return found != attributes.end() ? found->second : std::string{otherwise};
}

std::vector<XmlElement const*> XmlElement::elements(std::string_view child) const
{
    auto found = std::vector<XmlElement const*>{};
    for (auto const& node : children)
        if (auto const* element = std::get_if<XmlElement>(&node.node); element != nullptr && (child.empty() || element->name == child)) found.push_back(element);
    return found;
}

XmlElement const* XmlElement::element(std::string_view child) const
{
    auto const found = elements(child);
    return found.empty() ? nullptr : found.front();
}

std::string XmlElement::text() const
{
    auto all = std::string{};
    for (auto const& node : children) {
        if (auto const* words = std::get_if<std::string>(&node.node)) all += *words;
        else all += std::get<XmlElement>(node.node).text();
    }
    return all;
}

XmlResult parse_xml(ByteView bytes, XmlBounds bounds)
{
    if (bytes.size() > bounds.size_max || bytes.size() > INT_MAX) return {{}, "larger than " + std::to_string(bounds.size_max) + " bytes"};
    auto const context = make_context();
    auto const document = Document{xmlCtxtReadMemory(context.get(), reinterpret_cast<char const*>(bytes.data()), static_cast<int>(bytes.size()), nullptr, nullptr,
                                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA)};
    if (context->_private != nullptr) return {{}, "a document type declaration is not allowed"};
    if (document == nullptr || context->wellFormed == 0) {
        auto const* problem = xmlCtxtGetLastError(context.get());
        auto message = std::string{problem != nullptr && problem->message != nullptr ? problem->message : "cannot be read"};
        while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
        for (auto& c : message) if (static_cast<unsigned char>(c) >= 0x80) c = '?'; // it quotes bytes that need not be UTF-8
        return {{}, "not well-formed XML" + (problem != nullptr ? ", line " + std::to_string(problem->line) : std::string{}) + ": " + message.substr(0, 200)};
    }
    auto const* root = xmlDocGetRootElement(document.get());
    if (root == nullptr) return {{}, "no root element"};
    auto converter = Converter{bounds};
    auto tree = converter.convert(*root, 0);
    if (!converter.error.empty()) return {{}, converter.error};
    return {std::move(tree), {}};
}

std::string root_name(ByteView bytes)
{
    // The first start tag decides; a parse of all that follows would cost as much as reading the item.
    struct Seen {
        std::string name;
    };
    auto seen = Seen{};
    auto const context = make_context();
    context->_private = &seen;
    context->sax->internalSubset = [](void* parser, xmlChar const*, xmlChar const*, xmlChar const*) { xmlStopParser(static_cast<xmlParserCtxt*>(parser)); };
    context->sax->externalSubset = context->sax->internalSubset;
    context->sax->startElementNs = [](void* parser, xmlChar const* local, xmlChar const*, xmlChar const*, int, xmlChar const**, int, int, xmlChar const**) {
        auto* stopped = static_cast<xmlParserCtxt*>(parser);
        static_cast<Seen*>(stopped->_private)->name = view(local);
        xmlStopParser(stopped);
    };
    if (bytes.empty() || bytes.size() > INT_MAX) return {};
    auto const document = Document{xmlCtxtReadMemory(context.get(), reinterpret_cast<char const*>(bytes.data()), static_cast<int>(bytes.size()), nullptr, nullptr,
                                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)};
    return seen.name;
}

} // namespace assay::exam::qti::detail
