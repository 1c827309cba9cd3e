#include "server/net/detail/networks.hpp"

#include <gtest/gtest.h>

namespace assay::net::detail {
namespace {

boost::asio::ip::address address(char const* text) { return boost::asio::ip::make_address(text); }

TEST(Networks, ContainAddressesByPrefix)
{
    auto const networks = Networks{{"10.0.0.0/8", "192.0.2.128/25", "2001:db8::/32", "127.0.0.1"}};
    for (auto const* inside : {"10.255.0.1", "192.0.2.200", "2001:db8:1::5", "127.0.0.1", "::ffff:10.1.2.3"})
        EXPECT_TRUE(networks.contain(address(inside))) << inside;
    for (auto const* outside : {"11.0.0.1", "192.0.2.127", "2001:db9::1", "127.0.0.2", "::1"})
        EXPECT_FALSE(networks.contain(address(outside))) << outside;
}

TEST(Networks, RefuseWhatIsNoNetwork)
{
    for (auto const* wrong : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "proxy.example"})
        EXPECT_THROW((Networks{{wrong}}), std::invalid_argument) << wrong;
}

TEST(ClientAddress, BelievesForwardedHeadersOfConfiguredProxiesOnly)
{
    auto const proxies = Networks{{"10.0.0.0/8"}};
    auto const client = [&](char const* peer, char const* forwarded) { return client_address(address(peer), forwarded, proxies).to_string(); };
    EXPECT_EQ(client("203.0.113.9", "198.51.100.1"), "203.0.113.9") << "anybody can write the header";
    EXPECT_EQ(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(client("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2"), "198.51.100.1") << "what stands left of it is the client's own claim";
    EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", "198.51.100.1, nonsense"), "10.0.0.1");
}

TEST(LimitKey, CountsIpv6ByTheNetworkThatOneCustomerGets)
{
    EXPECT_EQ(limit_key(address("2001:db8:1:2:aaaa::1")), limit_key(address("2001:db8:1:2:bbbb::2")));
    EXPECT_NE(limit_key(address("2001:db8:1:2::1")), limit_key(address("2001:db8:1:3::1")));
    EXPECT_EQ(limit_key(address("::ffff:192.0.2.1")), "192.0.2.1");
}

} // namespace
} // namespace assay::net::detail
