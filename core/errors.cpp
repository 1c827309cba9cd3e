#include "core/errors.hpp"

namespace assay::core {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.core"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::malformed: return "malformed";
        case errc::too_large: return "too large";
        case errc::too_deep: return "nested too deeply";
        case errc::duplicate_member: return "an object names a member twice";
        case errc::out_of_range: return "out of range";
        case errc::wrong_key: return "the seal does not open with this key";
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

} // namespace assay::core
