#pragma once
// What the processes on one database tell each other, by PostgreSQL's LISTEN and NOTIFY: ids only, since every session of the database
// may hear them. A hint to look, never a fact: what is said while somebody is not connected never reaches it.
#include "storage/pg/connection.hpp"

#include <functional>
#include <string_view>

namespace assay::storage {

class Pool;

constexpr std::size_t notification_size_max = 200;

/// Says `payload` to every process that listens, the own one included. Expects at most notification_size_max bytes. In a transaction of its
/// own: inside another one it would queue all commits of the database behind each other. Throws DatabaseError.
asio::awaitable<void> notify(Pool& pool, std::string payload);

struct NotificationHandlers {
    std::function<void(std::string_view payload)> heard;
    std::function<void()> listening;                    ///< from here on everything is heard; what was said before may have been missed
    std::function<void(std::string const& why)> deaf;   ///< the connection was lost, or there is none yet
};

/// Listens on a connection of its own until it is cancelled, and connects again as long as it takes.
asio::awaitable<void> hear_notifications(asio::any_io_executor executor, Endpoint endpoint, NotificationHandlers handlers);

} // namespace assay::storage
