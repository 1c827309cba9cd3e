#include "proctor/incident.hpp"

#include "proctor/detail/words.hpp"

namespace assay::proctor {
namespace {

constexpr auto role_words = std::array<std::string_view, 4>{"before", "start", "during", "end"};
constexpr auto change_words = std::array<std::string_view, 3>{"opened", "extended", "closed"};
constexpr auto state_words = std::array<std::string_view, 4>{"open", "dismissed", "noted", "escalated"};

} // namespace

std::string_view to_string(StillRole role) noexcept { return detail::word(role_words, role); }
std::string_view to_string(IncidentChange change) noexcept { return detail::word(change_words, change); }
std::string_view to_string(IncidentState state) noexcept { return detail::word(state_words, state); }
result<StillRole> parse_still_role(std::string_view text) { return detail::value_of<StillRole>(role_words, text); }
result<IncidentState> parse_incident_state(std::string_view text) { return detail::value_of<IncidentState>(state_words, text); }

IncidentId incident_id(SittingId sitting, std::uint32_t ordinal)
{
    return IncidentId{uuid_from_name("incident", to_string(sitting) + "/" + std::to_string(ordinal))};
}

Incident apply(std::optional<Incident> incident, SittingId sitting, IncidentEvent const& event)
{
    EXPECTS(incident.has_value() == (event.change != IncidentChange::opened));
    if (!incident) incident = Incident{.sitting = sitting, .ordinal = event.ordinal, .facts = event.facts, .stills = {}};
    EXPECTS(incident->ordinal == event.ordinal && incident->sitting == sitting && incident->running);
    incident->facts = event.facts;
    incident->running = event.change != IncidentChange::closed;
    return std::move(*incident);
}

} // namespace assay::proctor
