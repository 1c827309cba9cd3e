#include "server/net/tls_certificate.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <system_error>
#include <unistd.h>

namespace assay::net {

namespace asio = boost::asio;

namespace {

constexpr auto lifetime = std::chrono::days{397};  // what browsers accept at most
constexpr auto renew_before_end = std::chrono::days{30};

template <auto release>
struct Release {
    template <class T>
    void operator()(T* pointer) const { release(pointer); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Release<&X509_free>>;
using BioPointer = std::unique_ptr<BIO, Release<&BIO_vfree>>;
using NumberPointer = std::unique_ptr<BIGNUM, Release<&BN_free>>;
using ExtensionPointer = std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>>;

void check(bool done, char const* what)
{
    if (done) return;
    auto const code = ERR_get_error();
    throw std::runtime_error{std::string{what} + ": " + (code != 0 ? ERR_error_string(code, nullptr) : "OpenSSL failed")};
}

bool is_address(std::string const& host)
{
    auto error = boost::system::error_code{};
    asio::ip::make_address(host, error);
    return !error;
}

/// Names and addresses the certificate must hold. OpenSSL takes them as one configuration text, so their characters are checked.
std::vector<std::string> names_for(std::vector<std::string> const& hosts)
{
    auto names = std::vector<std::string>{"localhost", "127.0.0.1", "::1"};
    for (auto const& host : hosts) {
        auto const plain = !host.empty() && std::ranges::all_of(host, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
        });
        if (!plain) throw std::invalid_argument{"not a host name or address: " + host};
        if (std::ranges::find(names, host) == names.end()) names.push_back(host);
    }
    return names;
}

CertificatePointer read_certificate(std::filesystem::path const& path)
{
    auto const file = BioPointer{BIO_new_file(path.c_str(), "r")};
    auto certificate = CertificatePointer{file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr};
    ERR_clear_error();
    return certificate;
}

KeyPointer read_key(std::filesystem::path const& path)
{
    auto const file = BioPointer{BIO_new_file(path.c_str(), "r")};
    auto key = KeyPointer{file ? PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr) : nullptr};
    ERR_clear_error();
    return key;
}

bool is_usable(CertificateFiles const& files, std::vector<std::string> const& names, Timestamp now)
{
    auto const certificate = read_certificate(files.certificate);
    auto const key = read_key(files.key);
    if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1) {
        ERR_clear_error();
        return false;
    }
    auto at = std::chrono::system_clock::to_time_t(now + renew_before_end);
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &at) <= 0) return false;
    return std::ranges::all_of(names, [&](std::string const& name) {
        return is_address(name) ? X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1
                                : X509_check_host(certificate.get(), name.c_str(), 0, 0, nullptr) == 1;
    });
}

void add_extension(X509* certificate, int kind, std::string const& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    auto const extension = ExtensionPointer{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "cannot extend the certificate");
}

CertificatePointer make_certificate(EVP_PKEY* key, std::vector<std::string> const& names, Timestamp now)
{
    auto certificate = CertificatePointer{X509_new()};
    check(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1, "cannot make a certificate");

    auto const serial = NumberPointer{BN_new()};
    check(serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1, "cannot draw a serial number");
    BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));

    auto const from = std::chrono::system_clock::to_time_t(now - std::chrono::hours{1}); // for clients whose clock is behind
    auto const until = std::chrono::system_clock::to_time_t(now + lifetime);
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), from);
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), until);

    auto* const subject = X509_get_subject_name(certificate.get());
    auto const* const common_name = reinterpret_cast<unsigned char const*>("Assay (own certificate)");
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1, "cannot name the certificate");
    X509_set_issuer_name(certificate.get(), subject);
    X509_set_pubkey(certificate.get(), key);

    auto alternatives = std::string{};
    for (auto const& name : names) {
        if (!alternatives.empty()) alternatives += ',';
        alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
    }
    add_extension(certificate.get(), NID_subject_alt_name, alternatives);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), NID_subject_key_identifier, "hash");
    check(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "cannot sign the certificate");
    return certificate;
}

