#pragma once
// Signed notes (C2SP signed-note): text, a blank line, and a line "— name base64(key id || signature)" for each signer.
#include "core/bytes.hpp"
#include "core/contract.hpp"
#include "credentials/log/errors.hpp"

#include <functional>
#include <optional>

namespace assay::credentials::tlog {

constexpr std::size_t note_size_max = 64 << 10;
constexpr std::size_t note_signatures_max = 100;

enum class KeyType : unsigned char { ed25519 = 1, cosignature = 4 };

/// "name+hex8+base64(type || public key)".
struct VerifierKey {
    std::string name;
    std::uint32_t id = 0;       ///< first 4 bytes of SHA-256(name || 0A || type || public key)
    KeyType type = KeyType::ed25519;
    std::array<std::byte, 32> public_key{};
};
VerifierKey make_verifier_key(std::string name, KeyType type, std::array<std::byte, 32> const& public_key);
std::string to_string(VerifierKey const& key);
/// errc::malformed_key: also when the id is not that of the key, or the type is none that we know.
result<VerifierKey> parse_verifier_key(std::string_view text);

struct NoteSignature {
    std::string name;
    std::uint32_t key_id = 0;
    Bytes signature;
};
struct Note {
    std::string text; ///< ends in a newline
    std::vector<NoteSignature> signatures;
};
/// errc::malformed_note: size, UTF-8, control characters, the form of each line.
result<Note> parse_note(std::string_view bytes);
std::string to_string(Note const& note);

/// Makes the 64-byte signature over the text: Ed25519 by the caller's key.
using SignBytes = std::function<std::array<std::byte, 64>(ByteView message)>;
/// `text` signed by one Ed25519 key. Expects text to end in a newline and to hold no blank line.
std::string sign_note(std::string text, VerifierKey const& key, SignBytes const& sign);

struct VerifiedSignature {
    std::string name;
    std::optional<std::uint64_t> time; ///< of a cosignature: seconds since 1970
};
/// Every signature whose key is among `keys`, verified; unknown ones are passed over.
/// errc::bad_signature when one of a known key does not verify; malformed_note.
result<std::vector<VerifiedSignature>> verify_note(std::string_view bytes, std::span<VerifierKey const> keys);

} // namespace assay::credentials::tlog
