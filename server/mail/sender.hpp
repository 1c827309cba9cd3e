#pragma once
#include "server/mail/message.hpp"

#include <filesystem>
#include <memory>

namespace assay::mail {

enum class Delivery {
    taken,     ///< somebody else's responsibility now
    try_again, ///< no answer, or a temporary one (RFC 5321 section 4.2.1: 4yz), or our own sign-in failed
    refused,   ///< for good: 5yz about this message
};

struct Sent {
    Delivery delivery = Delivery::taken;
    std::string why; ///< in one line, unless taken
};

/// Hands one message on. Blocks: to be called on the compute pool. Any thread may call it.
class Sender {
public:
    virtual ~Sender() = default;
    virtual Sent send(Message const& message) = 0;
    /// Removes the copy that this sender keeps of a message, if it keeps any: erasing a person reaches here.
    virtual void forget(std::string const& message_id) = 0;
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
