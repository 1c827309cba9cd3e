#pragma once
// The item bank: imported items are drafts; people carry them through review (exam/item_life.hpp); published exams take the operational ones.
#include "exam/bank/item_bank.hpp"
#include "exam/item.hpp"
#include "exam/item_life.hpp"
#include "exam/qti/package.hpp"
#include "server/app/services.hpp"
#include "storage/repositories/exams.hpp"

namespace assay::server {

struct ItemImport {
    std::string author; ///< as recorded: "staff:ID" for a member of staff, otherwise a name
    std::string by;     ///< actor of the entries
};

/// What became of a package. `report` is exam::qti::import_report's, with "outcome" stored | known | refused and, for the first two, "item".
struct ImportedItems {
    int stored = 0, known = 0, refused = 0;
    json::object report;
};

/// Stores what can be stored as drafts, one stream an item, and the report as a document. An item version that is there already (same
/// identifier, same content) stays as it is, in whatever state; so an import that was cut off is simply repeated.
/// Refused besides what the reader refuses: items with pictures, which the bank can't keep yet.
asio::awaitable<ImportedItems> import_items(Services& services, storage::TenantRow const& tenant, exam::qti::PackageImport const& package, ItemImport how);

struct ImportedParameters {
    int recorded = 0;
    std::vector<std::string> problems; ///< items that the tenant's bank does not have, parameters that an exam can't use; these were left out
};
/// Records what the items of a calibrated bank are worth from now on, by their identifiers; exams published before keep what they have.
/// `provisional`: no responses stand behind them.
asio::awaitable<ImportedParameters> import_parameters(Services& services, storage::TenantRow const& tenant, exam::ItemBank const& bank, bool provisional,
                                                      std::string by);

/// The author as an import records it: a member of staff by address or name, or the text itself.
asio::awaitable<std::string> recorded_author(Services& services, TenantId tenant, std::string given);

exam::ItemStanding standing_of(storage::ItemRow const& row);
exam::ItemActor item_actor(storage::StaffRow const& staff);

/// Carries an item on. Errors: storage::errc::not_found; exam's; storage::errc::stale (somebody was faster).
asio::awaitable<result<void>> act_on_item(Services& services, TenantId tenant, ItemId item, exam::ItemAction action, storage::StaffRow const& by,
                                          std::string reason);

/// The item of a row. Throws when its document is missing or unreadable.
asio::awaitable<exam::Item> load_item(Services& services, TenantId tenant, storage::ItemRow const& row);

} // namespace assay::server
