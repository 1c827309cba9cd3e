#include "exam/qti/usage_data.hpp"

#include "exam/detail/values.hpp"
#include "exam/qti/detail/xml.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace assay::exam::qti {
namespace {

using detail::in_quotes;

constexpr auto usage_bounds = detail::XmlBounds{32 << 20, 16, 1'000'000};

std::uint64_t case_count(detail::XmlElement const& statistic)
{
    auto const text = statistic.attribute("case-count", "0");
    auto cases = std::uint64_t{0};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), cases);
    return error == std::errc{} && end == text.data() + text.size() ? cases : 0;
}

} // namespace

void UsageData::read(std::string const& path, ByteView bytes)
{
    auto const parsed = detail::parse_xml(bytes, usage_bounds);
    if (!parsed.root) return notes.push_back("usage data " + in_quotes(path) + " cannot be read: " + parsed.error);
    for (auto const* statistic : parsed.root->elements("ordinary-statistic")) {
        auto const name = statistic->attribute("name");
        auto const member = name == "A-Parm" ? &UsageParameters::discrimination : name == "B-Parm" ? &UsageParameters::difficulty
                          : name == "C-Parm" ? &UsageParameters::pseudo_guessing : nullptr;
        if (member == nullptr) {
            left_out.insert(name);
            continue;
        }
        auto const* target = statistic->element("target-object");
        auto const* value = statistic->element("value");
        auto const number = value != nullptr ? exam::detail::parse_number(value->text()) : std::nullopt;
        if (target == nullptr || target->has("part-identifier") || !number) {
            notes.push_back("usage data " + in_quotes(path) + ": a " + name + " has no item or no number");
            continue;
        }
        auto const identifier = target->attribute("identifier");
        auto const [entry, is_new] = items.try_emplace(identifier, UsageParameters{{}, {}, {}, std::numeric_limits<std::uint64_t>::max(), {}, true});
        if (is_new) order.push_back(identifier);
        auto& parameters = entry->second;
        if (parameters.*member && *(parameters.*member) != *number) {
            notes.push_back("usage data " + in_quotes(path) + " has a second " + name + " for " + in_quotes(identifier) + "; the first counts");
            continue;
        }
        parameters.*member = *number;
        parameters.case_count = std::min(parameters.case_count, case_count(*statistic));
        parameters.provisional = parameters.case_count == 0;
        if (parameters.context.empty()) parameters.context = statistic->attribute("context");
    }
    for (auto const* statistic : parsed.root->elements("categorized-statistic")) left_out.insert(statistic->attribute("name"));
}

bool is_usage_data(ByteView xml) { return detail::root_name(xml) == "usageData"; }

} // namespace assay::exam::qti
