#pragma once
// Starting a program and waiting for it, with fewer rights than ours when we are root. Blocking; for start-up only.
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace assay::storage::detail {

/// Whom a program runs as. Without change: ourselves.
struct Identity {
    bool change = false;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;  ///< as the system knows it
};

/// The identity that PostgreSQL runs as: ourselves, or as root the system user `user` (made with useradd when missing).
/// Throws StorageError.
Identity identity_for(std::string const& user);

struct ProgramOutcome {
    int status = -1;     ///< exit status, or 128 + signal
    std::string output;  ///< both streams together, cut to 64 KiB
};

/// Runs argv[0] (an absolute path) in "/" with a bare environment, nothing inherited but /dev/null as input, no new privileges and, as another
/// identity, no capabilities at all. `input` is what it reads. Throws StorageError when it can't be started.
ProgramOutcome run_program(std::vector<std::string> const& argv, Identity const& identity, std::string const& input = {});

/// run_program, and StorageError with the last lines of output unless it exits with 0.
void run_or_throw(std::vector<std::string> const& argv, Identity const& identity, std::string const& input = {});

} // namespace assay::storage::detail
