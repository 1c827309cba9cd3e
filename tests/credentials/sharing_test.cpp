#include "credentials/sharing.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

TEST(RenewalCalendar, IsWhatRfc5545Asks)
{
    auto const dates = schedule(CredentialPolicy{}, test::at("2026-11-23T10:00:00Z"));
    auto const text = renewal_calendar(dates, "7f3c9a52", "Pumpen, Ventile; Größe M – ein recht langer Titel, der über die Zeile geht", "https://h/c/1", test::at("2026-11-23T10:05:00.5Z")).value();
    EXPECT_TRUE(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    EXPECT_TRUE(text.ends_with("END:VCALENDAR\r\n"));
    auto rest = std::string_view{text};
    while (!rest.empty()) {
        auto const end = rest.find("\r\n");
        ASSERT_NE(end, std::string_view::npos);
        EXPECT_LE(end, 75U);
        auto const first = rest.front() == ' ' ? rest[1] : rest[0];
        EXPECT_NE(static_cast<unsigned char>(first) & 0xc0, 0x80) << "a character must not be cut";
        rest.remove_prefix(end + 2);
    }
    EXPECT_NE(text.find("DTSTART;VALUE=DATE:20281123\r\nDTEND;VALUE=DATE:20281124\r\n"), std::string::npos) << "the last valid day, all of it";
    EXPECT_NE(text.find("DTSTART;VALUE=DATE:20280825\r\n"), std::string::npos) << "90 days before";
    EXPECT_NE(text.find("DTSTAMP:20261123T100500Z\r\n"), std::string::npos);
    EXPECT_NE(text.find("Pumpen\\, Ventile\\; "), std::string::npos);
    EXPECT_EQ(renewal_calendar(schedule(CredentialPolicy{.validity_months = 0}, dates.valid_from), "a", "b", "c", dates.valid_from), std::nullopt);
}

TEST(LinkedinAddress, HasTheMonthsAndEscapesTexts)
{
    auto const claim = test::SampleIssuer{}.claim();
    EXPECT_EQ(linkedin_address(claim, "https://h/c/1?x=1&y=2", "A-1"),
              "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&name=Certified%20Pump%20Engineer&organizationName=Acme%20S%C3%BCd%20GmbH"
              "&issueYear=2026&issueMonth=11&expirationYear=2028&expirationMonth=11&certUrl=https%3A%2F%2Fh%2Fc%2F1%3Fx%3D1%26y%3D2&certId=A-1");
}

} // namespace
} // namespace assay::credentials
