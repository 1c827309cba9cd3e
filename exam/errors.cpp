#include "exam/errors.hpp"

namespace assay::exam {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.exam"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::invalid_parameters: return "item parameters out of range";
        case errc::malformed_document: return "not an exam version document";
        case errc::malformed_event: return "not an event of a sitting";
        case errc::item_not_in_pool: return "the exam version has no such item";
        case errc::bank_exhausted: return "no eligible item is left";
        case errc::sitting_not_open: return "the sitting has not been opened";
        case errc::sitting_already_open: return "the sitting is already open";
        case errc::sitting_not_started: return "the sitting has not started";
        case errc::sitting_already_started: return "the sitting has already started";
        case errc::sitting_has_ended: return "the sitting has ended";
        case errc::sitting_paused: return "the sitting is paused";
        case errc::already_paused: return "the sitting is already paused";
        case errc::not_paused: return "the sitting is not paused";
        case errc::only_staff_may_do_this: return "only staff may do this";
        case errc::break_not_allowed: return "no further break is allowed";
        case errc::time_limit_reached: return "the time limit is reached";
        case errc::time_limit_not_reached: return "the time limit is not reached";
        case errc::no_time_limit: return "the sitting has no time limit";
        case errc::not_attached: return "no device is attached";
        case errc::stale_attachment: return "another device has taken over";
        case errc::item_not_presented: return "this item is not waiting for a response";
        case errc::response_too_large: return "the response is too large";
        case errc::minutes_out_of_range: return "minutes out of range";
        case errc::reason_missing: return "a reason is missing";
        case errc::outage_out_of_range: return "the outage is empty or reaches into the future";
        case errc::item_state_forbids: return "the item can not go that way from its state";
        case errc::author_may_not_approve: return "the author of an item does not approve it";
        case errc::form_complete: return "the form is complete";
        case errc::block_not_answered: return "the block has an item without an answer";
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

} // namespace assay::exam
