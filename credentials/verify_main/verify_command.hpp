#pragma once
#include "credentials/foreign/reader.hpp"
#include "credentials/verify_main/fetch.hpp"

#include <iosfwd>
#include <span>
#include <string>

namespace assay::credentials {

/// `verify FILE… [--documents MAP.json] [--now TIME] [--recipient MAIL] [--json] …` (--help has the rest), without the word `verify`.
/// Reads the files that it is given and nothing else: no network, unless --online asks for it. Then what a file names and no map has (did.json,
/// keys, status lists) comes from `fetch`; with no `fetch`, --online is refused. Without --now it asks the system's clock.
/// PNG, SVG and PDF are opened by `reader`, a process of its own.
/// Exit codes: 0 every file is valid; 1 some file is not; 2 the command itself could not be carried out (one line on `err`).
int run_verify(std::span<std::string const> arguments, std::ostream& out, std::ostream& err, foreign::Reader const& reader, Fetch const& fetch = {});

} // namespace assay::credentials
