#include "credentials/detail/shape.hpp"

#include "credentials/rdf/pinned_contexts.hpp"

#include <string>

#include <initializer_list>

namespace assay::credentials {
namespace {

/// Why a shape is wrong; empty when it is right.
using Complaint = std::string;

bool is_open_badge(json::object const& credential)
{
    return has_type(credential, "OpenBadgeCredential") || has_type(credential, "AchievementCredential");
}

Complaint require_texts(json::object const& object, std::string const& where, std::initializer_list<char const*> members)
{
    for (auto const* member : members)
        if (auto const* text = find_string(object, member); text == nullptr || text->empty())
            return where + "." + member + " is missing or no text";
    return {};
}

/// An object, or each object of an array, has the type.
Complaint require_type(json::value const& value, std::string const& where, std::string_view type)
{
    auto const complaint = where + " is not of type " + std::string{type};
    if (auto const* all = value.if_array()) {
        for (auto const& one : *all)
            if (!one.is_object() || !has_type(one.get_object(), type)) return complaint;
        return {};
    }
    return value.is_object() && has_type(value.get_object(), type) ? Complaint{} : complaint;
}

/// The same for a member that may be absent.
Complaint require_type_of(json::object const& parent, std::string const& where, char const* member, std::string_view type)
{
    auto const* value = parent.if_contains(member);
    return value == nullptr ? Complaint{} : require_type(*value, where + "." + member, type);
}

Complaint first_of(std::initializer_list<Complaint> complaints)
{
    for (auto const& complaint : complaints)
        if (!complaint.empty()) return complaint;
    return {};
}

/// VC 2.0, 4: what extends a credential is an object, or several, each with a type.
Complaint require_typed(json::object const& credential, char const* member)
{
    auto const* value = credential.if_contains(member);
    if (value == nullptr) return {};
    auto const all = value->is_array() ? value->get_array() : json::array{*value};
    for (auto const& one : all)
        if (!one.is_object() || !one.get_object().contains("type")) return std::string{member} + " is no object with a type";
    return {};
}

Complaint check_profile(json::value const& value, std::string const& where)
{
    if (value.is_string()) return {};
    if (auto wrong = require_type(value, where, "Profile"); !wrong.empty()) return wrong;
    if (!value.is_object()) return where + " is no single object";
    auto const& profile = value.get_object();
    if (auto wrong = require_texts(profile, where, {"id"}); !wrong.empty()) return wrong;
    return first_of({require_type_of(profile, where, "otherIdentifier", "IdentifierEntry"),
                     require_type_of(profile, where, "parentOrg", "Profile")});
}

Complaint check_achievement(json::value const& value)
{
    auto const where = std::string{"credentialSubject.achievement"};
    if (auto wrong = require_type(value, where, "Achievement"); !wrong.empty()) return wrong;
    if (!value.is_object()) return where + " is no single object";
    auto const& achievement = value.get_object();
    auto const* criteria = find_object(achievement, "criteria");
    if (criteria == nullptr) return where + ".criteria is missing";
    return first_of({require_texts(achievement, where, {"id", "name", "description"}),
                     require_type_of(achievement, where, "resultDescription", "ResultDescription"),
                     require_type_of(achievement, where, "creator", "Profile")});
}

Complaint check_open_badge(json::object const& credential)
{
    auto const* subject = find_object(credential, "credentialSubject");
    if (subject == nullptr) return "credentialSubject is no single object";
    auto const* achievement = subject->if_contains("achievement");
    auto const* issuer = credential.if_contains("issuer");
    if (!subject->contains("id") && !subject->contains("identifier")) return "credentialSubject has neither id nor identifier";
    if (achievement == nullptr) return "credentialSubject.achievement is missing";
    if (auto wrong = check_profile(*issuer, "issuer"); !wrong.empty()) return wrong;
    auto const profile = subject->if_contains("profile");
    return first_of({require_texts(credential, "credential", {"id", "validFrom"}),
                     has_type(*subject, "AchievementSubject") ? Complaint{} : "credentialSubject is not of type AchievementSubject",
                     require_type_of(*subject, "credentialSubject", "identifier", "IdentityObject"),
                     require_type_of(*subject, "credentialSubject", "result", "Result"),
                     require_type_of(*subject, "credentialSubject", "source", "Profile"),
                     profile == nullptr ? Complaint{} : check_profile(*profile, "credentialSubject.profile"),
                     require_type_of(credential, "credential", "evidence", "Evidence"), check_achievement(*achievement)});
}

/// W3C VC 2.0 members that every credential may have.
Complaint check_data_model(json::object const& credential)
{
    auto const* contexts = find_array(credential, "@context");
    if (contexts == nullptr || contexts->empty()) return "@context is no array";
    if (!has_type(credential, "VerifiableCredential")) return "type does not name VerifiableCredential";
    if (auto const* types = credential.at("type").if_array())
        for (auto const& type : *types)
            if (!type.is_string()) return "type holds something that is no text";
    if (issuer_of(credential).empty()) return "issuer names nobody";
    auto const* subject = credential.if_contains("credentialSubject");
    auto const holds = subject != nullptr && ((subject->is_object() && !subject->get_object().empty()) ||
                                              (subject->is_array() && !subject->get_array().empty()));
    if (!holds) return "credentialSubject is missing";
    for (auto const* id : {credential.if_contains("id"), subject->is_object() ? subject->get_object().if_contains("id") : nullptr})
        if (id != nullptr && (!id->is_string() || id->get_string().find(':') == json::string::npos)) return "an id is no URI";
    if (contexts->front() == json::value(rdf::context_credentials_v1) && !credential.contains("issuanceDate")) return "issuanceDate is missing (VC 1.1)";
    for (auto const* member : {"credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence"})
        if (auto wrong = require_typed(credential, member); !wrong.empty()) return wrong;
    return {};
}

Complaint check_endorsement(json::object const& credential)
{
    if (auto wrong = require_texts(credential, "credential", {"id", "name", "validFrom"}); !wrong.empty()) return wrong;
    if (auto wrong = check_profile(credential.at("issuer"), "issuer"); !wrong.empty()) return wrong;
    auto const* subject = find_object(credential, "credentialSubject");
    if (subject == nullptr || !has_type(*subject, "EndorsementSubject")) return "credentialSubject is not of type EndorsementSubject";
    return require_texts(*subject, "credentialSubject", {"id"});
}

Finding check_contexts(json::array const& contexts, bool open_badge)
{
    auto const legacy = contexts.front() == json::value(rdf::context_credentials_v1);
    if (!legacy && contexts.front() != json::value(rdf::context_credentials_v2)) return {Check::failed, "the first @context is neither VC 2.0 nor VC 1.1"};
    for (auto const& context : contexts) {
        if (!context.is_string()) return {Check::unknown, "@context defines terms in place, which we don't interpret"};
        auto const url = std::string_view{context.get_string()};
        if (rdf::find_pinned_context(url) == nullptr) return {Check::unknown, "@context names " + std::string{url} + ", whose terms we don't know"};
    }
    if (open_badge && !legacy && (contexts.size() < 2 || contexts[1] != json::value(rdf::context_open_badges)))
        return {Check::failed, "the second @context of an Open Badge is not Open Badges 3.0"};
    return {Check::passed, std::string{open_badge ? "Open Badges 3.0, " : ""} + (legacy ? "VC 1.1" : "VC 2.0")};
}

} // namespace

bool has_type(json::object const& object, std::string_view type) noexcept
{
    auto const* member = object.if_contains("type");
    if (member == nullptr) return false;
    auto const is_it = [type](json::value const& one) { return one.is_string() && std::string_view{one.get_string()} == type; };
    return member->is_array() ? std::ranges::any_of(member->get_array(), is_it) : is_it(*member);
}

std::string issuer_of(json::object const& credential)
{
    if (auto const* text = find_string(credential, "issuer")) return std::string{*text};
    auto const* issuer = find_object(credential, "issuer");
    auto const* id = issuer == nullptr ? nullptr : find_string(*issuer, "id");
    return id == nullptr ? std::string{} : std::string{*id};
}

Finding check_shape(json::object const& credential)
{
    auto const open_badge = is_open_badge(credential);
    auto const of_open_badges = open_badge || has_type(credential, "EndorsementCredential");
    auto complaint = check_data_model(credential);
    if (complaint.empty() && has_type(credential, "EndorsementCredential")) complaint = check_endorsement(credential);
    if (complaint.empty() && open_badge) complaint = check_open_badge(credential);
    if (!complaint.empty()) {
        auto const contexts = find_array(credential, "@context");
        auto const known =
            contexts == nullptr || contexts->empty() ? Finding{Check::failed, {}} : check_contexts(*contexts, of_open_badges);
        if (known.result == Check::unknown) return known; // rules of another data model or context: not ours to say broken
        return {Check::failed, std::move(complaint)};
    }
    return check_contexts(*find_array(credential, "@context"), of_open_badges);
}

} // namespace assay::credentials
