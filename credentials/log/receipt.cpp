#include "credentials/log/receipt.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <charconv>

namespace assay::credentials::tlog {
namespace {
constexpr std::string_view magic = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view index_word = "index ";
} // namespace

std::string to_string(Receipt const& receipt)
{
    auto text = std::string{magic} + std::string{index_word} + std::to_string(receipt.index) + "\n";
    for (auto const& hash : receipt.proof) text += to_base64(hash.octets) + "\n";
    return text + "\n" + receipt.checkpoint;
}

result<Receipt> parse_receipt(std::string_view text)
{
    if (text.size() > note_size_max || !text.starts_with(magic)) return errc::malformed_receipt;
    text.remove_prefix(magic.size());
    auto receipt = Receipt{};
    auto const blank = text.find("\n\n");
    if (blank == std::string_view::npos || !text.starts_with(index_word)) return errc::malformed_receipt;
    auto lines = text.substr(0, blank + 1);
    receipt.checkpoint = text.substr(blank + 2);
    auto end = lines.find('\n');
    auto const digits = lines.substr(index_word.size(), end - index_word.size());
    auto const [last, status] = std::from_chars(digits.data(), digits.data() + digits.size(), receipt.index);
    if (status != std::errc{} || last != digits.data() + digits.size() || std::to_string(receipt.index) != digits) return errc::malformed_receipt;
    lines.remove_prefix(end + 1);
    while (!lines.empty()) {
        end = lines.find('\n');
        auto const hash = from_base64(lines.substr(0, end));
        if (!hash || hash->size() != 32 || receipt.proof.size() == 64) return errc::malformed_receipt;
        std::ranges::copy(*hash, receipt.proof.emplace_back().octets.begin());
        lines.remove_prefix(end + 1);
    }
    return receipt;
}

bool is_receipt_file(std::string_view bytes)
{
    auto const parsed = parse_json(bytes, {.size_max = 1 << 20});
    return parsed && find_string(*parsed, "entry") != nullptr && find_string(*parsed, "receipt") != nullptr;
}

result<Checkpoint> verify_receipt(Receipt const& receipt, ByteView entry, VerifierKey const& key)
{
    auto checkpoint = open_checkpoint(receipt.checkpoint, key);
    if (!checkpoint) return checkpoint;
    if (!verify_inclusion(leaf_hash(entry), receipt.index, checkpoint->size, receipt.proof, checkpoint->root)) return errc::bad_signature;
    return checkpoint;
}

} // namespace assay::credentials::tlog
