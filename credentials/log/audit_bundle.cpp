#include "credentials/log/audit_bundle.hpp"

#include "core/hash.hpp"

#include <charconv>

namespace assay::credentials::tlog {
namespace {

constexpr std::size_t opening_size_max = 1 << 20;

struct Opening {
    Bytes key;
    json::value detail;
};

class Audit {
public:
    Audit(BundleReader const& read, AuditOptions const& options, std::function<void(OpenedEntry const&)> const& visit)
        : read_{read}, options_{options}, visit_{visit}
    {
    }

    AuditReport run()
    {
        read_checkpoint();
        if (!report_.checkpoint) return std::move(report_);
        read_openings();
        read_entries();
        compare_root();
        compare_tiles();
        compare_old_checkpoint();
        return std::move(report_);
    }

private:
    void find(std::optional<std::uint64_t> index, std::string what)
    {
        if (report_.findings.size() < options_.findings_max) report_.findings.push_back({index, std::move(what)});
    }

    void read_checkpoint()
    {
        key_ = options_.key;
        report_.key_was_given = key_.has_value();
        if (!key_) {
            auto text = read_("vkey").value_or("");
            while (text.ends_with('\n')) text.pop_back();
            auto const own = parse_verifier_key(text);
            if (!own) return find(std::nullopt, "the bundle has no readable vkey, and no key was given");
            key_ = *own;
        }
        auto const note = read_("checkpoint");
        if (!note) return find(std::nullopt, "the bundle has no checkpoint");
        auto const checkpoint = open_checkpoint(*note, *key_);
        if (!checkpoint) return find(std::nullopt, "checkpoint: " + checkpoint.error().message());
        report_.checkpoint = *checkpoint;
    }

    void read_openings()
    {
        auto const text = read_("openings.jsonl");
        if (!text) return;
        auto rest = std::string_view{*text};
        for (auto line_number = 1; !rest.empty(); ++line_number) {
            auto const end = rest.find('\n');
            auto const line = rest.substr(0, end);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
            if (!read_opening(line)) find(std::nullopt, "openings.jsonl line " + std::to_string(line_number) + " can't be read");
        }
    }

    bool read_opening(std::string_view line)
    {
        auto const value = parse_json(line, {.size_max = opening_size_max});
        if (!value) return false;
        auto const* index = assay::find(*value, "index");
        auto const* key = find_string(*value, "key");
        auto const* detail = assay::find(*value, "detail");
        if (index == nullptr || !index->is_int64() || index->get_int64() < 0 || key == nullptr || detail == nullptr) return false;
        auto const bytes = from_hex(*key);
        if (!bytes || bytes->size() != 32) return false;
        return openings_.emplace(static_cast<std::uint64_t>(index->get_int64()), Opening{*bytes, *detail}).second;
    }

    void read_entries()
    {
        auto const size = report_.checkpoint->size;
        for (auto const& bundle : bundles_of(size)) {
            auto const path = entries_path(bundle.index, bundle.width);
            auto const bytes = read_(path);
            if (!bytes) return find(bundle.index * tile_width, "missing: " + path);
            auto const entries = decode_bundle(bytes_of(*bytes));
            if (!entries || entries->size() != bundle.width)
                return find(bundle.index * tile_width, path + " does not hold " + std::to_string(bundle.width) + " entries");
            for (auto const& entry : *entries) {
                leaves_.push_back(leaf_hash(entry));
                tree_.append(leaves_.back());
                read_entry(entry);
                ++report_.entries;
            }
        }
    }

