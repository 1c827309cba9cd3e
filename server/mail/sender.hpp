#pragma once
#include "server/mail/message.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace assay::mail {

/// Hands one message on. Blocks: to be called on the compute pool.
class Sender {
public:
    virtual ~Sender() = default;
    /// Nothing when the message was taken over; otherwise what went wrong, in one line, to be tried again.
    virtual std::optional<std::string> send(Message const& message) = 0;
};

/// A folder of .eml files, one a message, named by Message-ID: a repeat overwrites its own file. The default, and for tests.
std::unique_ptr<Sender> folder_sender(std::filesystem::path folder);

struct SmtpSettings {
    std::string url;      ///< libcurl's: smtp://host:25 or smtps://host:465
    std::string user;     ///< may be empty
    std::string password; ///< may be empty
    bool require_tls = true;
};
std::unique_ptr<Sender> smtp_sender(SmtpSettings settings);

} // namespace assay::mail
