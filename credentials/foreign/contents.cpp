#include "credentials/foreign/contents.hpp"

#include "credentials/baking.hpp"
#include "credentials/container.hpp"
#include "credentials/log/receipt.hpp"
#include "credentials/pdf/attachments.hpp"

#include <algorithm>

namespace assay::credentials::foreign {
namespace {

Opened not_readable(std::string why) { return Unreadable{Fault::not_readable, std::move(why)}; }

Opened baked_into(Container container, result<std::string> inside)
{
    if (!inside) return not_readable("a " + std::string{to_string(container)} + ": " + inside.error().message());
    return Contents{std::move(*inside), {}};
}

bool is_credential(pdf::Attachment const& attachment)
{
    auto const& text = attachment.content;
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return false;
    if (text[first] == '{') return text.find("\"@context\"") != std::string::npos;
    return text.compare(first, 2, "ey") == 0; // a JWT's header is JSON, and begins so in base64url
}

Opened attached_to(ByteView file)
{
    auto answer = pdf::attachments_of(file);
    if (auto* why = std::get_if<std::string>(&answer)) return not_readable(std::move(*why));
    auto& attachments = std::get<std::vector<pdf::Attachment>>(answer);
    if (std::ranges::count_if(attachments, is_credential) != 1) return not_readable("the PDF has no attached credential, or more than one");
    auto contents = Contents{};
    for (auto& attachment : attachments) {
        if (is_credential(attachment)) contents.credential = std::move(attachment.content);
        else if (tlog::is_receipt_file(attachment.content)) contents.receipts.push_back(std::move(attachment.content));
    }
    return contents;
}

} // namespace

Opened contents_of(ByteView file)
{
    auto const container = container_of(file);
    if (!container) return not_readable("neither PNG nor SVG nor PDF");
    switch (*container) {
    case Container::png: return baked_into(*container, credential_in_png(file));
    case Container::svg: {
        auto const text = text_of(file);
        return baked_into(*container, credential_in_svg(text.substr(text.find('<'))));
    }
    case Container::pdf: return attached_to(file);
    }
    return not_readable("neither PNG nor SVG nor PDF");
}

} // namespace assay::credentials::foreign
