#pragma once
// From operational items and a policy to an exam that candidates can be invited to. One way for the command line and the demonstration.
#include "exam/exam_version.hpp"
#include "server/app/services.hpp"
#include "storage/repositories/exams.hpp"

namespace assay::server {

/// A document as its author wrote it, with a name for messages about it.
struct NamedText {
    std::string name;
    std::string text;
};

struct Publication {
    std::string identifier; ///< of the exam: publishing again under it makes the next version
    std::string title;
    std::string language = "en";
    NamedText exam_policy, programme, credential_policy, rules;
    std::optional<NamedText> proctoring_policy; ///< none: sat without a camera
    std::optional<NamedText> standard_setting;  ///< the record that the policy's [standard_setting] names by its SHA-256
    std::string by;                             ///< actor of the entry
};

struct Published {
    Uuid exam{};
    Sha256Digest exam_version;
    std::size_t items = 0;
    std::size_t pretest_items = 0; ///< beside them, for the slots of the policy's [pretest]
    std::vector<std::string> warnings; ///< of what was, or could be, published
    std::vector<std::string> findings; ///< why it was not published, a sentence each; empty: it was
};

/// The items of the bank that may be administered, with the parameters of today, ascending by id.
asio::awaitable<std::vector<exam::PoolItem>> operational_pool(Services& services, TenantId tenant);

/// Builds a version out of those items of `pool` that lie in the blueprint's areas, and publishes it unless something is wrong with it. Where the policy
/// asks for pretest slots, the bank's items in state pretest fill them.
/// A production tenant needs besides: a stored standard-setting record for the cut, and calibrated items. `dry_run` stores nothing.
asio::awaitable<Published> publish_exam(Services& services, storage::TenantRow const& tenant, Publication publication,
                                        std::vector<exam::PoolItem> pool, bool dry_run = false);

} // namespace assay::server
