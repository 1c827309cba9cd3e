#include "credentials/errors.hpp"
#include "credentials/sd_jwt.hpp"
#include "credentials/token_status_list.hpp"
#include "credentials/verify.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/credentials/token_keys.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace assay::credentials {
namespace {

json::value shared_json(std::string const& relative)
{
    return parse_json(assay::test::read_file(assay::test::shared_directory() / relative)).value();
}

// RFC 9901, the examples of appendix A and of key binding: signatures, digests and what the claims become.
TEST(SdJwt, ReadsTheExamplesOfTheRfc)
{
    constexpr auto file = "testdata/vectors/sd-jwt/rfc9901-examples.json";
    ASSAY_NEEDS_SHARED(file);
    auto const vectors = shared_json(file);
    auto const key = parse_jwk(vectors.at("issuerPublicJwk").as_object()).value();
    auto count = 0;
    for (auto const& one : vectors.at("cases").as_array()) {
        auto text = std::string{};
        if (auto const* whole = find_string(one, "sdjwt")) {
            text = *whole;
        } else {
            text = std::string{*find_string(one, "jwt")} + "~";
            for (auto const& disclosure : one.at("disclosures").as_array()) text += std::string{disclosure.as_string()} + "~";
        }
        auto const parsed = parse_sd_jwt(text);
        ASSERT_TRUE(parsed) << *find_string(one, "name");
        EXPECT_EQ(verify_signature(key, bytes_of(parsed->jws.signing_input), parsed->jws.signature), one.at("signatureOk").as_bool());
        auto const disclosed = disclose(*parsed, parse_json(parsed->jws.payload).value().as_object(), {});
        EXPECT_TRUE(disclosed.complaint.empty()) << disclosed.complaint;
        EXPECT_EQ(canonical_json(disclosed.claims).find("\"_sd\""), std::string::npos);
        for (auto const& digest : one.at("digests").as_array())
            if (auto const* contents = find_array(digest, "contents"); contents != nullptr && contents->size() == 3) {
                EXPECT_NE(canonical_json(disclosed.claims).find(canonical_json(contents->at(1))), std::string::npos);
            }
        ++count;
    }
    EXPECT_GE(count, 3);
}

TEST(TokenStatusList, ReadsTheVectorsOfTheDraft)
{
    constexpr auto file = "testdata/vectors/token-status-list/token-status-list.json";
    ASSAY_NEEDS_SHARED(file);
    auto count = 0;
    auto const vectors = shared_json(file);
    for (auto const& one : vectors.at("cases").as_array()) {
        auto const list = TokenStatusList::decode(*find_string(one, "lst"), static_cast<unsigned>(one.at("bits").as_int64()));
        ASSERT_TRUE(list) << *find_string(one, "name");
        EXPECT_EQ(list->size(), static_cast<std::size_t>(one.at("size").as_int64()));
        if (auto const* hex = find_string(one, "bytesHex")) {
            EXPECT_EQ(to_hex(list->octets()), std::string_view{*hex});
        }
        for (auto const& entry : one.at("values").as_object())
            EXPECT_EQ(list->at(std::stoull(std::string{entry.key()})).value(), static_cast<unsigned>(entry.value().as_int64())) << entry.key();
        EXPECT_EQ(list->at(list->size()).error(), errc::status_index_out_of_range);
        ++count;
    }
    EXPECT_GE(count, 5);
    EXPECT_FALSE(TokenStatusList::decode("eNrbuRgAAhcBXQ", 3));
}

// An SD-JWT VC of our making, since nothing of ours issues them.
struct Wallet {
    std::string issuer = "https://issuer.example/t/acme";
    std::string status_uri = "https://issuer.example/statuslists/1";
    TokenKeyPair key = test::p256_pair(7);
    TokenKeyPair holder = test::p256_pair(9);
    Timestamp now = test::at("2026-11-24T00:00:00Z");
    std::vector<std::string> disclosures;

    static std::string compact(TokenKeyPair const& key, json::object const& header, json::object const& payload)
    {
        auto text = to_base64url(bytes_of(canonical_json(header))) + "." + to_base64url(bytes_of(canonical_json(payload)));
        return text + "." + to_base64url(key.sign(bytes_of(text)));
    }
    static json::object header() { return {{"alg", "ES256"}, {"typ", "dc+sd-jwt"}, {"kid", "k1"}}; }

