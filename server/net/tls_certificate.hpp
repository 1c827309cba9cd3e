#pragma once
#include "core/time.hpp"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace assay::net {

struct CertificateFiles {
    std::filesystem::path certificate; ///< PEM, leaf first, then its chain
    std::filesystem::path key;         ///< PEM, PKCS #8
};

/// Our own certificate in `folder`: made when there is none, or when it ends within 30 days, lacks one of `hosts`, or does not
/// fit its key. ECDSA P-256, valid 397 days, subjectAltName: localhost, 127.0.0.1, ::1 and `hosts` (names or IP addresses).
/// Files are written beside and renamed; the key has mode 0600. Throws std::system_error when the folder is not writable.
CertificateFiles ensure_own_certificate(std::filesystem::path const& folder, std::vector<std::string> const& hosts, Timestamp now);

/// SHA-256 of the DER leaf certificate in lower-case hex, as clients pin it.
std::string certificate_fingerprint(std::filesystem::path const& certificate);

/// The server's side of TLS: 1.2 and 1.3, forward secrecy and AEAD only, ALPN http/1.1, session tickets. Thread-safe.
class TlsContext {
public:
    explicit TlsContext(CertificateFiles files); ///< throws boost::system::system_error when the files are unusable
    /// Reads the files again (SIGHUP); on failure throws and keeps what it has. Running connections are not touched.
    void reload();
    std::shared_ptr<boost::asio::ssl::context> current() const;

private:
    CertificateFiles files_;
    mutable std::mutex mutex_;
    std::shared_ptr<boost::asio::ssl::context> context_;
};

} // namespace assay::net
