#include "credentials/foreign/contents.hpp"
#include "tests/credentials/foreign/sample_files.hpp"

#include <gtest/gtest.h>

namespace assay::credentials::foreign {
namespace {

constexpr auto receipt = R"({"entry":"{}","receipt":"c2sp.org/tlog-proof@v1\n"})";

std::string why(ByteView file)
{
    auto const opened = contents_of(file);
    auto const* unreadable = std::get_if<Unreadable>(&opened);
    return unreadable != nullptr && unreadable->fault == Fault::not_readable ? unreadable->why : "";
}

TEST(Contents, AreTheCredentialAndTheReceiptsBesideIt)
{
    auto const sample = credentials::test::SampleIssuer{};
    for (auto const& credential : {sample.issued().json, sample.issued().jwt}) {
        EXPECT_EQ(contents_of(test::png_with(credential)), Opened(Contents{credential, {}}));
        EXPECT_EQ(contents_of(test::pdf_with(credential)), Opened(Contents{credential, {}}));
        EXPECT_EQ(contents_of(test::pdf_with(credential, receipt)), Opened(Contents{credential, {receipt}}));
    }
    EXPECT_EQ(contents_of(test::svg_with(sample.issued().json)), Opened(Contents{sample.issued().json, {}}));
}

TEST(Contents, OfABrokenFileAreASentence)
{
    auto const pdf = test::pdf_with("{\"@context\":[]}");
    for (auto const& file : {Bytes{}, to_bytes("{}"), test::pixel(), to_bytes("<svg/>"), to_bytes("%PDF-1.7\n"), test::pdf_with("no credential"),
                             Bytes{pdf.begin(), pdf.begin() + static_cast<std::ptrdiff_t>(pdf.size() / 2)}})
        EXPECT_NE(why(file), "") << text_of(file).substr(0, 20);
}

} // namespace
} // namespace assay::credentials::foreign
