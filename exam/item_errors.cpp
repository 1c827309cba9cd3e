#include "exam/item_errors.hpp"

namespace assay::exam {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.exam.item"; }
    std::string message(int code) const override
    {
        switch (static_cast<item_errc>(code)) {
        case item_errc::malformed_item: return "the item document is malformed";
        case item_errc::unknown_response: return "the item has no such response";
        case item_errc::unknown_choice: return "no choice of this interaction";
        case item_errc::repeated_choice: return "a choice is repeated";
        case item_errc::too_many_choices: return "more choices than the interaction allows";
        case item_errc::malformed_pair: return "not a pair of two identifiers";
        case item_errc::response_too_long: return "the response is too long";
        }
        return "unknown";
    }
};

} // namespace

boost::system::error_category const& item_category() noexcept
{
    static Category const instance;
    return instance;
}

} // namespace assay::exam
