#include "credentials/render/qr_code.hpp"

#include "credentials/render/detail/text.hpp"
#include "credentials/render/errors.hpp"

#include <cerrno>
#include <memory>
#include <new>
#include <qrencode.h>

namespace assay::credentials::render {
namespace {

struct FreeCode {
    void operator()(QRcode* code) const noexcept { QRcode_free(code); }
};

constexpr std::size_t payload_bytes_max = 2331; // version 40, M, byte mode: ISO/IEC 18004, table 7

} // namespace

bool QrCode::dark(std::size_t row, std::size_t column) const
{
    EXPECTS(row < size && column < size);
    return modules[row * size + column];
}

result<QrCode> encode_qr(std::string_view payload)
{
    if (payload.empty()) return errc::text_missing;
    if (payload.size() > payload_bytes_max) return errc::payload_too_long;
    auto const* bytes = reinterpret_cast<unsigned char const*>(payload.data());
    auto const code = std::unique_ptr<QRcode, FreeCode>{QRcode_encodeData(static_cast<int>(payload.size()), bytes, 0, QR_ECLEVEL_M)};
    if (!code) {
        if (errno == ERANGE) return errc::payload_too_long;
        throw std::bad_alloc{};
    }
    auto encoded = QrCode{.size = static_cast<std::size_t>(code->width)};
    encoded.modules.reserve(encoded.size * encoded.size);
    for (auto index = std::size_t{0}; index != encoded.size * encoded.size; ++index)
        encoded.modules.push_back((code->data[index] & 1) != 0);
    return encoded;
}

std::string svg_path(QrCode const& code)
{
    auto path = std::string{};
    for (auto row = std::size_t{0}; row != code.size; ++row) {
        for (auto column = std::size_t{0}; column != code.size;) {
            auto end = column;
            while (end != code.size && code.dark(row, end)) ++end;
            if (end != column) {
                auto const run = std::to_string(end - column);
                path += "M" + std::to_string(column + QrCode::quiet_zone) + " " + std::to_string(row + QrCode::quiet_zone);
                path += "h" + run + "v1h-" + run + "z";
            }
            column = end == column ? column + 1 : end;
        }
    }
    return path;
}

std::string qr_svg(QrCode const& code, std::string_view title)
{
    auto const name = detail::xml_escaped(title);
    auto const extent = std::to_string(code.extent());
    return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + extent + " " + extent + R"(" role="img" aria-label=")" + name
           + R"(" shape-rendering="crispEdges"><title>)" + name + R"(</title><path fill="#fff" d="M0 0h)" + extent + "v" + extent + "h-"
           + extent + R"(z"/><path fill="#000" d=")" + svg_path(code) + R"("/></svg>)";
}

} // namespace assay::credentials::render
