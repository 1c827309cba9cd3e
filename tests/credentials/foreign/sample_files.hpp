#pragma once
// One credential in each of the files that can carry it.
#include "credentials/baking.hpp"
#include "credentials/render/badge_svg.hpp"
#include "credentials/render/certificate_pdf.hpp"
#include "tests/credentials/sample_issuer.hpp"

namespace assay::credentials::foreign::test {

/// The smallest PNG: one grey pixel.
inline Bytes pixel()
{
    auto const bytes = from_hex("89504e470d0a1a0a0000000d4948445200000001000000010800000000"
                                "3a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082");
    return bytes.value();
}

inline Bytes png_with(std::string const& credential) { return bake_png(pixel(), credential).value(); }

inline Bytes svg_with(std::string const& credential)
{
    auto const badge = render::badge_svg({.achievement = "Pumps & <valves>", .issuer = "Acme", .demonstration = std::nullopt}).value();
    return to_bytes(render::bake_credential(badge, credential));
}

inline Bytes pdf_with(std::string const& credential, std::optional<std::string> const& receipt = std::nullopt)
{
    auto sheet = render::CertificateSheet{};
    for (auto* text : {&sheet.holder_name, &sheet.achievement, &sheet.programme, &sheet.issuer, &sheet.number, &sheet.decided_on, &sheet.valid_from,
                       &sheet.verification_url, &sheet.qr_payload})
        *text = "https://localhost:8443/x";
    auto beside = std::optional<render::AttachedFile>{};
    if (receipt) {
        beside.emplace();
        beside->name = "receipt.json";
        beside->content = to_bytes(*receipt);
    }
    return render::render_pdf(sheet, {.content = to_bytes(credential)}, credentials::test::at("2026-11-24T00:00:00Z"), beside).value();
}

} // namespace assay::credentials::foreign::test
