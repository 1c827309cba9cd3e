// credentials_benchmark: issuing and verifying on one core, each as a ratio to libsodium's own Ed25519 in the same run, because
// machines differ and that ratio hardly does. Then the status list and an inclusion proof out of ten million leaves.
#include "credentials/did.hpp"
#include "credentials/log/tiles.hpp"
#include "core/random.hpp"
#include "credentials/verify.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <sodium.h>
#include <string_view>

namespace {

using namespace assay;
using namespace assay::credentials;

/// Seconds of processor time: what others do on the machine is not our cost.
double processor_seconds()
{
    auto now = timespec{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

volatile unsigned kept = 0; ///< results go here, so that nothing is optimised away

/// Calls a second, the best of three runs of a third of a second of processor time each: other programs only ever make it slower.
template <class Call>
double per_second(Call&& call)
{
    auto best = 0.0;
    for (auto run = 0; run < 3; ++run) {
        auto const start = processor_seconds();
        auto calls = 0;
        auto seconds = 0.0;
        do {
            kept = kept + static_cast<unsigned>(call());
            ++calls;
            seconds = processor_seconds() - start;
        } while (seconds < 0.34);
        best = std::max(best, calls / seconds);
    }
    return best;
}

void print(char const* what, double rate, double base) { std::printf("%-62s %10.0f /s   %6.3f of Ed25519\n", what, rate, rate / base); }

std::string proof_of(std::string const& file, std::size_t which)
{
    auto document = parse_json(file).value().as_object();
    auto const one = document.at("proof").as_array().at(which);
    document["proof"] = json::array{one};
    return canonical_json(document);
}

/// A log of `size` leaves as its tiles would hold it: the hashes at tree levels 0, 8, 16 and 24.
class Tiles {
public:
    explicit Tiles(std::uint64_t size)
    {
        levels_.emplace_back(size);
        for (auto i = std::uint64_t{}; i < size; ++i) levels_[0][i] = tlog::leaf_hash(std::as_bytes(std::span{&i, 1}));
        while (levels_.back().size() >= tlog::tile_width) {
            auto const& below = levels_.back();
            auto above = std::vector<Sha256Digest>{};
            for (auto at = std::size_t{}; at + tlog::tile_width <= below.size(); at += tlog::tile_width) {
                auto tree = tlog::GrowingTree{};
                for (auto i = std::size_t{}; i < tlog::tile_width; ++i) tree.append(below[at + i]);
                above.push_back(tree.root());
            }
            levels_.push_back(std::move(above));
        }
    }
    std::optional<Bytes> read(tlog::TileId const& tile) const
    {
        auto const& level = levels_.at(tile.level);
        auto const first = tile.index * tlog::tile_width;
        return tlog::encode_tile(std::span{level}.subspan(first, std::min<std::size_t>(tile.width, level.size() - first)));
    }

private:
    std::vector<std::vector<Sha256Digest>> levels_;
};

} // namespace

int main(int argc, char** argv)
{
    if (sodium_init() < 0) return 1;
    auto const with_log = argc < 2 || std::string_view{argv[1]} != "--no-log";
    auto sample = test::SampleIssuer{};
    auto const message = random_array<64>();
    auto const signature = sample.credential_key.sign(message);
    auto const key = sample.credential_key.public_key();
    auto const signs = per_second([&] { return std::to_integer<unsigned>(sample.credential_key.sign(message)[0]); });
    auto const verifies = per_second([&] { return verify_signature(key, message, signature); });
    std::printf("libsodium Ed25519, 64 bytes: %.0f signatures/s, %.0f verifications/s\n", signs, verifies);

    auto used = StatusList{};
    auto index = std::size_t{};
    print("issue: status index, eddsa-jcs-2022, eddsa-rdfc-2022, vc+jwt", per_second([&] {
              if (++index % 60'000 == 0) used = StatusList{};
              auto status = sample.status();
              status.index = allocate_status_index(used, random_array<16>()).value();
              used.set(status.index, true).value();
              return issue(sample.claim(), status, sample.credential_signer(), sample.now).value().json.size();
          }), signs);

    auto const issued = sample.issued();
    auto const jcs = proof_of(issued.json, 0), rdfc = proof_of(issued.json, 1);
    auto const whole = sample.documents();
    auto without_list = whole;
    without_list.by_url.erase(sample.list_url);
    auto const verify_with = [&](std::string const& file, Documents const& documents) {
        return per_second([&] { return static_cast<unsigned>(verify(bytes_of(file), documents, sample.now).verdict()); });
    };
    print("verify eddsa-jcs-2022 from bytes, key from did.json", verify_with(jcs, without_list), verifies);
    print("verify eddsa-rdfc-2022 from bytes, key from did.json", verify_with(rdfc, without_list), verifies);
    print("verify vc+jwt from bytes, key from did.json", verify_with(issued.jwt, without_list), verifies);
    print("verify both proofs", verify_with(issued.json, without_list), verifies);
    print("verify both proofs and a status list (with its two proofs)", verify_with(issued.json, whole), verifies);

    for (auto i = std::size_t{}; i < status_list_entries_min; i += 37) sample.list.set(i, true).value();
    auto const lists = per_second([&] { return sample.status_list_json().size(); });
    std::printf("status list of %zu entries (one in 37 set), packed and signed twice: %.2f ms\n", status_list_entries_min, 1000 / lists);

    if (!with_log) return 0;
    constexpr auto leaves = std::uint64_t{10'000'000};
    auto const tiles = Tiles{leaves};
    auto const reader = tlog::hashes_from_tiles(leaves, [&](tlog::TileId const& tile) { return tiles.read(tile); });
    auto const root = tlog::root_of(leaves, reader).value();
    auto at = std::uint64_t{};
    auto const proofs = per_second([&] {
        at = (at + 7'368'787) % leaves;
        auto const fresh = tlog::hashes_from_tiles(leaves, [&](tlog::TileId const& tile) { return tiles.read(tile); }); // nothing remembered from the last
        return tlog::inclusion_proof(at, leaves, fresh).value().size();
    });
    auto const proof = tlog::inclusion_proof(at, leaves, reader).value();
    auto const right = tlog::verify_inclusion(tlog::leaf_hash(std::as_bytes(std::span{&at, 1})), at, leaves, proof, root);
    std::printf("inclusion proof out of %llu leaves, from tiles in memory: %.3f ms (%s)\n", static_cast<unsigned long long>(leaves), 1000 / proofs, right ? "verified" : "WRONG");
    return right ? 0 : 1;
}