    std::string disclose(json::array parts)
    {
        disclosures.push_back(to_base64url(bytes_of(canonical_json(parts))));
        return to_base64url(sha256(std::string_view{disclosures.back()}).octets);
    }
    json::object claims()
    {
        disclosures.clear();
        return {{"iss", issuer},
                {"vct", "https://issuer.example/certificate"},
                {"iat", 1'795'000'000},
                {"nbf", 1'795'000'000},
                {"exp", 1'860'000'000},
                {"_sd_alg", "sha-256"},
                {"cnf", json::object{{"jwk", to_jwk(holder.public_key())}}},
                {"_sd", json::array{disclose({"s1", "name", "Ada"}), disclose({"s2", "level", "expert"}), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
                {"skills", json::array{"pumps", json::object{{"...", disclose({"s3", "valves"})}}}}};
    }
    std::string presented(json::object const& payload, json::object const& head = header()) const
    {
        auto text = compact(key, head, payload) + "~";
        for (auto const& one : disclosures) text += one + "~";
        return text;
    }
    Documents documents(std::string const& list = {}) const
    {
        auto jwk = to_jwk(key.public_key());
        jwk["kid"] = "k1";
        auto documents = Documents{};
        documents.by_url["https://issuer.example/.well-known/jwt-vc-issuer/t/acme"] =
            canonical_json(json::object{{"issuer", issuer}, {"jwks", json::object{{"keys", json::array{jwk}}}}});
        if (!list.empty()) documents.by_url[status_uri] = list;
        return documents;
    }
    Verification verify_now(std::string const& text, std::string const& list = {}) const { return verify(bytes_of(text), documents(list), now); }

    std::string status_list(std::vector<unsigned char> octets, int bits) const
    {
        auto packed = std::vector<unsigned char>(200);
        auto size = uLongf{packed.size()};
        compress(packed.data(), &size, octets.data(), octets.size());
        auto const lst = to_base64url(std::as_bytes(std::span{packed}.first(size)));
        return compact(key, {{"alg", "ES256"}, {"typ", "statuslist+jwt"}, {"kid", "k1"}},
                       {{"sub", status_uri}, {"iat", 1'795'400'000}, {"exp", 1'796'400'000}, {"status_list", json::object{{"bits", bits}, {"lst", lst}}}});
    }
};

TEST(VerifySdJwt, AcceptsEveryChoiceOfDisclosures)
{
    auto wallet = Wallet{};
    auto const claims = wallet.claims();
    auto const all = wallet.disclosures;
    for (auto mask = 0U; mask < 8; ++mask) {
        wallet.disclosures.clear();
        for (auto i = 0U; i < 3; ++i)
            if ((mask >> i & 1) != 0) wallet.disclosures.push_back(all[i]);
        auto const report = wallet.verify_now(wallet.presented(claims));
        EXPECT_EQ(report.verdict(), Verdict::valid) << mask << report.proof.detail << report.issuer.detail << report.further.front().finding.detail;
    }
}

TEST(VerifySdJwt, WantsEachDisclosureReferencedExactlyOnce)
{
    auto wallet = Wallet{};
    auto const verdict = [&](auto change) {
        auto claims = wallet.claims();
        change(claims);
        return wallet.verify_now(wallet.presented(claims)).verdict();
    };
    EXPECT_EQ(verdict([](auto&) {}), Verdict::valid);
    EXPECT_EQ(verdict([&](auto&) { wallet.disclosures.push_back(wallet.disclosures.front()); }), Verdict::invalid) << "repeated";
    EXPECT_EQ(verdict([&](auto&) { (void)wallet.disclose({"s9", "extra", 1}); }), Verdict::invalid) << "unreferenced";
    EXPECT_EQ(verdict([&](auto&) { wallet.disclosures.front()[5] ^= 1; }), Verdict::invalid) << "altered";
    EXPECT_EQ(verdict([](auto& c) { c["_sd"].as_array().push_back(c["_sd"].as_array().front()); }), Verdict::invalid) << "a digest twice";
    EXPECT_EQ(verdict([](auto& c) { c["name"] = "Eve"; }), Verdict::invalid) << "overwritten";
    EXPECT_EQ(verdict([](auto& c) { c["_sd_alg"] = "sha-512"; }), Verdict::invalid);
    EXPECT_EQ(verdict([&](auto& c) { c["_sd"].as_array().push_back(json::value(wallet.disclose({"s5", "_sd", json::array{}}))); }), Verdict::invalid);
    EXPECT_EQ(verdict([&](auto& c) { c["_sd"].as_array().push_back(json::value(wallet.disclose({"s5", "element"}))); }), Verdict::invalid) << "an element among members";
    for (auto const* name : {"iss", "nbf", "exp", "cnf", "vct", "status"})
        EXPECT_EQ(verdict([&](auto& c) {
                      c.erase(name);
                      c["_sd"].as_array().push_back(json::value(wallet.disclose({"s5", name, "x"})));
                  }),
                  Verdict::invalid)
            << name;
}

TEST(VerifySdJwt, JudgesKeyTypePeriodAndIssuer)
{
    auto wallet = Wallet{};
    auto const claims = wallet.claims();
    auto const with_header = [&](char const* member, json::value value) {
        auto header = Wallet::header();
        header[member] = std::move(value);
        return wallet.verify_now(wallet.presented(claims, header)).verdict();
    };
    EXPECT_EQ(with_header("typ", "JWT"), Verdict::invalid);
    EXPECT_EQ(with_header("alg", "RS256"), Verdict::invalid);
    EXPECT_EQ(with_header("alg", "none"), Verdict::invalid);
    EXPECT_EQ(with_header("kid", "k2"), Verdict::invalid);
    EXPECT_EQ(with_header("jwk", to_jwk(wallet.key.public_key())), Verdict::invalid);
    EXPECT_EQ(verify(bytes_of(wallet.presented(claims)), {}, wallet.now).verdict(), Verdict::unknown);
    EXPECT_EQ(verify(bytes_of(wallet.presented(claims)), wallet.documents(), test::at("2040-01-01T00:00:00Z")).verdict(), Verdict::expired);
    EXPECT_EQ(verify(bytes_of(wallet.presented(claims)), wallet.documents(), test::at("2020-01-01T00:00:00Z")).verdict(), Verdict::invalid);
}

TEST(VerifySdJwt, HoldsThePresentationToTheHoldersKey)
{
    auto wallet = Wallet{};
    auto const claims = wallet.claims();
    auto const presented = wallet.presented(claims);
    auto const bound = [&](TokenKeyPair const& key, std::string const& over) {
        auto const payload = json::object{{"aud", "https://verifier.example"}, {"nonce", "n"}, {"iat", 1'795'400'000}, {"sd_hash", to_base64url(sha256(over).octets)}};
        return wallet.verify_now(presented + Wallet::compact(key, {{"alg", "ES256"}, {"typ", "kb+jwt"}}, payload)).verdict();
    };
    EXPECT_EQ(bound(wallet.holder, presented), Verdict::valid);
    EXPECT_EQ(bound(wallet.key, presented), Verdict::invalid);
    EXPECT_EQ(bound(wallet.holder, presented + "x"), Verdict::invalid);
}

TEST(VerifySdJwt, ReadsItsTokenStatusList)
{
    auto wallet = Wallet{};
    auto claims = wallet.claims();
    claims["status"] = json::object{{"status_list", json::object{{"idx", 5}, {"uri", wallet.status_uri}}}};
    auto const text = wallet.presented(claims);
    EXPECT_EQ(wallet.verify_now(text).verdict(), Verdict::unknown) << "no list at hand";
    EXPECT_EQ(wallet.verify_now(text, wallet.status_list({0, 0}, 1)).verdict(), Verdict::valid);
    EXPECT_EQ(wallet.verify_now(text, wallet.status_list({0x20, 0}, 1)).verdict(), Verdict::revoked);
    EXPECT_EQ(wallet.verify_now(text, wallet.status_list({0, 0x08}, 2)).verdict(), Verdict::suspended) << "2 bits at 10 and 11, least significant first";
    EXPECT_EQ(wallet.verify_now(text, wallet.status_list({0, 0x0c}, 2)).verdict(), Verdict::unknown) << "3 is the application's";
    EXPECT_EQ(wallet.verify_now(text, wallet.status_list({0}, 2)).verdict(), Verdict::unknown) << "too short";
    auto forged = wallet.status_list({0, 0}, 1);
    forged[forged.size() / 2] ^= 1;
    EXPECT_EQ(wallet.verify_now(text, forged).verdict(), Verdict::unknown);
}

TEST(SdJwt, RefusesWhatIsNone)
{
    for (auto const* bad : {"", "~", "a.b.c", "a.b.c~", "e30.e30.AA~~", "e30.e30.AA~x~y"}) EXPECT_EQ(parse_sd_jwt(bad).error(), errc::malformed_sd_jwt) << bad;
}

} // namespace
} // namespace assay::credentials
