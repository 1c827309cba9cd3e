#include "server/net/form.hpp"

#include <gtest/gtest.h>

namespace assay::net {
namespace {

/// The body of RFC 2388's and RFC 7578's kind that browsers write.
std::string const upload = "--AaB03x\r\n"
                           "Content-Disposition: form-data; name=\"submit-name\"\r\n"
                           "\r\n"
                           "Larry\r\n"
                           "--AaB03x\r\n"
                           "Content-Disposition: form-data; name=\"files\"; filename=\"file1.txt\"\r\n"
                           "Content-Type: text/plain\r\n"
                           "\r\n"
                           "... contents of file1.txt ...\r\nwith --AaB03 in it\r\n"
                           "--AaB03x--\r\n";

Request form_request(std::string content_type, std::string body)
{
    auto request = Request{};
    request.method = Method::post;
    request.headers.set("Content-Type", content_type);
    request.body = std::move(body);
    return request;
}

TEST(UrlencodedForm, DecodesWhatBrowsersSend)
{
    EXPECT_EQ(parse_urlencoded("name=Ren%C3%A9e+M&note=a%26b%3Dc&empty=").value(),
              (Parameters{{"name", "Renée M"}, {"note", "a&b=c"}, {"empty", ""}}));
    EXPECT_TRUE(parse_urlencoded("").value().empty());
}

TEST(UrlencodedForm, RefusesBadEscapesBadUtf8AndTooManyFields)
{
    for (auto const* body : {"a=%", "a=%4", "a=%gg", "a=%ff", "%00=1", "a=%ed%a0%80"})
        EXPECT_EQ(parse_urlencoded(body).has_error(), true) << body;
    EXPECT_EQ(parse_urlencoded("a=1&b=2&c=3", 2).error(), errc::too_large);
}

TEST(MultipartForm, GivesFieldsAndFiles)
{
    auto const form = parse_form(form_request("multipart/form-data; boundary=AaB03x", upload)).value();
    EXPECT_EQ(form.field("submit-name"), "Larry");
    ASSERT_EQ(form.files.size(), 1u);
    EXPECT_EQ(form.files[0].name, "files");
    EXPECT_EQ(form.files[0].file_name, "file1.txt");
    EXPECT_EQ(form.files[0].content_type, "text/plain");
    EXPECT_EQ(form.files[0].content, "... contents of file1.txt ...\r\nwith --AaB03 in it");
}

TEST(MultipartForm, AcceptsEmptyPartsAndQuotedBoundaries)
{
    auto const body = "--a b\r\nContent-Disposition: form-data; name=\"q\\\"uote\"\r\n\r\n\r\n--a b--\r\n";
    auto const form = parse_form(form_request("multipart/form-data; boundary=\"a b\"", body)).value();
    EXPECT_EQ(form.field("q\"uote"), "");
}

TEST(MultipartForm, RefusesEveryTruncation)
{
    for (auto size = std::size_t{0}; size + 2 < upload.size(); ++size) // without the last line break it is still whole
        EXPECT_FALSE(parse_multipart(upload.substr(0, size), "AaB03x")) << size;
    EXPECT_TRUE(parse_multipart(upload, "AaB03x"));
}

TEST(MultipartForm, RefusesWhatTwoReadersCouldUnderstandDifferently)
{
    auto const part = [](std::string const& headers) { return "--x\r\n" + headers + "\r\n\r\nv\r\n--x--\r\n"; };
    EXPECT_TRUE(parse_multipart(part("Content-Disposition: form-data; name=a"), "x"));
    for (auto const* headers : {"Content-Disposition: form-data", "Content-Disposition: attachment; name=a", "Content-Type: text/plain",
                                "Content-Disposition: form-data; name=a; name=b", "Content-Disposition: form-data; name=\"a",
                                "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b", "nonsense",
                                "Content-Disposition: form-data; name=\"\xff\""})
        EXPECT_EQ(parse_multipart(part(headers), "x").error(), errc::malformed_form) << headers;
    EXPECT_EQ(parse_multipart(part("Content-Disposition: form-data; name=a; filename=\"" + std::string(2000, 'f') + "\""), "x").error(),
              errc::too_large);
    EXPECT_EQ(parse_multipart("preamble\r\n" + part("Content-Disposition: form-data; name=a"), "x").error(), errc::malformed_form);
    EXPECT_EQ(parse_multipart(part("Content-Disposition: form-data; name=a") + "epilogue", "x").error(), errc::malformed_form);
}

TEST(MultipartForm, RefusesBoundariesOutsideRfc2046)
{
    for (auto const* type : {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
                             "multipart/mixed; boundary=a", "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\r\"",
                             "multipart/form-data; boundary=a; boundary=b"})
        EXPECT_FALSE(multipart_boundary(type)) << type;
    EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
    EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; boundary=" + std::string(70, 'a')).value(), std::string(70, 'a'));
}

TEST(Form, RefusesOtherMediaTypes)
{
    EXPECT_EQ(parse_form(form_request("application/json", "{}")).error(), errc::unsupported_media_type);
    EXPECT_EQ(parse_form(Request{}).error(), errc::unsupported_media_type);
    EXPECT_EQ(parse_form(form_request("application/x-www-form-urlencoded;charset=UTF-8", "a=1")).value().field("a"), "1");
}

} // namespace
} // namespace assay::net
