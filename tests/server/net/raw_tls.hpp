#pragma once
// A TLS client that can misbehave: blocking OpenSSL on a plain socket, written without Asio and Beast, so that the server is
// not tested against its own library's idea of HTTP.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct ssl_st;
struct ssl_ctx_st;

namespace assay::net::test {

class RawTls {
public:
    struct Options {
        int version_max = 0;               ///< 0: whatever OpenSSL does
        std::string alpn;                  ///< one protocol; empty: none is offered
        std::chrono::milliseconds patience{5000};
        bool handshake = true;
    };
    explicit RawTls(std::uint16_t port, Options options);
    explicit RawTls(std::uint16_t port) : RawTls{port, Options{}} {}
    ~RawTls();

    bool is_connected() const noexcept { return connected_; } ///< TLS handshake done
    std::string version() const;
    std::string cipher() const;
    std::string protocol() const;          ///< by ALPN

    bool send(std::string_view text);
    std::string read_some();               ///< empty: closed, reset or out of patience
    std::string read_to_end();
    /// One response: header and, by its Content-Length, body (none after HEAD).
    std::string read_response(bool to_head = false);
    bool is_closed_by_peer();              ///< waits for it, as long as patience lasts

private:
    int socket_ = -1;
    std::string received_;
    bool connected_ = false;
    bool timed_out_ = false;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> session_;
};

} // namespace assay::net::test
