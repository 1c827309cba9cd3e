#include "core/json.hpp"
#include "credentials/log/checkpoint.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

namespace assay::credentials::tlog {
namespace {

TEST(Note, AgreesWithThePublishedExamples)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/notes/notes.json");
    auto const v = parse_json(test::read_file(test::shared_directory() / "testdata/vectors/notes/notes.json")).value();
    for (auto const& c : v.at("cases").as_array()) {
        auto keys = std::vector<VerifierKey>{};
        for (auto const& key : c.at("vkeys").as_array()) {
            keys.push_back(parse_verifier_key(key.as_string()).value());
            EXPECT_EQ(to_string(keys.back()), std::string_view{key.as_string()});
        }
        auto const verified = verify_note(c.at("note").as_string(), keys);
        EXPECT_EQ(verified.has_value(), c.at("ok").as_bool()) << c.at("name");
        if (verified) {
            EXPECT_EQ(static_cast<std::int64_t>(verified->size()), c.at("signatures").as_int64()) << c.at("name");
        }
    }
    auto const& example = v.at("checkpointFormatExample");
    auto const note = parse_note(example.at("note").as_string()).value();
    auto const checkpoint = parse_checkpoint_text(note.text).value();
    EXPECT_EQ(checkpoint.origin, std::string_view{example.at("origin").as_string()});
    EXPECT_EQ(checkpoint.size, 20852163U);
    EXPECT_EQ(to_base64(checkpoint.root.octets), std::string_view{example.at("root").as_string()});
    EXPECT_EQ(to_string(note), std::string_view{example.at("note").as_string()});
}

struct TestKey {
    TestKey()
    {
        auto seed = std::array<unsigned char, 32>{7};
        crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret.data(), seed.data());
    }
    std::array<std::byte, 64> sign(ByteView message) const
    {
        auto signature = std::array<std::byte, 64>{};
        crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                             reinterpret_cast<unsigned char const*>(message.data()), message.size(), secret.data());
        return signature;
    }
    std::array<std::byte, 32> public_key{};
    std::array<unsigned char, 64> secret{};
};

TEST(Checkpoint, OpensWhatItSignedAndNothingAltered)
{
    auto const key = TestKey{};
    auto const verifier = make_verifier_key("example.com/audit/demo", KeyType::ed25519, key.public_key);
    auto const checkpoint = Checkpoint{.origin = verifier.name, .size = 42, .root = sha256("root")};
    auto const note = sign_checkpoint(checkpoint, verifier, [&](ByteView m) { return key.sign(m); });
    EXPECT_EQ(open_checkpoint(note, verifier).value(), checkpoint);
    for (auto i = std::size_t{}; i < note.size(); ++i) {
        auto altered = note;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        EXPECT_FALSE(open_checkpoint(altered, verifier)) << i;
    }
    auto const other = make_verifier_key("example.com/audit/other", KeyType::ed25519, key.public_key);
    EXPECT_EQ(open_checkpoint(note, other).error(), errc::unsigned_note);
}

TEST(Cosignature, IsVerifiedOverTimeAndText)
{
    auto const key = TestKey{};
    auto const verifier = make_verifier_key("witness.example/w1", KeyType::cosignature, key.public_key);
    auto const text = to_text({.origin = "log.example/x", .size = 1, .root = sha256("r")});
    auto const signature = key.sign(bytes_of("cosignature/v1\ntime 1679315147\n" + text)); // C2SP tlog-cosignature
    auto raw = Bytes{};
    append_big_endian(raw, 1679315147, 8);
    append(raw, signature);
    auto note = Note{.text = text, .signatures = {{verifier.name, verifier.id, raw}}};
    EXPECT_EQ(verify_note(to_string(note), {&verifier, 1}).value().at(0).time, 1679315147U);
    note.signatures[0].signature[7] ^= std::byte{1};
    EXPECT_EQ(verify_note(to_string(note), {&verifier, 1}).error(), errc::bad_signature);
}

TEST(CheckpointText, HasOneFormOnly)
{
    auto const root = to_base64(sha256("r").octets);
    EXPECT_TRUE(parse_checkpoint_text("o\n0\n" + root + "\n"));
    for (auto const& text : {"o\n00\n" + root + "\n", "o\n-1\n" + root + "\n", "\n1\n" + root + "\n", "o\n1\n" + root, "o\n1\nAAAA\n" + std::string{},
                             "o\n1 \n" + root + "\n", "o\n18446744073709551616\n" + root + "\n"})
        EXPECT_FALSE(parse_checkpoint_text(text)) << text;
}

} // namespace
} // namespace assay::credentials::tlog
