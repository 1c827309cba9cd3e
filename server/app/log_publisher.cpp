#include "server/app/log_publisher.hpp"

#include "credentials/log/tiles.hpp"
#include "server/app/sign_in.hpp"

namespace assay::server {
namespace {

namespace tlog = credentials::tlog;

constexpr std::uint64_t leaves_per_checkpoint_max = 20'000;

storage::LogGrowth grow(TenantKeys const& keys, std::uint64_t old_size, std::vector<Sha256Digest> const& leaves,
                        std::vector<storage::TileRow> const& partial)
{
    auto tiles = std::map<tlog::TileId, Bytes>{};
    for (auto const& tile : partial) tiles[{tile.level, tile.index, tile.width}] = tile.hashes;
    auto const read = [&tiles](tlog::TileId const& tile) -> std::optional<Bytes> {
        auto const found = tiles.find(tile);
        return found == tiles.end() ? std::nullopt : std::optional{found->second};
    };
    auto growth = storage::LogGrowth{};
    for (auto const& write : tlog::grow(old_size, leaves, read).value()) {
        tiles[write.tile] = write.bytes;
        growth.tiles.push_back({write.tile.level, write.tile.index, write.tile.width, write.bytes});
    }
    auto& next = growth.checkpoint;
    next.tree_size = old_size + leaves.size();
    next.root_hash = tlog::root_of(next.tree_size, tlog::hashes_from_tiles(next.tree_size, read)).value();
    // While a key is being replaced both sign, so that whoever holds either can follow the log.
    auto note = tlog::Note{};
    for (auto const& key : keys.journal) {
        auto const sign = [&key](ByteView message) { return key.pair.sign(message); };
        auto signed_note = tlog::parse_note(tlog::sign_checkpoint({key.verifier.name, next.tree_size, next.root_hash}, key.verifier, sign)).value();
        note.text = std::move(signed_note.text);
        note.signatures.push_back(std::move(signed_note.signatures.front()));
    }
    next.note = tlog::to_string(note);
    return growth;
}

net::Response public_text(std::string body, std::string_view type, std::string_view cache)
{
    auto response = net::bytes_response(std::move(body), type);
    response.headers.set("Cache-Control", cache);
    response.headers.set("Access-Control-Allow-Origin", "*");
    return response;
}

asio::awaitable<net::Response> log_file(ServicePool& pool, net::Request const& request, net::PathParameters const& parameters)
{
    auto& services = pool.here();
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    auto const path = std::string{net::find(parameters, "path").value_or("")};
    if (path == "checkpoint") {
        auto const checkpoint = co_await storage::find_checkpoint(services.pool, tenant->id);
        if (!checkpoint) co_return error_page(services, request, &*tenant, 404);
        co_return public_text(checkpoint->note, "text/plain; charset=utf-8", "no-cache");
    }
    if (path == "vkey") {
        auto const keys = co_await load_keys(services, *tenant);
        auto lines = std::string{};
        for (auto const& key : keys->log_keys) lines += tlog::to_string(key) + "\n";
        co_return public_text(std::move(lines), "text/plain; charset=utf-8", "max-age=300");
    }
    auto const tile = tlog::parse_tile_path(path);
    if (!tile) co_return error_page(services, request, &*tenant, 404);
    auto const bytes = co_await storage::find_tile(services.pool, tenant->id, tile->level, tile->index, tile->width);
    if (!bytes) co_return error_page(services, request, &*tenant, 404);
    co_return public_text(std::string{text_of(*bytes)}, "application/octet-stream", tile->width == tlog::tile_width ? "max-age=31536000, immutable" : "max-age=300");
}

} // namespace

asio::awaitable<bool> publish(Services& services, storage::TenantRow const& tenant)
{
    auto const keys = co_await load_keys(services, tenant);
    auto grow_log = storage::GrowLog{[keys](std::uint64_t old_size, std::vector<Sha256Digest> const& leaves, std::vector<storage::TileRow> const& partial) {
        return grow(*keys, old_size, leaves, partial);
    }};
    co_return co_await storage::publish_log(services.pool, tenant.id, leaves_per_checkpoint_max, std::move(grow_log));
}

asio::awaitable<std::optional<Proof>> prove_from_tiles(Services& services, TenantId tenant, std::uint64_t size, Prove prove)
{
    // The reader can't wait for the database: the proof is tried until every tile that it asks for is here.
    auto tiles = std::map<tlog::TileId, Bytes>{};
    for (;;) {
        auto missing = std::optional<tlog::TileId>{};
        auto const read = [&](tlog::TileId const& tile) -> std::optional<Bytes> {
            auto const found = tiles.find(tile);
            if (found != tiles.end()) return found->second;
            missing = tile;
            return std::nullopt;
        };
        auto const proof = prove(tlog::hashes_from_tiles(size, read));
        if (proof) co_return *proof;
        if (!missing) co_return std::nullopt;
        auto bytes = co_await storage::find_tile(services.pool, tenant, missing->level, missing->index, missing->width);
        if (!bytes) co_return std::nullopt;
        tiles[*missing] = std::move(*bytes);
    }
}

asio::awaitable<std::optional<tlog::Receipt>> receipt_for(Services& services, storage::TenantRow const& tenant, std::uint64_t index)
{
    auto const checkpoint = co_await storage::find_checkpoint_over(services.pool, tenant.id, index);
    if (!checkpoint) co_return std::nullopt;
    auto const size = checkpoint->tree_size;
    auto include = Prove{[index, size](tlog::HashReader const& read) { return tlog::inclusion_proof(index, size, read); }};
    auto proof = co_await prove_from_tiles(services, tenant.id, size, std::move(include));
    if (!proof) co_return std::nullopt;
    co_return tlog::Receipt{index, std::move(*proof), checkpoint->note};
}

void add_log_routes(net::Router& router, ServicePool& pool)
{
    auto route = net::Route{};
    route.method = net::Method::get;
    route.pattern = "/t/{tenant}/log/{path...}";
    route.rate_class = net::RateClass::verification;
    route.handler = [&pool](net::Request const& request, net::PathParameters const& parameters) { return log_file(pool, request, parameters); };
    router.add(std::move(route));
}

} // namespace assay::server
