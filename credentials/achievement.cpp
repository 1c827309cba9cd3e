#include "credentials/achievement.hpp"

#include "credentials/errors.hpp"
#include "credentials/rdf/context.hpp"

#include <algorithm>
#include <charconv>

namespace assay::credentials {
namespace {

constexpr std::size_t text_size_max = 16 * 1024;

/// In ASCII, and what an RDF signature can name.
bool is_uri(std::string_view text)
{
    return rdf::is_absolute_iri(text) && text.find(':') + 1 < text.size() && std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x7f; });
}

/// What canonical JSON can carry: UTF-8 without controls, of bounded size. The reader of our own credentials is the judge.
bool is_text(std::string_view text)
{
    auto const is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; };
    if (text.size() > text_size_max || std::ranges::any_of(text, is_control)) return false;
    auto quoted = std::string{"\""};
    for (auto const c : text) quoted += c == '"' || c == '\\' || c == '\n' || c == '\t' ? ' ' : c;
    return parse_json(quoted + "\"").has_value();
}

/// Decimal, as people write scores: "-1.5", "640". The order on the scale is all that we take from it.
result<double> parse_score(std::string_view text)
{
    auto value = 0.0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() || !(value > -1e9 && value < 1e9)) return errc::malformed_claim;
    return value;
}

/// minimum ≤ required ≤ score ≤ maximum: a passed result that lies below its cut would be a lie in print.
result<void> check_scale(ClaimedResult const& result)
{
    auto const minimum = parse_score(result.scale_min);
    auto const required = parse_score(result.scale_required);
    auto const score = parse_score(result.scaled_score);
    auto const maximum = parse_score(result.scale_max);
    if (!minimum || !required || !score || !maximum) return errc::malformed_claim;
    if (*minimum > *required || *required > *score || *score > *maximum) return errc::malformed_claim;
    return {};
}

} // namespace

result<void> check(AchievementClaim const& claim)
{
    if (!claim.result.passed) return errc::result_not_passed;
    for (auto const* text : {&claim.issuer.name, &claim.holder.full_name, &claim.achievement.name, &claim.achievement.description,
                             &claim.achievement.criteria, &claim.achievement.version}) {
        if (text->empty()) return errc::incomplete_claim;
        if (!is_text(*text)) return errc::malformed_claim;
    }
    for (auto const* uri : {&claim.credential_id, &claim.issuer.did, &claim.holder.id, &claim.achievement.id})
        if (!is_uri(*uri)) return errc::malformed_claim;
    for (auto const* uri : {&claim.issuer.url, &claim.achievement.criteria_url, &claim.achievement.image_url})
        if (!uri->empty() && !is_uri(*uri)) return errc::malformed_claim;
    if (!is_text(claim.holder.email)) return errc::malformed_claim;
    if (claim.holder.id.starts_with("mailto:")) return errc::malformed_claim; // an address is no stable id, and it is personal
    if (claim.valid_until && *claim.valid_until <= claim.valid_from) return errc::period_is_empty;
    return check_scale(claim.result);
}

std::string identity_hash(std::string_view identity, std::string_view salt)
{
    auto text = std::string{identity};
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return "sha256$" + to_string(sha256(text + std::string{salt}));
}

} // namespace assay::credentials
