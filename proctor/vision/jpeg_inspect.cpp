#include "proctor/vision/jpeg.hpp"

namespace assay::proctor::vision {
namespace {

// Markers of ITU-T T.81, table B.1.
constexpr int soi = 0xD8, eoi = 0xD9, sos = 0xDA, dnl = 0xDC, dac = 0xCC, dht = 0xC4, jpg = 0xC8, rst0 = 0xD0, rst7 = 0xD7, tem = 0x01;

bool is_frame_header(int marker) { return marker >= 0xC0 && marker <= 0xCF && marker != dht && marker != jpg && marker != dac; }
bool is_accepted_frame(int marker) { return marker >= 0xC0 && marker <= 0xC2; }

/// Reads on, never past the end: what is not there reads as -1.
class Cursor {
public:
    explicit Cursor(ByteView bytes) noexcept : bytes_{bytes} {}

    int octet() noexcept { return at_ < bytes_.size() ? std::to_integer<int>(bytes_[at_++]) : -1; }
    int word() noexcept
    {
        auto const high = octet(), low = octet();
        return low < 0 ? -1 : high << 8 | low;
    }
    /// The marker that stands here, fill bytes skipped (T.81 B.1.1.2); -1 when something else does.
    int marker() noexcept
    {
        if (octet() != 0xFF) return -1;
        auto code = octet();
        while (code == 0xFF) code = octet();
        return code == 0 ? -1 : code;
    }
    /// The next marker after entropy-coded data, in which FF 00 is a literal FF and restarts belong to the scan.
    int marker_after_scan() noexcept
    {
        for (;;) {
            auto code = octet();
            if (code < 0) return -1;
            if (code != 0xFF) continue;
            while (code == 0xFF) code = octet();
            if (code < 0) return -1;
            if (code != 0 && !(code >= rst0 && code <= rst7)) return code;
        }
    }
    bool skip(std::size_t count) noexcept
    {
        if (count > bytes_.size() - at_) return false;
        at_ += count;
        return true;
    }
    bool at_end() const noexcept { return at_ == bytes_.size(); }

private:
    ByteView bytes_;
    std::size_t at_ = 0;
};

std::variant<JpegHeader, FrameFault> read_frame_header(Cursor& cursor, int marker, int length) noexcept
{
    auto const precision = cursor.octet();
    auto header = JpegHeader{};
    header.height = cursor.word();
    header.width = cursor.word();
    header.components = cursor.octet();
    header.progressive = marker == 0xC2;
    if (header.components < 0) return FrameFault::not_jpeg;
    // Height 0 means "see DNL after the first scan": a size that nobody knows before decoding.
    if (header.width < frame_width_min || header.width > frame_width_max) return FrameFault::dimensions;
    if (header.height < frame_height_min || header.height > frame_height_max) return FrameFault::dimensions;
    if (precision != 8 || (header.components != 1 && header.components != 3)) return FrameFault::undecodable;
    if (length != 8 + 3 * header.components) return FrameFault::undecodable;
    if (!cursor.skip(static_cast<std::size_t>(3 * header.components))) return FrameFault::not_jpeg;
    return header;
}

} // namespace

std::variant<JpegHeader, FrameFault> inspect_jpeg(ByteView jpeg) noexcept
{
    if (jpeg.size() > frame_bytes_max) return FrameFault::too_many_bytes;
    auto cursor = Cursor{jpeg};
    if (cursor.marker() != soi) return FrameFault::not_jpeg;

    auto header = std::optional<JpegHeader>{};
    auto scans = std::size_t{0};
    auto marker = cursor.marker();
    while (marker != eoi) {
        if (marker < 0) return FrameFault::not_jpeg;
        if (marker == soi || marker == tem || marker == dnl || marker == dac || (marker >= rst0 && marker <= rst7)) return FrameFault::undecodable;
        auto const length = cursor.word();
        if (length < 2) return FrameFault::not_jpeg;
        if (is_frame_header(marker)) {
            if (header || !is_accepted_frame(marker)) return FrameFault::undecodable;
            auto const read = read_frame_header(cursor, marker, length);
            if (auto const* fault = std::get_if<FrameFault>(&read)) return *fault;
            header = std::get<JpegHeader>(read);
            marker = cursor.marker();
            continue;
        }
        if (!cursor.skip(static_cast<std::size_t>(length - 2))) return FrameFault::not_jpeg;
        if (marker != sos) {
            marker = cursor.marker();
            continue;
        }
        if (!header || ++scans > jpeg_scans_max) return FrameFault::undecodable;
        marker = cursor.marker_after_scan();
    }
    if (!cursor.at_end() || !header || scans == 0) return FrameFault::not_jpeg;
    return *header;
}

} // namespace assay::proctor::vision
