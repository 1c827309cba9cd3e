#include "credentials/log/errors.hpp"

namespace assay::credentials::tlog {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.credentials.log"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::malformed_note: return "not a signed note";
        case errc::malformed_key: return "not a verifier key (name+hash+base64)";
        case errc::bad_signature: return "a signature of a known key does not verify";
        case errc::unsigned_note: return "no signature of a known key";
        case errc::malformed_checkpoint: return "not a checkpoint (origin, size, root)";
        case errc::malformed_tile: return "not a hash tile";
        case errc::malformed_bundle: return "not an entry bundle";
        case errc::malformed_receipt: return "not a receipt";
        case errc::out_of_tree: return "beyond the end of the tree";
        case errc::hash_missing: return "a hash tile is missing";
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

} // namespace assay::credentials::tlog
