#include "credentials/verify_main/verify_command.hpp"

#include "credentials/cli_verify.hpp"

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <stdexcept>

namespace assay::credentials {
namespace {

constexpr std::string_view usage =
    "usage: verify FILE… [--documents MAP.json] [--issuer-key DID#FRAGMENT=z6Mk…]… [--now TIME] [--json]\n"
    "  FILE          an Open Badges 3.0 or VC 2.0 credential: JSON with its proof, or vc+jwt\n"
    "  --documents   a JSON object of URL → local file (did.json, status lists); paths are relative to it\n"
    "  --issuer-key  a key known from elsewhere; then no other key of that issuer is believed\n"
    "  --now         check as of this time, RFC 3339 (2026-11-23T12:00:00Z)\n"
    "  --json        report as JSON\n";

/// A mistake of the caller: printed in one line, exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Command {
    std::vector<std::string> files;
    std::string map;
    std::vector<PinnedKey> keys;
    std::optional<Timestamp> now;
    bool as_json = false;
    bool help = false;
};

Command parse(std::span<std::string const> arguments)
{
    auto command = Command{};
    auto only_files = false;
    for (auto at = std::size_t{}; at < arguments.size(); ++at) {
        auto const& word = arguments[at];
        auto const value = [&]() -> std::string const& {
            if (at + 1 == arguments.size()) throw UsageError{word + " needs a value"};
            return arguments[++at];
        };
        if (only_files || word.empty() || word.front() != '-') {
            command.files.push_back(word);
        } else if (word == "--") {
            only_files = true;
        } else if (word == "--json") {
            command.as_json = true;
        } else if (word == "--help" || word == "-h") {
            command.help = true;
        } else if (word == "--documents") {
            command.map = value();
        } else if (word == "--issuer-key") {
            auto const key = parse_pinned_key(value());
            if (!key) throw UsageError{"--issuer-key " + arguments[at] + ": " + key.error().message()};
            command.keys.push_back(*key);
        } else if (word == "--now") {
            auto const now = parse_rfc3339(value());
            if (!now) throw UsageError{"--now " + arguments[at] + ": not a time such as 2026-11-23T12:00:00Z"};
            command.now = *now;
        } else {
            throw UsageError{"unknown option " + word};
        }
    }
    if (command.files.empty() && !command.help) throw UsageError{"no file given (--help tells more)"};
    return command;
}

/// At most one byte more than we would ever read, so that "too long" is still seen as such.
std::string read_bounded(std::filesystem::path const& path, std::size_t size_max)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file || std::filesystem::is_directory(path)) throw UsageError{path.string() + ": can't be read"};
    auto bytes = std::string(size_max + 1, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (file.bad()) throw UsageError{path.string() + ": can't be read"};
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

Documents load_documents(Command const& command)
{
    constexpr std::size_t map_size_max = 1 << 20;
    constexpr std::size_t document_size_max = 8 << 20;
    auto documents = Documents{.keys = command.keys};
    if (command.map.empty()) return documents;
    auto const map = std::filesystem::path{command.map};
    auto const references = parse_document_map(read_bounded(map, map_size_max));
    if (!references) throw UsageError{command.map + ": no JSON object of URL → file (" + references.error().message() + ")"};
    for (auto const& reference : *references)
        documents.by_url.emplace(reference.url, read_bounded(map.parent_path() / reference.path, document_size_max));
    return documents;
}

} // namespace

int run_verify(std::span<std::string const> arguments, std::ostream& out, std::ostream& err)
{
    try {
        auto const command = parse(arguments);
        if (command.help) {
            out << usage;
            return 0;
        }
        auto const documents = load_documents(command);
        auto files = std::vector<NamedFile>{};
        for (auto const& name : command.files)
            files.push_back({.name = name, .bytes = read_bounded(name, VerifyOptions{}.size_max)});

        auto const system_now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
        auto const output = cli_verify(files, documents, command.now.value_or(system_now));
        if (command.as_json) out << json::serialize(output.json) << "\n";
        else out << output.text;
        return output.exit_code;
    } catch (UsageError const& error) {
        err << "verify: " << error.what() << "\n";
        return 2;
    }
}

} // namespace assay::credentials
