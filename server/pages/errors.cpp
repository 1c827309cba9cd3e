#include "server/pages/errors.hpp"

#include <string>

namespace assay::pages {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.pages"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::malformed_colour: return "a colour is written #rrggbb";
        case errc::contrast_too_low: return "the colour is too close to the page: text needs a contrast of 4.5 to 1";
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

} // namespace assay::pages
