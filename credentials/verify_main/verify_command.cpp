#include "credentials/verify_main/verify_command.hpp"

#include "credentials/cli_verify.hpp"
#include "credentials/container.hpp"
#include "credentials/log/receipt.hpp"
#include "credentials/verify_main/journal_check.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <stdexcept>

namespace assay::credentials {
namespace {

constexpr std::string_view usage =
    "usage: verify FILE… [--documents MAP.json] [--now TIME] [--recipient MAIL] [--json] [--issuer-key DID#FRAGMENT=z6Mk…]…\n"
    "              [--log-key VKEY]… [--old-checkpoint FILE] [--witness VKEY]… [--witnesses N] [--online]\n"
    "  FILE            a credential (Open Badges 3.0, VC 2.0 or 1.1): JSON with its proofs, JWT, SD-JWT VC, enveloped, baked into PNG or SVG,\n"
    "                  attached to a PDF, or as the text of a QR code; a journal's receipt (JSON), or the folder of an exported journal. A receipt\n"
    "                  given with its credential, or attached to the same PDF, also speaks for a credential whose key was compromised later\n"
    "  --documents     a JSON object of URL → local file (did.json, keys, status lists, vkey); paths are relative to it\n"
    "  --now           check as of this time, RFC 3339 (2026-11-23T12:00:00Z)\n"
    "  --recipient     the e-mail address that the credential must be for\n"
    "  --json          report as JSON: {\"verdict\", \"checks\": [{\"name\", \"outcome\", \"reason\"}], …}\n"
    "  --issuer-key    a key known from elsewhere; then no other key of that issuer is believed\n"
    "  --log-key       the key of a journal, name+hash+base64\n"
    "  --old-checkpoint  a journal's checkpoint from before: the journal must extend it\n"
    "  --witness       the key of a witness of journals (its type is cosignature): checkpoints must carry its cosignature\n"
    "  --witnesses     how many of the given witnesses are enough; by default all of them\n"
    "  --online        fetch what is named and not in the map: did.json, keys, status lists; over https, from the public internet alone. Their\n"
    "                  servers learn that somebody looks. Only `assay verify` has it, not the program `assay-verify`\n"
    "Without --online nothing is fetched from the network.\n";

/// A mistake of the caller: printed in one line, exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Command {
    std::vector<std::string> files;
    std::string map;
    std::vector<PinnedKey> keys;
    std::vector<tlog::VerifierKey> log_keys;
    std::string old_checkpoint;
    std::vector<tlog::VerifierKey> witnesses;
    std::size_t witnesses_needed = 0;
    std::optional<std::string> recipient;
    std::optional<Timestamp> now;
    bool as_json = false;
    bool online = false;
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
        } else if (word == "--online") {
            command.online = true;
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
        } else if (word == "--log-key") {
            auto const key = tlog::parse_verifier_key(value());
            if (!key) throw UsageError{"--log-key " + arguments[at] + ": " + key.error().message()};
            command.log_keys.push_back(*key);
        } else if (word == "--witness") {
            auto const key = tlog::parse_verifier_key(value());
            if (!key) throw UsageError{"--witness " + arguments[at] + ": " + key.error().message()};
            if (key->type != tlog::KeyType::cosignature) throw UsageError{"--witness " + arguments[at] + ": a log's key, not a witness's"};
            command.witnesses.push_back(*key);
        } else if (word == "--witnesses") {
            auto const& text = value();
            auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), command.witnesses_needed);
            if (status != std::errc{} || end != text.data() + text.size() || command.witnesses_needed == 0) throw UsageError{"--witnesses " + text + ": not a number from 1"};
        } else if (word == "--old-checkpoint") {
            command.old_checkpoint = value();
        } else if (word == "--recipient") {
            command.recipient = value();
        } else if (word == "--now") {
            auto const now = parse_rfc3339(value());
            if (!now) throw UsageError{"--now " + arguments[at] + ": not a time such as 2026-11-23T12:00:00Z"};
            command.now = *now;
        } else {
            throw UsageError{"unknown option " + word};
        }
    }
    auto names = std::set<std::string>{};
    for (auto const& witness : command.witnesses) names.insert(witness.name);
    if (command.witnesses_needed > names.size()) throw UsageError{"--witnesses asks for more than --witness names"};
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

