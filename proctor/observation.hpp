#pragma once
// What was measured in one picture. An observation accuses nobody: the policy makes incidents of many of them, and a person
// makes a decision of an incident. Nothing here describes mood, stress or attention, and no template of a face is kept.
#include "core/hash.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace assay::proctor {

/// In pixels of the picture as it was received; may reach over its border.
struct Box {
    double x = 0, y = 0, width = 0, height = 0;
    friend bool operator==(Box const&, Box const&) = default;
};

struct Face {
    Box box;
    double score = 0; ///< in the detector's own measure: YuNet 0…1; HOG a margin, 0 at the decision boundary, about 3 at best
    friend bool operator==(Face const&, Face const&) = default;
};

enum class DetectorKind { yunet, hog };

/// Which program looked for faces: part of every incident, so that a finding can be questioned later.
struct Detector {
    DetectorKind kind = DetectorKind::hog;
    std::string version;                ///< of the library: "OpenCV 4.6.0", "dlib 19.24.0"
    std::optional<Sha256Digest> model;  ///< of the model file; none when the weights are compiled in
    friend bool operator==(Detector const&, Detector const&) = default;
};

std::string_view to_string(DetectorKind kind) noexcept;

/// Why a picture gave no measurement. The last three are our own failures and never count against the candidate.
enum class FrameFault {
    too_many_bytes,   ///< over frame_bytes_max
    not_jpeg,         ///< no SOI and EOI around it, or no frame header
    dimensions,       ///< over 1280 × 960, or under 64 × 48
    undecodable,      ///< the header promised a picture that the data does not hold
    worker_lost,      ///< the worker process died with it
    late,             ///< no answer within the deadline
    superseded,       ///< a newer picture took its place in the queue
};

std::string_view to_string(FrameFault fault) noexcept;

/// True when the fault is ours: the candidate did send a picture, we did not look at it.
bool is_our_fault(FrameFault fault) noexcept;

constexpr std::size_t frame_bytes_max = 256 * 1024;
constexpr int frame_width_max = 1280, frame_height_max = 960;
constexpr int frame_width_min = 64, frame_height_min = 48;

constexpr int signature_columns = 24, signature_rows = 18;

/// Mean grey level (0…255) of each cell of a 24 × 18 grid, row by row: 432 bytes in which nobody can be recognised.
using Signature = std::array<std::uint8_t, signature_columns * signature_rows>;

/// Mean absolute difference in grey levels after each signature's own mean is taken off, so that a lamp switched on
/// is not motion. 0 for a picture and itself; under 0.8 nothing moved that a camera would see.
double difference(Signature const& a, Signature const& b) noexcept;

/// Where a picture stands in its stream. The capture time is the page's claim; rules of time use the receipt.
struct FrameMeta {
    std::uint64_t sequence = 0; ///< the page's count: gaps are pictures it dropped
    Timestamp captured_at{};
    Timestamp received_at{};    ///< our clock
    friend bool operator==(FrameMeta const&, FrameMeta const&) = default;
};

/// What the picture showed.
struct Measurement {
    int width = 0, height = 0;      ///< pixels
    std::vector<Face> faces;        ///< everything at or above the detector's floor, best first
    double brightness = 0;          ///< mean grey level, 0…255
    double spread = 0;              ///< standard deviation of the signature's cells, grey levels: 0 for one even surface
    double sharpness = 0;           ///< variance of the Laplacian (3 × 3, on grey, 240 pixels wide): falls with blur
    Signature signature{};
    Detector detector;
    friend bool operator==(Measurement const&, Measurement const&) = default;
};

struct Observation {
    FrameMeta frame;
    Sha256Digest payload;                   ///< of the JPEG's bytes as received
    std::optional<Measurement> measured;    ///< none exactly when `fault` says why
    std::optional<FrameFault> fault;

    static Observation of(FrameMeta const& frame, Sha256Digest const& payload, Measurement measured);
    static Observation failed(FrameMeta const& frame, Sha256Digest const& payload, FrameFault fault);
    friend bool operator==(Observation const&, Observation const&) = default;
};

} // namespace assay::proctor
