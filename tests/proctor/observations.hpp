#pragma once
// A stream of pictures told in a few words.
#include "proctor/monitor.hpp"

#include <string>

namespace assay::proctor::test {

using namespace std::chrono_literals;

inline Timestamp at(double seconds)
{
    return Timestamp{std::chrono::microseconds{1'795'000'000'000'000 + static_cast<std::int64_t>(seconds * 1e6)}};
}

/// Pictures of a lit room in which something moves. Each is new in every byte.
class Camera {
public:
    double frames_per_second = 2;
    Detector detector{.kind = DetectorKind::yunet, .version = "test", .model = {}};

    Observation picture(double seconds, std::vector<double> scores)
    {
        ++sequence_;
        auto measured = Measurement{.width = 640, .height = 480, .brightness = 110, .spread = 50, .sharpness = 200, .detector = detector};
        for (auto const score : scores) measured.faces.push_back({.box = {200, 100, 120, 150}, .score = score});
        for (auto i = std::size_t{0}; i < measured.signature.size(); ++i)
            measured.signature[i] = static_cast<std::uint8_t>(100 + (i * 7 + sequence_ * 13) % 20); // cells change by several levels
        return Observation::of(meta(seconds), sha256("picture " + std::to_string(sequence_)), std::move(measured));
    }
    Observation person(double seconds) { return picture(seconds, {0.95}); }
    Observation nobody(double seconds) { return picture(seconds, {}); }
    Observation dark(double seconds)
    {
        auto black = picture(seconds, {});
        black.measured->brightness = 4;
        black.measured->sharpness = 1;
        black.measured->spread = 1;
        return black;
    }
    /// The very bytes of `other`, sent again.
    Observation repeat(double seconds, Observation const& other)
    {
        ++sequence_;
        auto same = other;
        same.frame = meta(seconds);
        return same;
    }
    Observation failed(double seconds, FrameFault fault)
    {
        ++sequence_;
        return Observation::failed(meta(seconds), sha256("broken " + std::to_string(sequence_)), fault);
    }

private:
    FrameMeta meta(double seconds) const { return {.sequence = sequence_, .captured_at = at(seconds), .received_at = at(seconds)}; }
    std::uint64_t sequence_ = 0;
};

/// A monitor with everything it has said.
struct Watch {
    ProctoringPolicy policy;
    Monitor monitor{at(0)};
    std::vector<IncidentEvent> said;

    void see(MonitorInput const& input)
    {
        auto [next, events] = advance(std::move(monitor), input, policy);
        monitor = std::move(next);
        said.insert(said.end(), events.begin(), events.end());
    }
    /// From `begin` up to, not including, `end`: a picture each 1/fps, a tick each second.
    template <class Shot>
    void film(double begin, double end, double frames_per_second, Shot shot)
    {
        auto const count = static_cast<int>((end - begin) * frames_per_second + 0.5);
        for (auto i = 0; i < count; ++i) {
            auto const now = begin + i / frames_per_second;
            see(MonitorInput{shot(now)});
        }
    }
    void ticks(double begin, double end)
    {
        for (auto now = begin; now <= end; now += 1) see(Tick{at(now)});
    }
    std::vector<IncidentEvent> of(IncidentChange change) const
    {
        auto chosen = std::vector<IncidentEvent>{};
        for (auto const& event : said)
            if (event.change == change) chosen.push_back(event);
        return chosen;
    }
    /// "face_absent 10-20" for each closed incident, seconds rounded to one digit when they have one.
    std::vector<std::string> closed() const
    {
        auto lines = std::vector<std::string>{};
        for (auto const& event : of(IncidentChange::closed)) {
            auto const number = [](Timestamp time) {
                auto const tenths = std::chrono::round<std::chrono::milliseconds>(time - at(0)).count() / 100;
                auto text = std::to_string(tenths / 10);
                if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
                return text;
            };
            lines.push_back(std::string{to_string(event.facts.type)} + " " + number(event.facts.started) + "-" + number(event.facts.ended));
        }
        return lines;
    }
};

} // namespace assay::proctor::test
