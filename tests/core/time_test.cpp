#include "core/errors.hpp"
#include "core/time.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

// RFC 3339 section 5.8, but for its leap second, which a Timestamp cannot hold.
TEST(Rfc3339, ReadsTheExamplesOfTheRfc)
{
    EXPECT_EQ(to_rfc3339(parse_rfc3339("1985-04-12T23:20:50.52Z").value()), "1985-04-12T23:20:50.52Z");
    EXPECT_EQ(to_rfc3339(parse_rfc3339("1996-12-19T16:39:57-08:00").value()), "1996-12-20T00:39:57Z");
    EXPECT_EQ(to_rfc3339(parse_rfc3339("1937-01-01T12:00:27.87+00:20").value()), "1937-01-01T11:40:27.87Z");
    EXPECT_EQ(parse_rfc3339("1990-12-31T23:59:60Z").error(), core::errc::out_of_range);
}

TEST(Rfc3339, RefusesWhatIsNoInstant)
{
    EXPECT_EQ(parse_rfc3339("2026-02-30T00:00:00Z").error(), core::errc::out_of_range);
    for (auto const* text : {"2026-11-23", "2026-11-23T10:00:00", "2026-11-23 10:00:00Z", "2026-11-23T10:00:00.Z", "2026-1-23T10:00:00Z",
                             "2026-11-23T10:00:00+1:00", "2026-11-23T10:00:00Zx", "+026-11-23T10:00:00Z"})
        EXPECT_EQ(parse_rfc3339(text).error(), core::errc::malformed) << text;
}

} // namespace
} // namespace assay
