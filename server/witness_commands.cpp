// assay witness keygen | request | cosign: watching somebody's journal, offline. Files go to and fro as C2SP tlog-witness has them.
#include "core/random.hpp"
#include "credentials/keys.hpp"
#include "credentials/log/tiles.hpp"
#include "credentials/log/witness.hpp"
#include "server/commands.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::server {
namespace {

namespace fs = std::filesystem;
namespace tlog = credentials::tlog;

struct WitnessOptions {
    std::string name, key, state, file, folder;
    std::vector<std::string> log_keys;
    std::uint64_t old_size = 0;
};

std::string read_text(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file || fs::is_directory(path)) throw std::runtime_error{"can't read " + path.string()};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Whole or not at all, and on the disk before this returns; readable by its owner alone.
void write_durably(fs::path const& path, std::string const& text, bool may_replace)
{
    if (!may_replace && fs::exists(path)) throw std::runtime_error{path.string() + " is there already"};
    auto const temporary = path.string() + ".new";
    auto const file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    auto const written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) throw std::runtime_error{"can't write " + path.string()};
    auto const parent = path.has_parent_path() ? path.parent_path() : fs::path{"."};
    auto const folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto const synced = folder >= 0 && ::fsync(folder) == 0;
    if (folder >= 0) ::close(folder);
    if (!synced) throw std::runtime_error{"can't write " + parent.string()};
}

struct WitnessKey {
    credentials::KeyPair pair;
    tlog::VerifierKey verifier;
};

/// The key's file: "NAME HEX\n", the seed in hex.
WitnessKey load_key(fs::path const& path)
{
    auto const text = read_text(path);
    auto const space = text.find(' ');
    auto seed = space == std::string::npos ? result<Bytes>{Bytes{}} : from_hex(std::string_view{text}.substr(space + 1, 64));
    if (!seed || seed->size() != 32) throw std::runtime_error{path.string() + " is no witness's key"};
    auto const pair_seed = SecretBytes::copy_of(*seed);
    auto pair = credentials::KeyPair::from_seed(pair_seed);
    auto verifier = tlog::make_verifier_key(text.substr(0, space), tlog::KeyType::cosignature, pair.public_key().octets);
    return {std::move(pair), std::move(verifier)};
}

void keygen(WitnessOptions const& options)
{
    auto const seed = random_array<32>();
    write_durably(options.key, options.name + " " + to_hex(seed) + "\n", false);
    std::cout << tlog::to_string(load_key(options.key).verifier) << "\n";
}

/// What asks a witness to cosign the checkpoint of an exported journal.
void request(WitnessOptions const& options)
{
    auto const folder = fs::path{options.folder};
    auto asking = tlog::AddCheckpoint{};
    asking.old_size = options.old_size;
    asking.checkpoint = read_text(folder / "checkpoint");
    auto const note = tlog::parse_note(asking.checkpoint);
    auto const checkpoint = note ? tlog::parse_checkpoint_text(note->text) : result<tlog::Checkpoint>{tlog::errc::malformed_note};
    if (!checkpoint) throw std::runtime_error{options.folder + ": no checkpoint that can be read"};
    auto const read = [&](tlog::TileId const& tile) -> std::optional<Bytes> {
        auto const path = folder / tlog::tile_path(tile);
        return fs::is_regular_file(path) ? std::optional{to_bytes(read_text(path))} : std::nullopt;
    };
    auto const proof = tlog::consistency_proof(asking.old_size, checkpoint->size, tlog::hashes_from_tiles(checkpoint->size, read));
    if (!proof) throw std::runtime_error{"no proof from " + std::to_string(asking.old_size) + " entries on: " + proof.error().message()};
    asking.proof = *proof;
    std::cout << tlog::to_string(asking);
}

/// One file for each log: the last checkpoint that was cosigned.
fs::path state_file(WitnessOptions const& options, std::string const& origin) { return fs::path{options.state} / to_string(sha256(origin)); }

int cosign(WitnessOptions const& options, std::uint64_t now)
{
    auto const key = load_key(options.key);
    auto logs = std::vector<tlog::VerifierKey>{};
    for (auto const& text : options.log_keys) {
        auto const log = tlog::parse_verifier_key(text);
        if (!log) throw std::runtime_error{"--log-key " + text + ": " + log.error().message()};
        logs.push_back(*log);
    }
    auto const body = options.file == "-" ? std::string{std::istreambuf_iterator<char>{std::cin}, {}} : read_text(options.file);
    auto const asked = tlog::parse_add_checkpoint(body);
    if (!asked) throw std::runtime_error{std::string{tlog::to_string(tlog::Refusal::malformed)}};

    fs::create_directories(options.state);
    auto const lock = ::open((fs::path{options.state} / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (lock < 0 || ::lockf(lock, F_LOCK, 0) != 0) throw std::runtime_error{"can't lock " + options.state}; // two at once could cosign two histories
    auto const origin = asked->checkpoint.substr(0, asked->checkpoint.find('\n'));
    auto const path = state_file(options, origin);
    auto latest = std::optional<tlog::Checkpoint>{};
    if (fs::exists(path)) latest = tlog::parse_checkpoint_text(read_text(path)).value();
    auto const verdict = tlog::judge(*asked, latest, logs);
    if (auto const* refusal = std::get_if<tlog::Refusal>(&verdict)) {
        std::cerr << "assay: " << tlog::http_status(*refusal) << ": " << tlog::to_string(*refusal) << "\n";
        if (*refusal == tlog::Refusal::other_size) std::cerr << "assay: the size cosigned last is " << (latest ? latest->size : 0) << "\n";
        return 1;
    }
    // Remembered first: a crash costs a cosignature, never a second history.
    write_durably(path, tlog::to_text(std::get<tlog::Checkpoint>(verdict)), true);
    auto const sign = [&](ByteView message) { return key.pair.sign(message); };
    std::cout << tlog::cosignature_line(asked->checkpoint, key.verifier, now, sign);
    return 0;
}

} // namespace

void add_witness_commands(CLI::App& program, int& status)
{
    auto const options = std::make_shared<WitnessOptions>();
    auto& o = *options;
    auto* witness = program.add_subcommand("witness", "cosign somebody's journal, offline: nobody is then shown another history of it")->require_subcommand(1);
    auto* make_key = witness->add_subcommand("keygen", "make a witness's key; prints what verifiers are given (assay verify --witness)");
    make_key->add_option("name", o.name, "of the witness, such as witness.example/w1")->required();
    make_key->add_option("--key", o.key, "file to write it to")->required();
    make_key->callback([=] { keygen(*options); });

    auto* ask = witness->add_subcommand("request", "what asks a witness to cosign an exported journal's checkpoint");
    ask->add_option("folder", o.folder, "of `assay audit export`")->required();
    ask->add_option("--old", o.old_size, "the size that the witness cosigned last; 0 at first")->capture_default_str();
    ask->callback([=] { request(*options); });

    auto* sign = witness->add_subcommand("cosign", "print the cosignature, a line to append to the checkpoint, when it extends the last one cosigned");
    sign->add_option("request", o.file, "what `assay witness request` wrote; - reads it from standard input")->required();
    sign->add_option("--key", o.key, "the witness's key")->required();
    sign->add_option("--state", o.state, "folder that remembers the last checkpoint of each log")->required();
    sign->add_option("--log-key", o.log_keys, "key of a log that is watched, name+hash+base64")->required();
    sign->callback([=, &status] {
        auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
        status = cosign(*options, static_cast<std::uint64_t>(now));
    });
}

} // namespace assay::server
