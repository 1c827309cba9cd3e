#include "raw_tls.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace assay::net::test {

RawTls::RawTls(std::uint16_t port, Options options)
    : context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free}, session_{SSL_new(context_.get()), &SSL_free}
{
    ::signal(SIGPIPE, SIG_IGN); // writing to a server that has hung up is what some tests are about
    if (options.version_max != 0) SSL_set_max_proto_version(session_.get(), options.version_max);
    SSL_set_security_level(session_.get(), 0); // so that old versions are offered at all
    if (!options.alpn.empty()) {
        auto const list = static_cast<char>(options.alpn.size()) + options.alpn;
        SSL_set_alpn_protos(session_.get(), reinterpret_cast<unsigned char const*>(list.data()), static_cast<unsigned>(list.size()));
    }
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(options.patience);
    auto const patience = timeval{seconds.count(), (options.patience - seconds).count() * 1000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    auto address = sockaddr_in{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) return;
    SSL_set_fd(session_.get(), socket_);
    if (options.handshake) connected_ = SSL_connect(session_.get()) == 1;
    ERR_clear_error();
}

RawTls::~RawTls()
{
    if (socket_ >= 0) ::close(socket_);
}

std::string RawTls::version() const { return SSL_get_version(session_.get()); }
std::string RawTls::cipher() const { return SSL_get_cipher_name(session_.get()); }

std::string RawTls::protocol() const
{
    unsigned char const* name = nullptr;
    auto size = 0u;
    SSL_get0_alpn_selected(session_.get(), &name, &size);
    return name != nullptr ? std::string{reinterpret_cast<char const*>(name), size} : std::string{};
}

bool RawTls::send(std::string_view text)
{
    auto const done = text.empty() || SSL_write(session_.get(), text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
    ERR_clear_error();
    return done;
}

std::string RawTls::read_some()
{
    char buffer[16384];
    errno = 0;
    auto const got = connected_ ? SSL_read(session_.get(), buffer, sizeof buffer)
                                : static_cast<int>(::recv(socket_, buffer, sizeof buffer, 0));
    if (got <= 0) timed_out_ = errno == EAGAIN || errno == EWOULDBLOCK;
    ERR_clear_error();
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string{};
}

std::string RawTls::read_to_end()
{
    auto all = std::move(received_);
    received_.clear();
    for (auto more = read_some(); !more.empty(); more = read_some()) all += more;
    return all;
}

std::string RawTls::read_response(bool to_head)
{
    auto const end_of = [&]() -> std::size_t {
        auto const header = received_.find("\r\n\r\n");
        if (header == std::string::npos) return 0;
        auto const field = received_.find("Content-Length: ");
        auto const length = to_head || field == std::string::npos || field > header ? 0 : std::stoul(received_.substr(field + 16));
        auto const end = header + 4 + length;
        return received_.size() >= end ? end : 0;
    };
    while (end_of() == 0) {
        auto const more = read_some();
        if (more.empty()) return std::exchange(received_, {});
        received_ += more;
    }
    auto response = received_.substr(0, end_of());
    received_.erase(0, response.size());
    return response;
}

bool RawTls::is_closed_by_peer()
{
    timed_out_ = false;
    return read_some().empty() && !timed_out_;
}

} // namespace assay::net::test
