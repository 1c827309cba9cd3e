#pragma once
// What the private cluster is on disk: directories, configuration, and making it whole or not at all.
#include "storage/detail/program.hpp"
#include "storage/private_cluster.hpp"

namespace assay::storage::detail {

struct ClusterPaths {
    std::filesystem::path state, data, socket, log;
};

/// Where everything lies; makes the state and socket directories (0700, `identity`'s). A socket path may have 107 bytes: when the state
/// directory's is longer, the socket lies in a directory of the temporary folder, named by a hash. Throws StorageError.
ClusterPaths prepare_directories(ClusterOptions const& options, Identity const& identity);

/// initdb, roles and the database "assay" in a sibling of `data`, which is renamed when whole. Nothing when `data` exists.
void make_cluster_if_missing(ClusterPaths const& paths, ClusterOptions const& options, Identity const& identity);

/// Writes the files that say how the server listens and whom it lets in. Before each start: they are ours, not the administrator's.
void write_configuration(ClusterPaths const& paths, ClusterOptions const& options, Identity const& identity);

} // namespace assay::storage::detail
