#include "async/errors.hpp"

#include <string>

namespace assay::async {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.async"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::deadline_exceeded: return "not done in the time allowed";
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

} // namespace assay::async
