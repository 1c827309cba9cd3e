#include "exam/qti/reader.hpp"
#include "exam/detail/values.hpp"
#include "exam/item_scoring.hpp"
#include "exam/qti/detail/content_reader.hpp"
#include "exam/qti/detail/rules_reader.hpp"

namespace assay::exam::qti {
namespace {

using detail::Findings;
using detail::XmlElement;
using detail::in_quotes;

std::string number_text(double value) { return canonical_json(value); }

void collect_interactions(XmlElement const& element, std::vector<std::string>& names)
{
    if (auto name = detail::interaction_name(element); !name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    for (auto const* child : element.elements()) collect_interactions(*child, names);
}

std::string folder_of(std::string_view file)
{
    auto const slash = file.rfind('/');
    return std::string{slash == file.npos ? std::string_view{} : file.substr(0, slash)};
}

/// Everything of an item but its declarations, body and response processing.
void read_surroundings(XmlElement const& root, Findings& findings)
{
    if (root.attribute("adaptive") == "true" || root.attribute("adaptive") == "1")
        findings.refuse("an adaptive item is answered in several attempts: not supported");
    if (root.attribute("time-dependent") == "true") findings.note("not taken over: time-dependent scoring");
    for (auto const* part : root.elements()) {
        auto const& name = part->name;
        if (name == "response-declaration" || name == "outcome-declaration" || name == "item-body" || name == "response-processing") continue;
        if (name == "template-declaration" || name == "template-processing") findings.refuse("<" + part->tag + ">: item templates are not supported");
        else if (name == "assessment-stimulus-ref") findings.refuse("the shared stimulus " + in_quotes(part->attribute("href")) + " is not supported");
        else if (name == "modal-feedback") findings.note("not taken over: feedback <" + part->tag + "> " + in_quotes(part->attribute("identifier")));
        else if (name == "stylesheet") findings.note("not taken over: <" + part->tag + "> " + in_quotes(part->attribute("href")));
        else if (part->space == detail::Space::qti) findings.note("not taken over: <" + part->tag + ">");
        else findings.refuse("<" + part->tag + "> is no part of a QTI item that we know");
    }
}

double stated_maximum(XmlElement const& root, ItemParts const& parts)
{
    for (auto const* outcome : root.elements("outcome-declaration"))
        if (outcome->attribute("identifier") == "SCORE")
            if (auto const stated = exam::detail::parse_number(outcome->attribute("normal-maximum"))) return std::max(*stated, 0.0);
    auto const outcome = std::ranges::find(parts.outcomes, "MAXSCORE", &OutcomeDeclaration::identifier);
    if (outcome == parts.outcomes.end() || outcome->default_value.atoms.size() != 1) return 0;
    auto const* stated = std::get_if<double>(&outcome->default_value.atoms.front());
    return stated != nullptr ? std::max(*stated, 0.0) : 0;
}

/// The author's maximum, held against what the key can earn: a score is never above its maximum.
double settled_maximum(Item const& item, double stated, Findings& findings)
{
    if (item.parts().rules.empty()) return 0;
    auto const attainable = attainable_score(item);
    if (stated == 0 && attainable == 0) findings.refuse("no response earns a point, as far as the key tells, and no maximum is stated");
    if (stated == 0) return attainable;
    if (attainable > stated)
        findings.note("the stated maximum " + number_text(stated) + " is raised to " + number_text(attainable) + ", which the key can earn");
    else if (attainable < stated)
        findings.note("the stated maximum is " + number_text(stated) + ", the key earns " + number_text(attainable));
    return std::max(attainable, stated);
}

void check_key(Item const& item, Findings& findings)
{
    auto const problem = find_response_problem(item, correct_responses(item));
    if (!problem) return;
    auto const text = "the correct response of " + in_quotes(problem->response) + " cannot be given: " + make_error_code(problem->code).message() + " (" + problem->detail + ")";
    if (problem->code == item_errc::unknown_response) return; // a declaration that no interaction uses
    if (detail::responses_judged_by_key(item.parts().rules).contains(problem->response)) findings.refuse(text);
    else findings.note(text);
}

std::optional<Item> read_parts(XmlElement const& root, std::string const& folder, Findings& findings)
{
    auto parts = ItemParts{};
    parts.identifier = root.attribute("identifier");
    parts.title = root.attribute("title");
    parts.language = root.attribute("lang");
    if (parts.identifier.empty()) findings.refuse("the item has no identifier");
    read_surroundings(root, findings);
    for (auto const* declaration : root.elements("response-declaration")) read_response_declaration(*declaration, parts, findings);
    for (auto const* declaration : root.elements("outcome-declaration")) read_outcome_declaration(*declaration, parts, findings);

    auto const bodies = root.elements("item-body");
    if (bodies.size() != 1) findings.refuse("the item has " + std::to_string(bodies.size()) + " bodies");
    for (auto const* body : bodies) read_body(*body, folder, parts, findings);
    if (parts.interactions.empty() && !findings.is_refused()) findings.refuse("the item has no interaction");
    auto const processings = root.elements("response-processing");
    if (processings.size() > 1) findings.refuse("the item has several response processings");
    read_response_processing(processings.empty() ? nullptr : processings.front(), parts, findings);
    if (findings.is_refused()) return std::nullopt;

    auto const stated = stated_maximum(root, parts);
    auto const draft = Item::create(parts);
    if (!draft) {
        findings.refuse("the parts of the item contradict each other (an identifier that is repeated, too long or has spaces)");
        return std::nullopt;
    }
    check_key(*draft, findings);
    parts.max_score = settled_maximum(*draft, stated, findings);
    auto item = Item::create(std::move(parts));
    if (!item) findings.refuse("the maximum score cannot be represented");
    if (findings.is_refused()) return std::nullopt;
    return std::move(*item);
}

} // namespace

ImportedItem read_item(ByteView xml, std::string file)
{
    auto row = ImportedItem{};
    row.file = std::move(file);
    auto findings = Findings{};
    auto const parsed = detail::parse_xml(xml, {item_size_max, item_depth_max, item_nodes_max});
    if (!parsed.root) {
        findings.refuse(parsed.error);
    } else if (parsed.root->name != "assessment-item") {
        findings.refuse("<" + parsed.root->tag + "> is no QTI 2.x or 3.0 item");
    } else {
        row.identifier = parsed.root->attribute("identifier");
        row.title = parsed.root->attribute("title");
        collect_interactions(*parsed.root, row.interactions);
        row.item = read_parts(*parsed.root, folder_of(row.file), findings);
    }
    row.outcome = row.item ? ImportOutcome::imported : ImportOutcome::refused;
    row.notes = findings.all();
    return row;
}

bool is_item(ByteView xml)
{
    auto const name = detail::root_name(xml);
    return name == "qti-assessment-item" || name == "assessmentItem";
}

} // namespace assay::exam::qti
