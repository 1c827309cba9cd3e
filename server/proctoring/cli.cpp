#include "server/proctoring/cli.hpp"

#include "proctor/monitor.hpp"
#include "server/proctoring/blocking_worker.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <ostream>

namespace assay::server::proctoring {
namespace {

namespace fs = std::filesystem;
using proctor::FrameFault;
using proctor::Measurement;
using proctor::Observation;

enum : int { all_good = 0, some_failed = 1, no_worker = 2 };

struct Picture {
    std::string name;
    Bytes jpeg;
};

constexpr std::uintmax_t file_bytes_max = 1u << 30; ///< of a recorded stream; a single picture is bounded by the worker's rules

std::optional<Bytes> read_file(fs::path const& path)
{
    auto error = std::error_code{};
    auto const size = fs::file_size(path, error);
    if (error || size > file_bytes_max) return std::nullopt;
    auto stream = std::ifstream{path, std::ios::binary};
    auto bytes = Bytes(size);
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!stream) return std::nullopt;
    return bytes;
}

/// A .mjpeg stream is JPEGs one after another: each ends where EOI is followed by the next SOI, or by nothing.
std::vector<Picture> split_stream(fs::path const& path, ByteView stream)
{
    auto pictures = std::vector<Picture>{};
    auto start = std::size_t{0};
    auto const is = [&](std::size_t at, int octet) { return at < stream.size() && std::to_integer<int>(stream[at]) == octet; };
    for (auto at = std::size_t{0}; at + 1 < stream.size(); ++at) {
        if (!is(at, 0xFF) || !is(at + 1, 0xD9)) continue;
        auto const last = at + 2 == stream.size();
        if (!last && !(is(at + 2, 0xFF) && is(at + 3, 0xD8))) continue;
        pictures.push_back({.name = path.string() + "#" + std::to_string(pictures.size()), .jpeg = to_bytes(stream.subspan(start, at + 2 - start))});
        start = at + 2;
    }
    if (start < stream.size()) pictures.push_back({.name = path.string() + "#rest", .jpeg = to_bytes(stream.subspan(start))});
    return pictures;
}

std::vector<fs::path> files_of(fs::path const& path)
{
    if (!fs::is_directory(path)) return {path};
    auto files = std::vector<fs::path>{};
    for (auto const& entry : fs::directory_iterator{path}) {
        auto const extension = entry.path().extension();
        if (entry.is_regular_file() && (extension == ".jpg" || extension == ".jpeg")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::unique_ptr<BlockingWorker> start(WorkerProgram const& program, std::ostream& errors)
{
    try {
        auto worker = std::make_unique<BlockingWorker>(program);
        if (!worker->ready().notice.empty()) errors << "another face detector serves than the one configured: " << worker->ready().notice << '\n';
        return worker;
    } catch (std::exception const& problem) {
        errors << problem.what() << '\n';
        return nullptr;
    }
}

json::object describe(proctor::Detector const& detector)
{
    auto object = json::object{{"kind", proctor::to_string(detector.kind)}, {"version", detector.version}};
    if (detector.model) object["model_sha256"] = to_string(*detector.model);
    return object;
}

json::object describe(std::string const& file, std::variant<Measurement, FrameFault> const& outcome)
{
    auto object = json::object{{"file", file}};
    if (auto const* fault = std::get_if<FrameFault>(&outcome)) {
        object["fault"] = proctor::to_string(*fault);
        return object;
    }
    auto const& measured = std::get<Measurement>(outcome);
    auto faces = json::array{};
    for (auto const& face : measured.faces)
        faces.push_back(json::object{{"x", face.box.x}, {"y", face.box.y}, {"width", face.box.width}, {"height", face.box.height}, {"score", face.score}});
    object["width"] = measured.width;
    object["height"] = measured.height;
    object["faces"] = std::move(faces);
    object["detector"] = describe(measured.detector);
    return object;
}

void print(std::ostream& out, std::string const& file, std::variant<Measurement, FrameFault> const& outcome)
{
    out << file << ": ";
    if (auto const* fault = std::get_if<FrameFault>(&outcome)) {
        out << "refused (" << proctor::to_string(*fault) << ")\n";
        return;
    }
    auto const& measured = std::get<Measurement>(outcome);
    out << measured.faces.size() << (measured.faces.size() == 1 ? " face" : " faces");
    for (auto const& face : measured.faces)
        out << "  [" << face.box.x << ' ' << face.box.y << ' ' << face.box.width << " × " << face.box.height << ", score " << face.score << ']';
    out << '\n';
}

} // namespace

int detect(DetectCommand const& command, std::ostream& out, std::ostream& errors)
{
    auto const worker = start(command.program, errors);
    if (worker == nullptr) return no_worker;
    auto status = int{all_good};
    auto pictures = json::array{};
    for (auto const& file : command.files) {
        auto const bytes = read_file(file);
        if (!bytes) errors << file.string() << ": can't be read\n", status = some_failed;
        if (!bytes) continue;
        auto const outcome = worker->measure(*bytes);
        if (std::holds_alternative<FrameFault>(outcome)) status = some_failed;
        if (command.as_json) pictures.push_back(describe(file.string(), outcome));
        else print(out, file.string(), outcome);
    }
    if (command.as_json) out << json::serialize(pictures) << '\n';
    return status;
}

int analyse(AnalyseCommand const& command, std::ostream& out, std::ostream& errors)
{
    if (auto const fault = proctor::fault_of(command.policy)) return errors << "policy: " << *fault << '\n', int{some_failed};
    if (!(command.frames_per_second >= 0.1 && command.frames_per_second <= 60)) return errors << "--fps must lie in 0.1…60\n", int{some_failed};
    auto const worker = start(command.program, errors);
    if (worker == nullptr) return no_worker;

    auto status = int{all_good};
    auto observations = json::array{}, incidents = json::array{};
    auto monitor = proctor::Monitor{Timestamp{}};
    auto note = [&](proctor::MonitorInput const& input) {
        auto [next, events] = proctor::advance(std::move(monitor), input, command.policy);
        monitor = std::move(next);
        for (auto const& event : events) {
            if (!command.as_json) {
                out << to_rfc3339(monitor.now) << "  " << proctor::to_string(event.change) << ' ' << proctor::to_string(event.facts.type) << " #"
                    << event.ordinal << ' ' << proctor::to_string(event.facts.severity) << ", " << to_rfc3339(event.facts.started) << " – "
                    << to_rfc3339(event.facts.ended) << '\n';
            }
            if (event.change == proctor::IncidentChange::closed) {
                auto one = proctor::to_json(event.facts);
                one["ordinal"] = event.ordinal;
                incidents.push_back(std::move(one));
            }
        }
    };
    auto sequence = std::uint64_t{0};
    auto const time_of = [&](std::uint64_t frame) {
        return Timestamp{std::chrono::microseconds{static_cast<std::int64_t>(static_cast<double>(frame) * 1e6 / command.frames_per_second)}};
    };
    for (auto const& path : command.paths) {
        for (auto const& file : files_of(path)) {
            auto bytes = read_file(file);
            if (!bytes) errors << file.string() << ": can't be read\n", status = some_failed;
            if (!bytes) continue;
            auto pictures = std::vector<Picture>{};
            if (file.extension() == ".mjpeg") pictures = split_stream(file, *bytes);
            else pictures.push_back({.name = file.string(), .jpeg = std::move(*bytes)});
            for (auto const& picture : pictures) {
                auto const at = time_of(sequence);
                auto const frame = proctor::FrameMeta{.sequence = ++sequence, .captured_at = at, .received_at = at};
                auto outcome = worker->measure(picture.jpeg);
                auto const payload = sha256(picture.jpeg);
                auto const* fault = std::get_if<FrameFault>(&outcome);
                if (fault != nullptr) status = some_failed;
                auto const observation = fault != nullptr ? Observation::failed(frame, payload, *fault)
                                                          : Observation::of(frame, payload, std::move(std::get<Measurement>(outcome)));
                if (command.as_json) {
                    auto one = proctor::to_json(observation);
                    one["file"] = picture.name;
                    observations.push_back(std::move(one));
                }
                note(observation);
            }
        }
    }
    note(proctor::Ended{time_of(sequence)});
    if (command.as_json) {
        auto const document = json::object{{"detector", describe(worker->ready().detector)}, {"frames_per_second", command.frames_per_second},
                                           {"observations", std::move(observations)}, {"incidents", std::move(incidents)}};
        out << json::serialize(document) << '\n';
    }
    return status;
}

} // namespace assay::server::proctoring
