#include "credentials/verify_main/detail/fetch_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <curl/curl.h>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>

namespace assay::credentials {
namespace {

struct Block {
    std::array<std::uint8_t, 16> prefix;
    int bits;
};

bool lies_in(IpAddress const& address, std::uint8_t const* prefix, int bits) noexcept
{
    for (auto bit = 0; bit < bits; ++bit) {
        auto const at = static_cast<std::size_t>(bit / 8);
        auto const mask = static_cast<std::uint8_t>(0x80 >> (bit % 8));
        if (((std::to_integer<std::uint8_t>(address[at]) ^ prefix[at]) & mask) != 0) return false;
    }
    return true;
}

// IANA IPv4 Special-Purpose Address Registry: what is not globally reachable, multicast and the reserved rest.
constexpr std::uint8_t closed_v4[][5] = {
    {0, 0, 0, 0, 8},      {10, 0, 0, 0, 8},    {100, 64, 0, 0, 10},   {127, 0, 0, 0, 8},   {169, 254, 0, 0, 16},  {172, 16, 0, 0, 12},   {192, 0, 0, 0, 24},
    {192, 0, 2, 0, 24},   {192, 88, 99, 0, 24}, {192, 168, 0, 0, 16}, {198, 18, 0, 0, 15}, {198, 51, 100, 0, 24}, {203, 0, 113, 0, 24},  {224, 0, 0, 0, 4}, {240, 0, 0, 0, 4}};

// Of 2000::/3, the only block that is given out: protocol assignments with Teredo (as a whole), documentation, 6to4.
constexpr Block closed_v6[] = {{{0x20, 0x01, 0x00}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x20, 0x02}, 16}, {{0x3f, 0xff, 0x00}, 20}};
constexpr Block global_unicast = {{0x20}, 3};
constexpr Block mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Block translated = {{0x00, 0x64, 0xff, 0x9b}, 96}; // NAT64, RFC 6052

bool lies_in(IpAddress const& address, Block const& block) noexcept { return lies_in(address, block.prefix.data(), block.bits); }

bool is_public_v4(IpAddress const& address) noexcept
{
    return std::ranges::none_of(closed_v4, [&](auto const& row) {
        auto prefix = mapped.prefix;
        std::copy(row, row + 4, prefix.begin() + 12);
        auto const bits = 96 + row[4];
        auto carried = address; // NAT64 carries it in the same place
        for (auto i = std::size_t{}; i < 12; ++i) carried[i] = std::byte{mapped.prefix[i]};
        return lies_in(carried, prefix.data(), bits);
    });
}

std::optional<IpAddress> address_of(curl_sockaddr const& target)
{
    auto address = IpAddress{};
    if (target.family == AF_INET && target.addrlen >= sizeof(sockaddr_in)) {
        auto four = sockaddr_in{};
        std::memcpy(&four, &target.addr, sizeof four);
        address[10] = address[11] = std::byte{0xff};
        std::memcpy(address.data() + 12, &four.sin_addr, 4);
        return address;
    }
    if (target.family == AF_INET6 && target.addrlen >= sizeof(sockaddr_in6)) {
        auto six = sockaddr_in6{};
        std::memcpy(&six, &target.addr, sizeof six);
        std::memcpy(address.data(), &six.sin6_addr, 16);
        return address;
    }
    return std::nullopt;
}

/// One transfer, as libcurl's callbacks see it.
struct Transfer {
    FetchRules const& rules;
    std::string body;
    bool refused = false, too_large = false;
};

/// Called with the resolved address that would be connected to, for each that is tried: a name can't mean one address here and another one there.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* target)
{
    auto& transfer = *static_cast<Transfer*>(context);
    auto const address = address_of(*target);
    if (!address || !transfer.rules.allowed(*address)) {
        transfer.refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* context)
{
    auto& transfer = *static_cast<Transfer*>(context);
    if (size * count > transfer.rules.size_max - transfer.body.size()) {
        transfer.too_large = true;
        return 0;
    }
    transfer.body.append(bytes, size * count);
    return size * count;
}

/// https, an authority without a user, nothing but visible ASCII. A fragment is never sent, so it stays out.
bool is_plain_https(std::string const& url)
{
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme) || url.size() > 2000 || url.find_first_of("#\\") != std::string::npos) return false;
    auto const authority = std::string_view{url}.substr(scheme.size(), url.find_first_of("/?", scheme.size()) - scheme.size());
    return !authority.empty() && authority.find('@') == std::string_view::npos && std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
}

struct EndCurl {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

void check(CURLcode code)
{
    if (code != CURLE_OK) throw std::runtime_error{std::string{"libcurl: "} + curl_easy_strerror(code)};
}

Fetched fetch_one(FetchRules const& rules, std::string const& url)
{
    if (!is_plain_https(url)) return {std::nullopt, "not an https address that is fetched"};
    static auto const started = curl_global_init(CURL_GLOBAL_DEFAULT);
    check(started);
    auto const handle = std::unique_ptr<CURL, EndCurl>{curl_easy_init()};
    if (!handle) throw std::runtime_error{"libcurl gives no handle"};
    auto transfer = Transfer{rules, {}};
    auto* const curl = handle.get();
    check(curl_easy_setopt(curl, CURLOPT_URL, url.c_str()));
    check(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https"));
    check(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L));
    check(curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L));
    check(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
    check(curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)));
    check(curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)));
    if (!rules.certificate_authorities.empty()) check(curl_easy_setopt(curl, CURLOPT_CAINFO, rules.certificate_authorities.c_str()));
    check(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(rules.time_max.count())));
    check(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
    check(curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket));
    check(curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer));
    check(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take));
    check(curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer));

    auto const code = curl_easy_perform(curl);
    if (transfer.too_large) return {std::nullopt, "larger than " + std::to_string(rules.size_max) + " bytes"};
    if (code != CURLE_OK && transfer.refused) return {std::nullopt, "its host has no address on the public internet"};
    if (code != CURLE_OK) return {std::nullopt, curl_easy_strerror(code)};
    auto status = 0L;
    check(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status));
    if (status >= 300 && status < 400) return {std::nullopt, "it leads elsewhere, where nobody follows"};
    if (status != 200) return {std::nullopt, "answered " + std::to_string(status)};
    return {std::move(transfer.body), {}};
}

} // namespace

bool is_public(IpAddress const& address) noexcept
{
    if (lies_in(address, mapped) || lies_in(address, translated)) return is_public_v4(address);
    return lies_in(address, global_unicast) && std::ranges::none_of(closed_v6, [&](Block const& block) { return lies_in(address, block); });
}

Fetch fetch_by(FetchRules rules)
{
    return [rules = std::move(rules)](std::string const& url) { return fetch_one(rules, url); };
}

Fetch fetch_from_the_internet() { return fetch_by({}); }

} // namespace assay::credentials
