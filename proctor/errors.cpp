#include "proctor/errors.hpp"

#include <string>

namespace assay::proctor {
namespace {

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.proctor"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::malformed_record: return "the record does not have the expected form";
        case errc::already_decided: return "already decided";
        case errc::reason_does_not_fit: return "this reason does not carry this decision";
        case errc::ban_without_end: return "a ban needs an end after the decision, and only a ban has one";
        case errc::second_person_required: return "a second person must confirm this";
        case errc::nothing_to_confirm: return "this decision needs no second person";
        case errc::incidents_undecided: return "some incidents have no verdict yet";
        case errc::still_running: return "it is not over yet";
        case errc::note_too_long: return "the note is too long";
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

} // namespace assay::proctor
