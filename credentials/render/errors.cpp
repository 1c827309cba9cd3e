#include "credentials/render/errors.hpp"

namespace assay::credentials::render {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.credentials.render"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::text_missing: return "a text that the document needs is empty";
        case errc::text_malformed: return "a text is not UTF-8, or has control or direction-overriding characters";
        case errc::text_too_long: return "a text does not fit its place at the smallest legible size";
        case errc::glyph_missing: return "no installed font has one of the characters";
        case errc::payload_too_long: return "more than a QR code holds";
        case errc::colour_malformed: return "not a colour (#rrggbb)";
        }
        return "unknown";
    }
};

} // namespace

boost::system::error_category const& category() noexcept
{
    static Category const instance;
    return instance;
}

} // namespace assay::credentials::render
