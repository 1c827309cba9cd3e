#include "credentials/log/checkpoint.hpp"

#include <algorithm>
#include <charconv>

namespace assay::credentials::tlog {
namespace {

/// The next line without its newline; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text)
{
    auto const end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    auto const line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

} // namespace

std::string to_text(Checkpoint const& c) { return c.origin + "\n" + std::to_string(c.size) + "\n" + to_base64(c.root.octets) + "\n"; }

result<Checkpoint> parse_checkpoint_text(std::string_view text)
{
    auto const origin = take_line(text), size = take_line(text), root = take_line(text);
    if (!origin || !size || !root || origin->empty() || size->empty()) return errc::malformed_checkpoint;
    auto checkpoint = Checkpoint{.origin = std::string{*origin}, .size = 0, .root = {}};
    auto const [end, status] = std::from_chars(size->data(), size->data() + size->size(), checkpoint.size);
    if (status != std::errc{} || end != size->data() + size->size() || (size->size() > 1 && size->front() == '0')) return errc::malformed_checkpoint;
    auto const digest = from_base64(*root);
    if (!digest || digest->size() != checkpoint.root.octets.size()) return errc::malformed_checkpoint;
    std::ranges::copy(*digest, checkpoint.root.octets.begin());
    while (auto const extension = take_line(text))
        if (extension->empty()) return errc::malformed_checkpoint;
    if (!text.empty()) return errc::malformed_checkpoint;
    return checkpoint;
}

std::string sign_checkpoint(Checkpoint const& checkpoint, VerifierKey const& key, SignBytes const& sign)
{
    EXPECTS(checkpoint.origin == key.name);
    return sign_note(to_text(checkpoint), key, sign);
}

result<Checkpoint> open_checkpoint(std::string_view note, VerifierKey const& key)
{
    auto const verified = verify_note(note, {&key, 1});
    if (!verified) return verified.error();
    if (verified->empty()) return errc::unsigned_note;
    auto const parsed = parse_note(note);
    auto checkpoint = parse_checkpoint_text(parsed->text);
    if (checkpoint && checkpoint->origin != key.name) return errc::malformed_checkpoint;
    return checkpoint;
}

} // namespace assay::credentials::tlog
