#include "server/net/tls_certificate.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::net {
namespace {

using namespace std::chrono_literals;

constexpr auto now = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}};

class OwnCertificate : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("assay-tls-" + std::to_string(::getpid()));

    /// What the openssl program says of the certificate.
    std::string described() const
    {
        auto const command = "openssl x509 -noout -text -in " + (folder / "tls.crt").string();
        auto* const pipe = ::popen(command.c_str(), "r");
        auto out = std::string{};
        for (auto buffer = std::array<char, 4096>{}; auto const got = std::fread(buffer.data(), 1, buffer.size(), pipe);) out.append(buffer.data(), got);
        ::pclose(pipe);
        return out;
    }
};

TEST_F(OwnCertificate, IsMadeOnceForLoopbackAndTheConfiguredHosts)
{
    auto const files = ensure_own_certificate(folder, {"exam.example", "192.0.2.7"}, now);
    auto const text = described();
    for (auto const* part : {"ASN1 OID: prime256v1", "DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1", "DNS:exam.example",
                             "IP Address:192.0.2.7", "CA:FALSE", "TLS Web Server Authentication", "Not After : Dec 25 00:00:00 2027 GMT"})
        EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
    auto const first = certificate_fingerprint(files.certificate);
    ensure_own_certificate(folder, {"exam.example"}, now + 24h * 30);
    EXPECT_EQ(certificate_fingerprint(files.certificate), first) << "still good: not made again";
}

TEST_F(OwnCertificate, KeepsItsKeyToItself)
{
    auto const files = ensure_own_certificate(folder, {}, now);
    struct stat status {};
    ASSERT_EQ(::stat(files.key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(OwnCertificate, IsRenewedNearItsEndAndForANewHost)
{
    auto const files = ensure_own_certificate(folder, {}, now);
    auto const first = certificate_fingerprint(files.certificate);
    ensure_own_certificate(folder, {}, now + 24h * 368);
    auto const second = certificate_fingerprint(files.certificate);
    EXPECT_NE(first, second) << "29 days before its end";
    ensure_own_certificate(folder, {"new.example"}, now + 24h * 369);
    EXPECT_NE(certificate_fingerprint(files.certificate), second);
}

TEST_F(OwnCertificate, IsMadeAgainWhenKeyAndCertificateDoNotFit)
{
    auto const files = ensure_own_certificate(folder, {}, now);
    auto const first = certificate_fingerprint(files.certificate);
    { std::ofstream{files.key} << "a crash left this"; }
    ensure_own_certificate(folder, {}, now);
    EXPECT_NE(certificate_fingerprint(files.certificate), first);
    EXPECT_NO_THROW(TlsContext{files});
}

TEST_F(OwnCertificate, RefusesHostsThatWouldWriteIntoTheCertificate)
{
    EXPECT_THROW(ensure_own_certificate(folder, {"a,DNS:evil.example"}, now), std::invalid_argument);
}

TEST_F(OwnCertificate, AContextThatCannotBeReloadedKeepsWhatItHas)
{
    auto const files = ensure_own_certificate(folder, {}, now);
    auto context = TlsContext{files};
    auto const before = context.current();
    { std::ofstream{files.certificate} << "broken"; }
    EXPECT_ANY_THROW(context.reload());
    EXPECT_EQ(context.current(), before);
    std::filesystem::remove(files.certificate);
    ensure_own_certificate(folder, {}, now);
    context.reload();
    EXPECT_NE(context.current(), before);
}

} // namespace
} // namespace assay::net