/// One key a line: a log that changed its key publishes the older ones too.
void add_log_keys(JournalTrust& trust, std::string_view text)
{
    constexpr std::size_t lines_max = 64;
    for (auto line = std::size_t{}; line < lines_max && !text.empty(); ++line) {
        auto const end = text.find('\n');
        if (auto const key = tlog::parse_verifier_key(text.substr(0, end))) trust.keys.push_back(*key);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

/// A map may carry the keys of journals too, at addresses that end in /vkey.
JournalTrust journal_trust(Command const& command, Documents const& documents)
{
    auto trust = JournalTrust{.keys = command.log_keys, .old_checkpoint = std::nullopt, .witnesses = command.witnesses, .witnesses_needed = command.witnesses_needed};
    for (auto const& [url, content] : documents.by_url) {
        if (!url.ends_with("/vkey")) continue;
        add_log_keys(trust, content);
    }
    constexpr std::size_t checkpoint_max = 64 << 10;
    if (!command.old_checkpoint.empty()) trust.old_checkpoint = read_bounded(command.old_checkpoint, checkpoint_max);
    return trust;
}

Verification judge_folder(std::filesystem::path const& folder, JournalTrust const& trust)
{
    constexpr std::size_t part_max = 64 << 20;
    auto const read = [&](std::string const& path) -> std::optional<std::string> {
        auto const file = folder / path; // paths come from the log's own size, never from what a file says
        if (!std::filesystem::is_regular_file(file)) return std::nullopt;
        return read_bounded(file, part_max);
    };
    return check_journal(read, trust);
}

/// What a process of its own found in the file; receipts attached beside it go to `receipts`.
NamedFile open_container(NamedFile file, Container container, foreign::Reader const& reader, std::vector<std::string>& receipts)
{
    auto opened = foreign::read_in_sandbox(reader, bytes_of(file.bytes));
    file.bytes.clear();
    file.found_in = to_string(container);
    if (auto* unreadable = std::get_if<foreign::Unreadable>(&opened)) {
        file.unreadable = std::move(unreadable->why);
        return file;
    }
    auto& contents = std::get<foreign::Contents>(opened);
    file.bytes = std::move(contents.credential);
    std::ranges::move(contents.receipts, std::back_inserter(receipts));
    return file;
}

NamedFile load_file(std::string const& name, JournalTrust const& trust, foreign::Reader const& reader, std::vector<std::string>& receipts)
{
    auto file = NamedFile{.name = name};
    if (std::filesystem::is_directory(name) && std::filesystem::exists(std::filesystem::path{name} / "checkpoint")) {
        file.report = judge_folder(name, trust);
        return file;
    }
    file.bytes = read_bounded(name, foreign::file_size_max);
    if (auto const container = container_of(bytes_of(file.bytes))) return open_container(std::move(file), *container, reader, receipts);
    if (!tlog::is_receipt_file(file.bytes)) return file;
    file.report = check_receipt(parse_json(file.bytes).value().as_object(), trust);
    receipts.push_back(file.bytes);
    return file;
}

struct FetchedDocument {
    std::string url, why; ///< empty: it came
};

/// A file names documents that name further ones (a status list its signer's), so it is verified again until it misses nothing new.
std::vector<FetchedDocument> fetch_missing(std::span<NamedFile const> files, Documents& documents, Timestamp now, Fetch const& fetch)
{
    constexpr std::size_t documents_max = 16;
    constexpr auto rounds_max = 4;
    auto fetched = std::vector<FetchedDocument>{};
    auto tried = std::set<std::string>{};
    for (auto round = 0; round < rounds_max; ++round) {
        auto missed = std::set<std::string>{};
        documents.missed = &missed;
        static_cast<void>(cli_verify(files, documents, now));
        documents.missed = nullptr;
        auto any = false;
        for (auto const& url : missed) {
            if (!url.starts_with("https://") || !tried.insert(url).second) continue;
            any = true;
            if (tried.size() > documents_max) {
                fetched.push_back({url, "more than " + std::to_string(documents_max) + " documents are not fetched"});
                return fetched;
            }
            auto answer = fetch(url);
            fetched.push_back({url, answer.why});
            if (answer.body) documents.by_url.emplace(url, std::move(*answer.body));
        }
        if (!any) break;
    }
    return fetched;
}

std::string visible(std::string_view text)
{
    auto out = std::string{};
    for (auto const c : text) out += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
    return out;
}

void report_fetched(std::vector<FetchedDocument> const& fetched, VerifyOutput& output)
{
    auto rows = json::array{};
    for (auto const& [url, why] : fetched) {
        rows.push_back(json::object{{"url", url}, {"outcome", why.empty() ? "fetched" : "not_fetched"}, {"reason", why.empty() ? json::value(nullptr) : json::value(why)}});
        output.text += (why.empty() ? "fetched      " : "not fetched  ") + visible(url) + (why.empty() ? "" : ": " + why) + "\n";
    }
    output.json["fetched"] = std::move(rows);
}

} // namespace

int run_verify(std::span<std::string const> arguments, std::ostream& out, std::ostream& err, foreign::Reader const& reader, Fetch const& fetch)
{
    try {
        auto const command = parse(arguments);
        if (command.help) {
            out << usage;
            return 0;
        }
        if (command.online && !fetch) throw UsageError{"this program has no network in it: `assay verify --online` has"};
        auto documents = load_documents(command);
        auto files = std::vector<NamedFile>{};
        auto receipts = std::vector<std::string>{};
        auto const trust = journal_trust(command, documents);
        for (auto const& name : command.files) files.push_back(load_file(name, trust, reader, receipts));
        for (auto const& receipt : receipts)
            if (auto recorded = recorded_by(receipt, trust)) documents.recorded.push_back(std::move(*recorded));

        auto const system_now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
        auto const now = command.now.value_or(system_now);
        auto const fetched = command.online ? fetch_missing(files, documents, now, fetch) : std::vector<FetchedDocument>{};
        auto output = cli_verify(files, documents, now, {.recipient = command.recipient});
        if (command.online) report_fetched(fetched, output);
        if (command.as_json) out << json::serialize(output.json) << "\n";
        else out << output.text;
        return output.exit_code;
    } catch (UsageError const& error) {
        err << "verify: " << error.what() << "\n";
        return 2;
    }
}

} // namespace assay::credentials
