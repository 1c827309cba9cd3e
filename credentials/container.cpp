#include "credentials/container.hpp"

namespace assay::credentials {

std::string_view to_string(Container container) noexcept
{
    switch (container) {
    case Container::png: return "png";
    case Container::svg: return "svg";
    case Container::pdf: return "pdf";
    }
    return "";
}

std::optional<Container> container_of(ByteView file) noexcept
{
    auto const text = text_of(file);
    if (text.starts_with("\x89PNG")) return Container::png;
    if (text.starts_with("%PDF-")) return Container::pdf;
    auto const start = text.starts_with("\xef\xbb\xbf") ? std::size_t{3} : text.find_first_not_of(" \t\r\n");
    if (start < text.size() && text[start] == '<') return Container::svg;
    return std::nullopt;
}

} // namespace assay::credentials
