#include "server/mail/sender.hpp"

#include "core/hash.hpp"

#include <algorithm>
#include <cstring>
#include <curl/curl.h>
#include <fstream>

namespace assay::mail {
namespace {

class FolderSender final : public Sender {
public:
    explicit FolderSender(std::filesystem::path folder) : folder_{std::move(folder)} {}

    Sent send(Message const& message) override
    {
        auto error = std::error_code{};
        std::filesystem::create_directories(folder_, error);
        std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
        auto const name = file_name(message.message_id);
        auto const temporary = folder_ / ("." + name);
        {
            auto file = std::ofstream{temporary, std::ios::binary | std::ios::trunc};
            file << compose(message);
            if (!file.flush()) return {Delivery::try_again, "cannot write " + temporary.string()};
        }
        std::filesystem::rename(temporary, folder_ / name, error);
        if (error) return {Delivery::try_again, "cannot rename to " + (folder_ / name).string() + ": " + error.message()};
        return {};
    }

    void forget(std::string const& message_id) override
    {
        std::filesystem::remove(folder_ / file_name(message_id));
        std::filesystem::remove(folder_ / ("." + file_name(message_id)));
    }

private:
    static std::string file_name(std::string const& message_id) { return to_string(sha256(message_id)).substr(0, 32) + ".eml"; }
    std::filesystem::path folder_;
};

struct Upload {
    std::string text;
    std::size_t sent = 0;
};

std::size_t read_upload(char* to, std::size_t size, std::size_t count, void* from)
{
    auto& upload = *static_cast<Upload*>(from);
    auto const length = std::min(size * count, upload.text.size() - upload.sent);
    std::memcpy(to, upload.text.data() + upload.sent, length);
    upload.sent += length;
    return length;
}

/// 5yz is about this message, unless it is about us: a sign-in or encryption that the server wants can be put right (RFC 4954, RFC 3207).
bool is_final(CURLcode status, long code)
{
    if (status == CURLE_LOGIN_DENIED || status == CURLE_USE_SSL_FAILED) return false;
    return code >= 500 && code <= 599 && code != 530 && code != 534 && code != 535 && code != 538;
}

class SmtpSender final : public Sender {
public:
    explicit SmtpSender(SmtpSettings settings) : settings_{std::move(settings)} {}

    Sent send(Message const& message) override
    {
        auto const curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>{curl_easy_init(), curl_easy_cleanup};
        if (!curl) return {Delivery::try_again, "libcurl does not start"};
        auto upload = Upload{compose(message)};
        auto const from = "<" + message.from.email + ">";
        auto const recipients = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>{
            curl_slist_append(nullptr, ("<" + message.to.email + ">").c_str()), curl_slist_free_all};
        char detail[CURL_ERROR_SIZE] = "";
        auto* const c = curl.get();
        curl_easy_setopt(c, CURLOPT_URL, settings_.url.c_str());
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        if (!settings_.user.empty()) {
            curl_easy_setopt(c, CURLOPT_USERNAME, settings_.user.c_str());
            curl_easy_setopt(c, CURLOPT_PASSWORD, settings_.password.c_str());
        }
        curl_easy_setopt(c, CURLOPT_USE_SSL, settings_.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY);
        curl_easy_setopt(c, CURLOPT_MAIL_FROM, from.c_str());
        curl_easy_setopt(c, CURLOPT_MAIL_RCPT, recipients.get());
        curl_easy_setopt(c, CURLOPT_READFUNCTION, read_upload);
        curl_easy_setopt(c, CURLOPT_READDATA, &upload);
        curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 10L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT, 30L);
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
        auto const status = curl_easy_perform(c);
        if (status == CURLE_OK) return {};
        auto why = std::string{detail[0] != '\0' ? detail : curl_easy_strerror(status)};
        auto code = 0L;
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
        return {is_final(status, code) ? Delivery::refused : Delivery::try_again, std::move(why)};
    }

    void forget(std::string const&) override {} // what was handed on is with others


private:
    SmtpSettings settings_;
};

} // namespace

std::unique_ptr<Sender> folder_sender(std::filesystem::path folder) { return std::make_unique<FolderSender>(std::move(folder)); }

std::unique_ptr<Sender> smtp_sender(SmtpSettings settings)
{
    static auto const started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
    return std::make_unique<SmtpSender>(std::move(settings));
}

} // namespace assay::mail
