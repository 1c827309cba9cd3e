#include "server/net/detail/networks.hpp"

#include "server/net/detail/text.hpp"

#include <charconv>
#include <stdexcept>

namespace assay::net::detail {

namespace ip = boost::asio::ip;

namespace {

std::vector<unsigned char> octets(ip::address const& address)
{
    if (address.is_v4()) {
        auto const bytes = address.to_v4().to_bytes();
        return {bytes.begin(), bytes.end()};
    }
    auto const bytes = address.to_v6().to_bytes();
    return {bytes.begin(), bytes.end()};
}

bool same_prefix(std::vector<unsigned char> const& a, std::vector<unsigned char> const& b, unsigned bits)
{
    for (auto i = 0u; i < bits; ++i) {
        auto const mask = static_cast<unsigned char>(0x80 >> (i % 8));
        if ((a[i / 8] & mask) != (b[i / 8] & mask)) return false;
    }
    return true;
}

} // namespace

ip::address normalised(ip::address const& address)
{
    if (!address.is_v6()) return address;
    auto const six = address.to_v6();
    if (six.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, six);
    return ip::address_v6{six.to_bytes()};
}

std::string limit_key(ip::address const& address)
{
    auto const plain = normalised(address);
    if (plain.is_v4()) return plain.to_string();
    auto bytes = plain.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return ip::address_v6{bytes}.to_string() + "/64";
}

Networks::Networks(std::vector<std::string> const& cidrs)
{
    for (auto const& cidr : cidrs) {
        auto const slash = cidr.find('/');
        auto error = boost::system::error_code{};
        auto const base = ip::make_address(cidr.substr(0, slash), error);
        auto const bits_max = base.is_v4() ? 32u : 128u;
        auto bits = bits_max;
        if (slash != std::string::npos) {
            auto const* end = cidr.data() + cidr.size();
            auto const [stop, code] = std::from_chars(cidr.data() + slash + 1, end, bits);
            if (code != std::errc{} || stop != end) bits = bits_max + 1;
        }
        if (error || bits > bits_max) throw std::invalid_argument{"not a network, as 10.0.0.0/8: " + cidr};
        networks_.push_back(Network{base, bits});
    }
}

bool Networks::contain(ip::address const& address) const
{
    auto const plain = normalised(address);
    return std::ranges::any_of(networks_, [&](Network const& network) {
        return network.base.is_v4() == plain.is_v4() && same_prefix(octets(network.base), octets(plain), network.bits);
    });
}

ip::address client_address(ip::address const& peer, std::string_view x_forwarded_for, Networks const& proxies)
{
    auto current = normalised(peer);
    while (proxies.contain(current) && !x_forwarded_for.empty()) {
        auto const comma = x_forwarded_for.rfind(',');
        auto const last = trim(comma == std::string_view::npos ? x_forwarded_for : x_forwarded_for.substr(comma + 1));
        auto error = boost::system::error_code{};
        auto const next = ip::make_address(std::string{last}, error);
        if (error) break; // from here on leftwards nothing can be believed
        current = normalised(next);
        x_forwarded_for = comma == std::string_view::npos ? std::string_view{} : x_forwarded_for.substr(0, comma);
    }
    return current;
}

} // namespace assay::net::detail
