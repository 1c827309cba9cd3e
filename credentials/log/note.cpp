#include "credentials/log/note.hpp"

#include "core/hash.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sodium.h>

namespace assay::credentials::tlog {
namespace {

constexpr std::string_view dash = "\xe2\x80\x94 "; // em dash, space

bool is_utf8_text(std::string_view text)
{
    for (auto i = std::size_t{}; i < text.size();) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            if ((c < 0x20 && c != '\n') || c == 0x7f) return false;
            ++i;
            continue;
        }
        auto const length = c >= 0xf0 && c <= 0xf4 ? 4U : c >= 0xe0 && c < 0xf0 ? 3U : c >= 0xc2 && c < 0xe0 ? 2U : 0U;
        if (length == 0 || i + length > text.size()) return false;
        auto code = c & (0xffU >> (length + 1));
        for (auto k = 1U; k < length; ++k) {
            auto const next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0) != 0x80) return false;
            code = code << 6 | (next & 0x3fU);
        }
        if ((length == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) || (length == 4 && (code < 0x10000 || code > 0x10ffff))) return false;
        i += length;
    }
    return true;
}

bool is_key_name(std::string_view name) { return !name.empty() && name.size() <= 256 && name.find_first_of(" +\n\t") == std::string_view::npos; }

std::uint32_t key_id(std::string_view name, KeyType type, std::array<std::byte, 32> const& public_key)
{
    auto input = to_bytes(name);
    input.push_back(std::byte{0x0a});
    input.push_back(static_cast<std::byte>(type));
    append(input, public_key);
    auto const digest = sha256(input);
    auto id = std::uint32_t{};
    for (auto i = 0U; i < 4; ++i) id = id << 8 | std::to_integer<std::uint32_t>(digest.octets[i]);
    return id;
}

std::string hex8(std::uint32_t id)
{
    char text[16];
    std::snprintf(text, sizeof text, "%08x", id);
    return text;
}

bool ed25519_verifies(std::array<std::byte, 32> const& key, ByteView message, ByteView signature)
{
    return signature.size() == 64 &&
           crypto_sign_verify_detached(reinterpret_cast<unsigned char const*>(signature.data()),
                                       reinterpret_cast<unsigned char const*>(message.data()), message.size(),
                                       reinterpret_cast<unsigned char const*>(key.data())) == 0;
}

/// Cosignature v1: 8 bytes of time before the signature, which is over a header with that time and the note's text.
std::optional<std::uint64_t> cosignature_time(VerifierKey const& key, std::string_view text, ByteView signature)
{
    if (signature.size() != 72) return std::nullopt;
    auto time = std::uint64_t{};
    for (auto i = 0U; i < 8; ++i) time = time << 8 | std::to_integer<std::uint64_t>(signature[i]);
    auto const message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string{text};
    if (!ed25519_verifies(key.public_key, bytes_of(message), signature.subspan(8))) return std::nullopt;
    return time;
}

} // namespace

VerifierKey make_verifier_key(std::string name, KeyType type, std::array<std::byte, 32> const& public_key)
{
    EXPECTS(is_key_name(name));
    auto const id = key_id(name, type, public_key);
    return {std::move(name), id, type, public_key};
}

std::string to_string(VerifierKey const& key)
{
    auto raw = Bytes{static_cast<std::byte>(key.type)};
    append(raw, key.public_key);
    return key.name + "+" + hex8(key.id) + "+" + to_base64(raw);
}

result<VerifierKey> parse_verifier_key(std::string_view text)
{
    auto const first = text.find('+');
    if (text.size() > 512 || first == std::string_view::npos || text.size() < first + 10 || text[first + 9] != '+') return errc::malformed_key;
    auto const raw = from_base64(text.substr(first + 10));
    if (!raw || raw->size() != 33 || !is_key_name(text.substr(0, first))) return errc::malformed_key;
    auto const type = static_cast<KeyType>((*raw)[0]);
    if (type != KeyType::ed25519 && type != KeyType::cosignature) return errc::malformed_key;
    auto public_key = std::array<std::byte, 32>{};
    std::copy(raw->begin() + 1, raw->end(), public_key.begin());
    auto key = make_verifier_key(std::string{text.substr(0, first)}, type, public_key);
    if (hex8(key.id) != text.substr(first + 1, 8)) return errc::malformed_key;
    return key;
}

result<Note> parse_note(std::string_view bytes)
{
    if (bytes.size() > note_size_max || !is_utf8_text(bytes)) return errc::malformed_note;
    // The signatures follow the last blank line; the text may hold blank lines of its own.
    auto const blank = bytes.rfind("\n\n");
    if (blank == std::string_view::npos || !bytes.ends_with('\n')) return errc::malformed_note;
    auto note = Note{.text = std::string{bytes.substr(0, blank + 1)}, .signatures = {}};
    auto rest = bytes.substr(blank + 2);
    if (rest.empty()) return errc::malformed_note;
    while (!rest.empty()) {
        auto const end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (!line.starts_with(dash) || note.signatures.size() == note_signatures_max) return errc::malformed_note;
        line.remove_prefix(dash.size());
        auto const space = line.find(' ');
        if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return errc::malformed_note;
        auto const raw = from_base64(line.substr(space + 1));
        if (!raw || raw->size() < 5) return errc::malformed_note;
        auto& signature = note.signatures.emplace_back();
        signature.name = line.substr(0, space);
        for (auto i = 0U; i < 4; ++i) signature.key_id = signature.key_id << 8 | std::to_integer<std::uint32_t>((*raw)[i]);
        signature.signature.assign(raw->begin() + 4, raw->end());
    }
    return note;
}

std::string to_string(Note const& note)
{
    auto text = note.text + "\n";
    for (auto const& s : note.signatures) {
        auto raw = Bytes{};
        append_big_endian(raw, s.key_id, 4);
        append(raw, s.signature);
        text += std::string{dash} + s.name + " " + to_base64(raw) + "\n";
    }
    return text;
}

std::string sign_note(std::string text, VerifierKey const& key, SignBytes const& sign)
{
    EXPECTS(text.ends_with('\n') && text.find("\n\n") == std::string::npos && key.type == KeyType::ed25519);
    auto const signature = sign(bytes_of(text));
    auto note = Note{.text = std::move(text), .signatures = {}};
    note.signatures.push_back({key.name, key.id, to_bytes(ByteView{signature})});
    return to_string(note);
}

result<std::vector<VerifiedSignature>> verify_note(std::string_view bytes, std::span<VerifierKey const> keys)
{
    auto const note = parse_note(bytes);
    if (!note) return note.error();
    auto verified = std::vector<VerifiedSignature>{};
    for (auto const& s : note->signatures) {
        auto const key = std::ranges::find_if(keys, [&](VerifierKey const& k) { return k.name == s.name && k.id == s.key_id; });
        if (key == keys.end()) continue;
        if (key->type == KeyType::cosignature) {
            auto const time = cosignature_time(*key, note->text, s.signature);
            if (!time) return errc::bad_signature;
            verified.push_back({s.name, *time});
        } else {
            if (!ed25519_verifies(key->public_key, bytes_of(note->text), s.signature)) return errc::bad_signature;
            verified.push_back({s.name, std::nullopt});
        }
    }
    return verified;
}

} // namespace assay::credentials::tlog
