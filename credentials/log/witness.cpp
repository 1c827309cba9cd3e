#include "credentials/log/witness.hpp"

#include "credentials/log/merkle.hpp"

#include <algorithm>
#include <charconv>

namespace assay::credentials::tlog {
namespace {
constexpr std::string_view old_word = "old ";
constexpr auto proof_max = std::size_t{63};
} // namespace

std::string to_string(AddCheckpoint const& request)
{
    auto text = std::string{old_word} + std::to_string(request.old_size) + "\n";
    for (auto const& hash : request.proof) text += to_base64(hash.octets) + "\n";
    return text + "\n" + request.checkpoint;
}

result<AddCheckpoint> parse_add_checkpoint(std::string_view body)
{
    auto const blank = body.find("\n\n");
    if (body.size() > 2 * note_size_max || blank == std::string_view::npos || !body.starts_with(old_word)) return errc::malformed_receipt;
    auto request = AddCheckpoint{};
    request.checkpoint = body.substr(blank + 2);
    auto lines = body.substr(0, blank + 1);
    auto end = lines.find('\n');
    auto const digits = lines.substr(old_word.size(), end - old_word.size());
    auto const [last, status] = std::from_chars(digits.data(), digits.data() + digits.size(), request.old_size);
    if (status != std::errc{} || last != digits.data() + digits.size() || std::to_string(request.old_size) != digits) return errc::malformed_receipt;
    lines.remove_prefix(end + 1);
    while (!lines.empty()) {
        end = lines.find('\n');
        auto const hash = from_base64(lines.substr(0, end));
        if (!hash || hash->size() != 32 || request.proof.size() == proof_max) return errc::malformed_receipt;
        std::ranges::copy(*hash, request.proof.emplace_back().octets.begin());
        lines.remove_prefix(end + 1);
    }
    return request;
}

int http_status(Refusal refusal) noexcept
{
    switch (refusal) {
    case Refusal::malformed: return 400;
    case Refusal::unknown_log: return 404;
    case Refusal::not_signed: return 403;
    case Refusal::other_size: return 409;
    case Refusal::not_consistent: return 422;
    }
    return 400;
}

std::string_view to_string(Refusal refusal) noexcept
{
    switch (refusal) {
    case Refusal::malformed: return "the request can't be read";
    case Refusal::unknown_log: return "this witness does not watch that log";
    case Refusal::not_signed: return "the checkpoint is not signed by the log's key";
    case Refusal::other_size: return "the old size is not that of the checkpoint that was cosigned last, or another root was cosigned for this size";
    case Refusal::not_consistent: return "the proof does not show that the checkpoint extends the one that was cosigned last";
    }
    return "refused";
}

std::variant<Checkpoint, Refusal> judge(AddCheckpoint const& request, std::optional<Checkpoint> const& latest, std::span<VerifierKey const> logs)
{
    auto const note = parse_note(request.checkpoint);
    if (!note) return Refusal::malformed;
    auto const claimed = parse_checkpoint_text(note->text);
    if (!claimed) return Refusal::malformed;
    auto named = std::vector<VerifierKey>{};
    for (auto const& key : logs)
        if (key.name == claimed->origin && key.type == KeyType::ed25519) named.push_back(key);
    if (named.empty()) return Refusal::unknown_log;
    auto const is_signed = std::ranges::any_of(named, [&](VerifierKey const& key) { return open_checkpoint(request.checkpoint, key).has_value(); });
    if (!is_signed) return Refusal::not_signed;

    if (request.old_size > claimed->size) return Refusal::malformed;
    auto const known = latest.value_or(Checkpoint{claimed->origin, 0, empty_root()});
    if (request.old_size != known.size) return Refusal::other_size;
    if (known.size == claimed->size && known.root != claimed->root) return Refusal::other_size; // a fork: the one thing that must never be cosigned
    if (known.size == 0 || known.size == claimed->size) {
        if (!request.proof.empty()) return Refusal::not_consistent;
        return *claimed;
    }
    if (!verify_consistency(known.size, claimed->size, known.root, claimed->root, request.proof)) return Refusal::not_consistent;
    return *claimed;
}

result<std::string> cosignature_in(std::string_view note, std::string_view answer, VerifierKey const& witness)
{
    EXPECTS(witness.type == KeyType::cosignature);
    auto whole = parse_note(std::string{note} + std::string{answer});
    if (!whole) return whole.error();
    std::erase_if(whole->signatures, [&](NoteSignature const& signature) { return signature.name != witness.name || signature.key_id != witness.id; });
    if (whole->signatures.size() != 1) return errc::unsigned_note;
    auto const cosigned = to_string(*whole);
    auto const verified = verify_note(cosigned, {&witness, 1});
    if (!verified) return verified.error();
    return cosigned.substr(whole->text.size() + 1);
}

result<std::uint64_t> parse_size_answer(std::string_view answer)
{
    auto size = std::uint64_t{};
    auto const digits = answer.substr(0, answer.find('\n'));
    auto const status = std::from_chars(digits.data(), digits.data() + digits.size(), size).ec;
    if (status != std::errc{} || std::to_string(size) + "\n" != answer) return errc::malformed_receipt; // one spelling
    return size;
}

std::string cosignature_line(std::string_view note, VerifierKey const& witness, std::uint64_t time, SignBytes const& sign)
{
    EXPECTS(witness.type == KeyType::cosignature);
    auto cosigned = parse_note(note).value();
    auto const message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + cosigned.text;
    auto const signature = sign(bytes_of(message));
    auto timed = Bytes{};
    append_big_endian(timed, time, 8);
    append(timed, signature);
    cosigned.signatures.assign(1, {witness.name, witness.id, std::move(timed)});
    auto const whole = to_string(cosigned);
    return whole.substr(cosigned.text.size() + 1);
}

} // namespace assay::credentials::tlog
