#include "server/net/detail/transport.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/x509.h>

namespace assay::net::detail {

using boost::system::error_code;

namespace {

asio::ssl::context& client_context()
{
    static auto context = [] {
        auto made = asio::ssl::context{asio::ssl::context::tls_client};
        SSL_CTX_set_min_proto_version(made.native_handle(), TLS1_2_VERSION);
        // The pin, compared after the handshake, stands in for the chain: our own certificate has none.
        made.set_verify_mode(asio::ssl::verify_none);
        static constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
        SSL_CTX_set_alpn_protos(made.native_handle(), protocols, sizeof protocols);
        return made;
    }();
    return context;
}

bool is_pinned(SSL* session, std::string const& fingerprint)
{
    auto const certificate = std::unique_ptr<X509, decltype([](X509* held) { X509_free(held); })>{SSL_get1_peer_certificate(session)};
    auto digest = std::array<unsigned char, 32>{};
    return certificate && X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) == 1 &&
           to_hex(std::as_bytes(std::span{digest})) == fingerprint;
}

} // namespace

asio::awaitable<result<TlsStream>> connect_tls(ClientSettings settings)
{
    auto const executor = co_await asio::this_coro::executor;
    auto error = error_code{};
    auto resolver = asio::ip::tcp::resolver{executor};
    auto const host = settings.connect_to.empty() ? settings.host : settings.connect_to;
    auto const endpoints = co_await resolver.async_resolve(host, std::to_string(settings.port), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return errc::connect_failed;

    auto stream = TlsStream{beast::tcp_stream{executor}, client_context()};
    auto& tcp = beast::get_lowest_layer(stream);
    co_await tcp.async_connect(endpoints, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return errc::connect_failed;
    tcp.socket().set_option(asio::ip::tcp::no_delay{true}, error);
    SSL_set_tlsext_host_name(stream.native_handle(), settings.host.c_str());
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return errc::connect_failed;
    if (!settings.pinned_certificate.empty() && !is_pinned(stream.native_handle(), settings.pinned_certificate)) co_return errc::connect_failed;
    co_return stream;
}

} // namespace assay::net::detail