std::string text_of_bio(BIO* bio)
{
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

/// Whole or not at all, and never readable by others while it is written.
void write_file(std::filesystem::path const& path, std::string_view content, mode_t mode)
{
    auto const beside = path.string() + ".new";
    ::unlink(beside.c_str());
    auto const descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (descriptor < 0) throw std::system_error{errno, std::generic_category(), "cannot create " + beside};
    auto const written = ::write(descriptor, content.data(), content.size());
    auto const complete = written == static_cast<ssize_t>(content.size()) && ::fsync(descriptor) == 0;
    auto const code = errno;
    ::close(descriptor);
    if (!complete) throw std::system_error{code, std::generic_category(), "cannot write " + beside};
    std::filesystem::rename(beside, path);
}

} // namespace

CertificateFiles ensure_own_certificate(std::filesystem::path const& folder, std::vector<std::string> const& hosts, Timestamp now)
{
    auto const files = CertificateFiles{folder / "tls.crt", folder / "tls.key"};
    auto const names = names_for(hosts);
    if (is_usable(files, names, now)) return files;

    auto const key = KeyPointer{EVP_EC_gen("P-256")};
    check(key != nullptr, "cannot make a key");
    auto const certificate = make_certificate(key.get(), names, now);
    auto const key_text = BioPointer{BIO_new(BIO_s_secmem())};
    check(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "cannot write the key");
    auto const certificate_text = BioPointer{BIO_new(BIO_s_mem())};
    check(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1, "cannot write the certificate");

    std::filesystem::create_directories(folder);
    // A crash between the two leaves a pair that does not fit, which the next start notices and replaces.
    write_file(files.key, text_of_bio(key_text.get()), 0600);
    write_file(files.certificate, text_of_bio(certificate_text.get()), 0644);
    return files;
}

std::string certificate_fingerprint(std::filesystem::path const& certificate)
{
    auto const loaded = read_certificate(certificate);
    if (!loaded) throw std::runtime_error{"no certificate in " + certificate.string()};
    auto digest = std::array<unsigned char, 32>{};
    check(X509_digest(loaded.get(), EVP_sha256(), digest.data(), nullptr) == 1, "cannot hash the certificate");
    return to_hex(std::as_bytes(std::span{digest}));
}

namespace {

/// Only http/1.1: a client that insists on another protocol is refused, so that no answer of ours is read as that protocol's.
int select_protocol(SSL*, unsigned char const** chosen, unsigned char* chosen_size, unsigned char const* offered,
                    unsigned offered_size, void*)
{
    static constexpr unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    auto* out = static_cast<unsigned char*>(nullptr);
    if (SSL_select_next_proto(&out, chosen_size, ours, sizeof ours, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = out;
    return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<asio::ssl::context> load(CertificateFiles const& files)
{
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain_file(files.certificate.string());
    context->use_private_key_file(files.key.string(), asio::ssl::context::pem);
    auto* const native = context->native_handle();
    check(SSL_CTX_check_private_key(native) == 1, "the TLS key does not fit the certificate");
    check(SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) == 1, "TLS 1.2");
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_PRIORITIZE_CHACHA);
    // TLS 1.2: ephemeral keys and AEAD only (RFC 9325 section 4.2). TLS 1.3 has nothing else.
    check(SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK") == 1, "TLS ciphers");
    check(SSL_CTX_set1_groups_list(native, "X25519:P-256:P-384") == 1, "TLS groups");
    constexpr auto session_context = std::string_view{"assay"};
    SSL_CTX_set_session_id_context(native, reinterpret_cast<unsigned char const*>(session_context.data()),
                                   static_cast<unsigned>(session_context.size()));
    SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
    return context;
}

} // namespace

TlsContext::TlsContext(CertificateFiles files) : files_{std::move(files)}, context_{load(files_)} {}

void TlsContext::reload()
{
    auto fresh = load(files_);
    auto const lock = std::lock_guard{mutex_};
    context_ = std::move(fresh);
}

std::shared_ptr<asio::ssl::context> TlsContext::current() const
{
    auto const lock = std::lock_guard{mutex_};
    return context_;
}

} // namespace assay::net
