#include "server/app/witness_client.hpp"

#include "core/contract.hpp"

#include <array>
#include <curl/curl.h>
#include <memory>
#include <stdexcept>

namespace assay::server {
namespace {

constexpr std::size_t answer_max = 16 << 10;
constexpr auto connect_seconds = 5L, seconds = 10L;

std::size_t take(char* from, std::size_t size, std::size_t count, void* to)
{
    auto& body = *static_cast<std::string*>(to);
    if (body.size() + size * count > answer_max) return 0; // ends the transfer
    body.append(from, size * count);
    return size * count;
}

} // namespace

bool is_witness_url(std::string_view url)
{
    for (auto const c : url)
        if (c <= ' ' || c >= '\x7f' || c == '?' || c == '#' || c == '@') return false;
    if (url.starts_with("https://")) return url.size() > std::string_view{"https://"}.size();
    for (auto const here : std::array<std::string_view, 3>{"http://127.0.0.1", "http://[::1]", "http://localhost"})
        if (url.starts_with(here) && (url.size() == here.size() || url[here.size()] == ':' || url[here.size()] == '/')) return true;
    return false;
}

WitnessAnswer post_to_witness(std::string const& url, std::string const& body)
{
    EXPECTS(is_witness_url(url));
    static auto const started = curl_global_init(CURL_GLOBAL_DEFAULT);
    auto const curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>{started == CURLE_OK ? curl_easy_init() : nullptr, curl_easy_cleanup};
    if (!curl) throw std::runtime_error{"libcurl does not start"};
    auto const headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>{curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"), curl_slist_free_all};
    auto const target = url + (url.ends_with('/') ? "" : "/") + "add-checkpoint";
    auto answer = WitnessAnswer{};
    char detail[CURL_ERROR_SIZE] = "";
    auto* const c = curl.get();
    curl_easy_setopt(c, CURLOPT_URL, target.c_str());
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, url.starts_with("https://") ? "https" : "http");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, connect_seconds);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
    auto const status = curl_easy_perform(c);
    if (status != CURLE_OK) {
        answer.why = detail[0] != '\0' ? detail : curl_easy_strerror(status);
        return answer;
    }
    auto code = 0L;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
    answer.status = static_cast<int>(code);
    return answer;
}

} // namespace assay::server
