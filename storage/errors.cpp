#include "storage/errors.hpp"

#include <string_view>

namespace assay::storage {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.storage"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::stale: return "somebody else appended to this stream first";
        case errc::conflicting: return "this idempotency key was used for another request";
        case errc::too_large: return "too large to be stored";
        case errc::not_found: return "not found";
        case errc::erased: return "erased: the key was destroyed";
        case errc::altered: return "the stored bytes are not what they should be";
        }
        return "unknown";
    }
};

bool one_of(std::string_view state, std::initializer_list<std::string_view> states) noexcept
{
    for (auto const known : states)
        if (state == known) return true;
    return false;
}

} // namespace

boost::system::error_category const& category() noexcept
{
    static Category const instance;
    return instance;
}

bool DatabaseError::is_transient() const noexcept
{
    if (sqlstate_.empty() || sqlstate_.starts_with("08")) return true;
    // Shutdown, crash, starting up; too many connections; serialization and deadlock; a server that became a standby.
    return one_of(sqlstate_, {"57P01", "57P02", "57P03", "53300", "40001", "40P01", "25006"});
}

bool DatabaseError::is_refusal_of_values() const noexcept
{
    return sqlstate_.starts_with("22") || sqlstate_.starts_with("23") || sqlstate_.starts_with("P0") || sqlstate_ == "42501";
}

} // namespace assay::storage