    void read_entry(ByteView entry)
    {
        auto const index = report_.entries;
        auto const value = parse_json(text_of(entry), {.size_max = entry_size_max});
        if (!value || !value->is_object()) return find(index, "the entry is not a JSON object");
        if (canonical_json(*value) != text_of(entry)) return find(index, "the entry is not in canonical form");
        auto const* tenant = find_string(*value, "tenant");
        auto const* stream = find_string(*value, "stream");
        auto const* type = find_string(*value, "type");
        auto const* sequence = assay::find(*value, "sequence");
        if (tenant == nullptr || stream == nullptr || type == nullptr || sequence == nullptr || !sequence->is_int64())
            return find(index, "the entry lacks tenant, stream, sequence or type");
        if (tenant_.empty()) tenant_ = *tenant;
        if (tenant_ != *tenant) find(index, "the entry is of another tenant: " + std::string{*tenant});
        auto& last = sequences_[std::string{*stream}];
        if (sequence->get_int64() != ++last) {
            find(index, "stream " + std::string{*stream} + ": expected sequence " + std::to_string(last) + ", found " + std::to_string(sequence->get_int64()));
            last = sequence->get_int64();
        }
        ++report_.entries_by_type[std::string{*type}];

        auto opened = OpenedEntry{.index = index, .document = value->get_object(), .detail = std::nullopt};
        auto const* commitment = find_string(*value, "commitment");
        if (commitment != nullptr) ++report_.commitments;
        if (auto const opening = openings_.find(index); opening != openings_.end()) {
            auto const expected = to_string(hmac_sha256(opening->second.key, bytes_of(canonical_json(opening->second.detail))));
            if (commitment == nullptr || std::string_view{*commitment} != expected) {
                find(index, "the opening does not fit the entry's commitment");
            } else {
                ++report_.openings;
                opened.detail = opening->second.detail;
            }
        }
        if (visit_) visit_(opened);
    }

    void compare_root()
    {
        if (report_.entries != report_.checkpoint->size) return; // said already
        if (tree_.root() != report_.checkpoint->root) find(std::nullopt, "the entries do not give the root that the checkpoint signs");
    }

    void compare_tiles()
    {
        if (leaves_.size() != report_.checkpoint->size) return;
        auto const expected = grow(0, leaves_, [](TileId const&) { return std::nullopt; });
        for (auto const& write : *expected) {
            auto const path = tile_path(write.tile);
            auto const bytes = read_(path);
            if (!bytes) {
                find(std::nullopt, "missing: " + path);
            } else if (*bytes != text_of(write.bytes)) {
                find(std::nullopt, path + " does not agree with the entries");
            }
        }
    }

    void compare_old_checkpoint()
    {
        if (!options_.old_checkpoint) return;
        auto const old = open_checkpoint(*options_.old_checkpoint, *key_);
        if (!old) return find(std::nullopt, "the old checkpoint: " + old.error().message());
        if (old->size > leaves_.size())
            return find(std::nullopt, "the log was cut: the old checkpoint had " + std::to_string(old->size) + " entries, now there are " + std::to_string(leaves_.size()));
        auto prefix = GrowingTree{};
        for (auto i = std::size_t{}; i < old->size; ++i) prefix.append(leaves_[i]);
        if (prefix.root() != old->root) return find(std::nullopt, "the first " + std::to_string(old->size) + " entries are not those of the old checkpoint");
        report_.consistent_with_old = true;
    }

    BundleReader const& read_;
    AuditOptions const& options_;
    std::function<void(OpenedEntry const&)> const& visit_;
    AuditReport report_;
    std::optional<VerifierKey> key_;
    std::map<std::uint64_t, Opening> openings_;
    std::vector<Sha256Digest> leaves_;
    GrowingTree tree_;
    std::string tenant_;
    std::map<std::string, std::int64_t> sequences_;
};

} // namespace

AuditReport verify_audit(BundleReader const& read, AuditOptions const& options, std::function<void(OpenedEntry const&)> const& visit)
{
    return Audit{read, options, visit}.run();
}

std::string opening_line(std::uint64_t index, ByteView key, json::value const& detail)
{
    return canonical_json(json::value{{"index", index}, {"key", to_hex(key)}, {"detail", detail}}) + "\n";
}

} // namespace assay::credentials::tlog
