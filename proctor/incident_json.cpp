#include "proctor/detail/words.hpp"
#include "proctor/incident.hpp"

#include <boost/json.hpp>
#include <cmath>

// The form of incidents in the journal and on reviewers' pages. Version 1; members are added, never given another meaning.
namespace assay::proctor {
namespace {

json::value optional_text(std::optional<std::string> const& text)
{
    return text ? json::value(*text) : json::value(nullptr);
}

json::object to_json(Detector const& detector)
{
    auto object = json::object{{"kind", to_string(detector.kind)}, {"version", detector.version}};
    if (detector.model) object["model_sha256"] = to_string(*detector.model);
    return object;
}

json::object to_json(Box const& box)
{
    return {{"x", box.x}, {"y", box.y}, {"width", box.width}, {"height", box.height}};
}

/// Reads members of one object; the first that is missing or of another kind spoils the whole.
class Reader {
public:
    explicit Reader(json::value const& value) : value_{value} {}

    std::string text(std::string_view name)
    {
        auto const* found = find_string(value_, name);
        if (found == nullptr) return spoil(), std::string{};
        return std::string{found->begin(), found->end()};
    }
    double number(std::string_view name)
    {
        auto const* found = find(value_, name);
        auto error = boost::system::error_code{};
        auto const number = found != nullptr ? found->to_number<double>(error) : 0.0;
        if (found == nullptr || error) spoil();
        return number;
    }
    std::uint64_t count(std::string_view name)
    {
        auto const* found = find(value_, name);
        auto error = boost::system::error_code{};
        auto const number = found != nullptr ? found->to_number<std::uint64_t>(error) : 0;
        if (found == nullptr || error) spoil();
        return number;
    }
    bool truth(std::string_view name)
    {
        auto const* found = find(value_, name);
        if (found == nullptr || !found->is_bool()) return spoil(), false;
        return found->get_bool();
    }
    template <class Parse>
    auto parsed(std::string_view name, Parse parse) -> typename decltype(parse(std::string_view{}))::value_type
    {
        auto const read = parse(text(name));
        if (!read) return spoil(), typename decltype(parse(std::string_view{}))::value_type{};
        return *read;
    }
    void spoil() { good_ = false; }
    bool good() const { return good_; }

private:
    json::value const& value_;
    bool good_ = true;
};

result<Detector> parse_detector(json::value const& value)
{
    auto reader = Reader{value};
    auto detector = Detector{};
    auto const kind = reader.text("kind");
    detector.kind = kind == "yunet" ? DetectorKind::yunet : DetectorKind::hog;
    if (to_string(detector.kind) != kind) reader.spoil();
    detector.version = reader.text("version");
    if (find(value, "model_sha256") != nullptr) detector.model = reader.parsed("model_sha256", parse_sha256);
    if (!reader.good()) return errc::malformed_record;
    return detector;
}

result<IncidentFacts> parse_facts(json::value const& value)
{
    auto reader = Reader{value};
    auto facts = IncidentFacts{};
    facts.type = reader.parsed("type", parse_incident_type);
    facts.severity = reader.parsed("severity", parse_severity);
    facts.started = reader.parsed("started", parse_rfc3339);
    facts.ended = reader.parsed("ended", parse_rfc3339);
    auto const episodes = reader.count("episodes");
    if (episodes == 0 || episodes > UINT32_MAX) return errc::malformed_record;
    facts.episodes = static_cast<std::uint32_t>(episodes);
    facts.confidence = reader.number("confidence");
    facts.frames = reader.count("frames");
    facts.client_claimed = reader.truth("client_claimed");
    if (auto const* by = find_string(value, "suppressed_by")) facts.suppressed_by = std::string{by->begin(), by->end()};
    if (auto const* detector = find(value, "detector"); detector != nullptr && !detector->is_null()) {
        auto const read = parse_detector(*detector);
        if (!read) return read.error();
        facts.detector = *read;
    }
    auto const* thresholds = find_array(value, "thresholds");
    if (thresholds == nullptr) return errc::malformed_record;
    for (auto const& threshold : *thresholds) {
        auto one = Reader{threshold};
        facts.thresholds.push_back({.name = one.text("name"), .value = one.number("value")});
        if (!one.good()) return errc::malformed_record;
    }
    if (!reader.good() || facts.ended < facts.started || !(facts.confidence >= 0 && facts.confidence <= 1)) return errc::malformed_record;
    return facts;
}

} // namespace

json::object to_json(IncidentFacts const& facts)
{
    auto thresholds = json::array{};
    for (auto const& threshold : facts.thresholds) thresholds.push_back(json::object{{"name", threshold.name}, {"value", threshold.value}});
    return {
        {"type", to_string(facts.type)},
        {"severity", to_string(facts.severity)},
        {"started", to_rfc3339(facts.started)},
        {"ended", to_rfc3339(facts.ended)},
        {"episodes", facts.episodes},
        {"confidence", facts.confidence},
        {"frames", facts.frames},
        {"detector", facts.detector ? json::value(to_json(*facts.detector)) : json::value(nullptr)},
        {"thresholds", std::move(thresholds)},
        {"client_claimed", facts.client_claimed},
        {"suppressed_by", optional_text(facts.suppressed_by)},
    };
}

json::object to_json(IncidentEvent const& event)
{
    auto evidence = json::array{};
    for (auto const& wanted : event.evidence)
        evidence.push_back(json::object{{"frame", wanted.frame_sequence}, {"role", to_string(wanted.role)}});
    return {{"version", 1}, {"change", to_string(event.change)}, {"ordinal", event.ordinal}, {"facts", to_json(event.facts)},
            {"evidence", std::move(evidence)}};
}

json::object to_json(Incident const& incident)
{
    auto stills = json::array{};
    for (auto const& still : incident.stills)
        stills.push_back(json::object{{"sha256", to_string(still.content)}, {"role", to_string(still.role)},
                                      {"received", to_rfc3339(still.received_at)}});
    return {{"version", 1}, {"id", to_string(incident.id())}, {"sitting", to_string(incident.sitting)}, {"ordinal", incident.ordinal},
            {"state", to_string(incident.state)}, {"running", incident.running}, {"facts", to_json(incident.facts)},
            {"stills", std::move(stills)}};
}

json::object to_json(Observation const& observation)
{
    auto object = json::object{{"sequence", observation.frame.sequence},
                               {"captured_at", to_rfc3339(observation.frame.captured_at)},
                               {"received_at", to_rfc3339(observation.frame.received_at)},
                               {"payload_sha256", to_string(observation.payload)}};
    if (observation.fault) object["fault"] = to_string(*observation.fault);
    if (!observation.measured) return object;
    auto const& measured = *observation.measured;
    auto faces = json::array{};
    for (auto const& face : measured.faces) {
        auto one = to_json(face.box);
        one["score"] = face.score;
        faces.push_back(std::move(one));
    }
    object["width"] = measured.width;
    object["height"] = measured.height;
    object["faces"] = std::move(faces);
    object["brightness"] = measured.brightness;
    object["spread"] = measured.spread;
    object["sharpness"] = measured.sharpness;
    object["signature"] = to_base64(std::as_bytes(std::span{measured.signature}));
    return object;
}

result<Incident> parse_incident(json::value const& value)
{
    auto reader = Reader{value};
    if (reader.count("version") != 1) return errc::malformed_record;
    auto incident = Incident{};
    incident.sitting = reader.parsed("sitting", parse_id<SittingId>);
    auto const ordinal = reader.count("ordinal");
    if (ordinal == 0 || ordinal > UINT32_MAX) return errc::malformed_record;
    incident.ordinal = static_cast<std::uint32_t>(ordinal);
    incident.state = reader.parsed("state", parse_incident_state);
    incident.running = reader.truth("running");
    auto const* facts = find(value, "facts");
    auto const* stills = find_array(value, "stills");
    if (facts == nullptr || stills == nullptr) return errc::malformed_record;
    auto read = parse_facts(*facts);
    if (!read) return read.error();
    incident.facts = std::move(*read);
    for (auto const& still : *stills) {
        auto one = Reader{still};
        incident.stills.push_back({.content = one.parsed("sha256", parse_sha256),
                                   .role = one.parsed("role", parse_still_role),
                                   .received_at = one.parsed("received", parse_rfc3339)});
        if (!one.good()) return errc::malformed_record;
    }
    if (!reader.good() || reader.text("id") != to_string(incident.id())) return errc::malformed_record;
    return incident;
}

} // namespace assay::proctor
