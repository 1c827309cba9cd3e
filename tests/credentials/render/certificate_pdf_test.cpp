#include "credentials/render/certificate_pdf.hpp"

#include "credentials/render/errors.hpp"
#include "tests/credentials/render/programs.hpp"

#include <gmock/gmock.h>

namespace assay::credentials::render {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

auto const created = parse_rfc3339("2026-11-24T09:30:00Z").value();
auto const credential = AttachedFile{.content = to_bytes("{\"type\":[\"VerifiableCredential\"],\"name\":\"\\u00e9\"}\n")};

CertificateSheet english()
{
    return {.holder_name = "Maria Lindqvist-Okonkwo",
            .achievement = "PostgreSQL in Production: Expert",
            .programme = "Running PostgreSQL and TLS, version 2.1",
            .scope = "Replication, storage and query planning, security, backup and recovery of PostgreSQL 15 to 17",
            .issuer = "Northwind Certification",
            .number = "NW-2026-004711",
            .decided_on = "24 November 2026",
            .valid_from = "24 November 2026",
            .valid_until = "23 November 2028",
            .verification_url = "https://localhost:8443/c/01J9ZK3WQ4T6",
            .qr_payload = "https://localhost:8443/c/01J9ZK3WQ4T6#eyJhbGciOiJFZERTQSJ9"};
}

CertificateSheet arabic()
{
    auto sheet = english();
    sheet.holder_name = "ليلى عبد الرحمن المنصوري";
    sheet.achievement = "خبيرة قواعد البيانات";
    sheet.programme = "تشغيل PostgreSQL، الإصدار 2";
    sheet.scope = "النسخ المتماثل والتخزين والأمان";
    sheet.issuer = "هيئة الشهادات";
    sheet.decided_on = "24 نوفمبر 2026";
    sheet.valid_from = "24 نوفمبر 2026";
    sheet.valid_until = "23 نوفمبر 2028";
    sheet.language = "ar";
    sheet.direction = Direction::right_to_left;
    sheet.labels = {.certificate = "شهادة",
                    .awarded_to = "تشهد هذه الوثيقة بأن",
                    .achieved = "قد حققت",
                    .programme = "البرنامج",
                    .scope = "النطاق",
                    .number = "رقم الشهادة",
                    .decided_on = "تاريخ القرار",
                    .valid_from = "صالحة من",
                    .valid_until = "صالحة حتى",
                    .verify = "تحقق من هذه الشهادة",
                    .qr_alternative = "رمز للتحقق من الشهادة",
                    .attachment = "الشهادة الموقعة"};
    return sheet;
}

CertificateSheet named(std::string name)
{
    auto sheet = english();
    sheet.holder_name = std::move(name);
    return sheet;
}

/// A rendered sheet in a file, and what the other programs say of it.
class Rendered {
public:
    explicit Rendered(CertificateSheet const& sheet)
    {
        auto const pdf = render_pdf(sheet, credential, created);
        EXPECT_TRUE(pdf) << pdf.error().message();
        if (pdf) bytes = *pdf;
        file = scratch.write("certificate.pdf", text_of(bytes));
        // For the eye: the sheets of a test run, kept where one asks for them.
        if (auto const* keep = std::getenv("ASSAY_KEEP_SHEETS"))
            std::filesystem::copy_file(file, std::filesystem::path{keep} / (std::to_string(kept++) + ".pdf"),
                                       std::filesystem::copy_options::overwrite_existing);
    }

    std::string text() const { return test::spaced_once(test::run("pdftotext " + file + " -").output); }
    std::string info() const { return test::run("pdfinfo " + file).output; }
    std::string qdf() const { return test::run("qpdf --qdf --object-streams=disable " + file + " -").output; }
    test::Picture picture(int dots_per_inch) const
    {
        auto const root = (scratch.path / "page").string();
        EXPECT_EQ(test::run("pdftoppm -singlefile -gray -r " + std::to_string(dots_per_inch) + " " + file + " " + root).status, 0);
        return test::read_pgm(root + ".pgm");
    }

    test::ScratchFolder scratch;
    Bytes bytes;
    std::string file;

private:
    static inline int kept = 0;
};

TEST(CertificatePdf, IsASoundPdfOfOneA4PageInLandscape)
{
    for (auto const& sheet : {english(), arabic()}) {
        auto const rendered = Rendered{sheet};
        auto const checked = test::run("qpdf --check " + rendered.file);
        EXPECT_EQ(checked.status, 0) << checked.output;
        EXPECT_THAT(checked.output, HasSubstr("No syntax or stream encoding errors found"));
        EXPECT_THAT(rendered.info(), HasSubstr("Pages:           1"));
        EXPECT_THAT(rendered.info(), HasSubstr("(A4)"));
        EXPECT_THAT(rendered.info(), HasSubstr("Tagged:          yes"));
    }
}

TEST(CertificatePdf, SaysEveryFactAsTextThatCanBeCopied)
{
    auto const sheet = english();
    auto const text = Rendered{sheet}.text();
    for (auto const& fact : {sheet.holder_name, sheet.achievement, sheet.programme, sheet.scope, sheet.issuer, sheet.number, sheet.decided_on,
                             sheet.valid_until, sheet.verification_url, sheet.labels.valid_until, sheet.labels.decided_on})
        EXPECT_THAT(text, HasSubstr(fact));
}

TEST(CertificatePdf, KeepsNamesOfOtherScriptsReadableByMachines)
{
    for (auto const* name : {"Nguyễn Thị Phương Thảo", "Αλεξάνδρα Παπαδοπούλου", "Олександра Шевченко", "José Müller-Łukasiewicz"})
        EXPECT_THAT(Rendered{named(name)}.text(), HasSubstr(name));
}

TEST(CertificatePdf, ShapesIndicAndRightToLeftNamesWithoutUnknownGlyphs)
{
    // pdftotext reorders what is not left-to-right, so what is held here is that fonts of those scripts did the work.
    auto const fonts_of = [](CertificateSheet const& sheet) { return test::run("pdffonts " + Rendered{sheet}.file).output; };
    EXPECT_THAT(fonts_of(named("अनन्या श्रीवास्तव")), HasSubstr("Devanagari"));
    EXPECT_THAT(fonts_of(named("ليلى عبد الرحمن")), HasSubstr("Arabic"));
    EXPECT_THAT(fonts_of(named("שרה כהן-לוי")), HasSubstr("Hebrew"));
    EXPECT_THAT(fonts_of(named("สมชาย ใจดี")), HasSubstr("Thai"));
    EXPECT_THAT(fonts_of(named("தமிழ்ச்செல்வி")), HasSubstr("Tamil"));
}

TEST(CertificatePdf, EmbedsAllItsFontsAsSubsets)
{
    auto const fonts = test::run("pdffonts " + Rendered{arabic()}.file).output;
    auto lines = std::istringstream{fonts};
    auto line = std::string{};
    std::getline(lines, line);
    std::getline(lines, line);
    auto count = 0;
    for (; std::getline(lines, line); ++count) EXPECT_THAT(line, HasSubstr("yes yes yes")) << "embedded, subset, to Unicode";
    EXPECT_GE(count, 2);
}

TEST(CertificatePdf, CarriesACodeThatZBarReadsFromARasterOfScreenResolution)
{
    for (auto const& sheet : {english(), arabic()})
        for (auto const dots_per_inch : {110, 300})
            EXPECT_THAT(test::qr_codes(Rendered{sheet}.picture(dots_per_inch)), Contains(sheet.qr_payload)) << dots_per_inch;
}

TEST(CertificatePdf, CarriesALongCodeThatStillReadsInPrint)
{
    auto sheet = english();
    sheet.qr_payload = sheet.verification_url + "#" + std::string(870, 'k');
    EXPECT_THAT(test::qr_codes(Rendered{sheet}.picture(600)), Contains(sheet.qr_payload));
}

TEST(CertificatePdf, GivesBackTheCredentialByteForByte)
{
    auto const rendered = Rendered{english()};
    auto const out = (rendered.scratch.path / "out.json").string();
    EXPECT_EQ(test::run("pdfdetach -save 1 -o " + out + " " + rendered.file).status, 0);
    EXPECT_EQ(test::read_file(out), text_of(credential.content));
    EXPECT_EQ(test::run("qpdf --show-attachment=credential.json " + rendered.file).output, text_of(credential.content));
}

TEST(CertificatePdf, NamesTheCredentialAsAnAssociatedFileOfTheDocument)
{
    auto const qdf = Rendered{english()}.qdf();
    EXPECT_THAT(qdf, HasSubstr("/AF ["));
    EXPECT_THAT(qdf, HasSubstr("/AFRelationship /Alternative"));
    EXPECT_THAT(qdf, HasSubstr("/Subtype /application#2fvc"));
}

TEST(CertificatePdf, SaysTitleLanguageStructureAndWhatTheFigureIs)
{
    auto const rendered = Rendered{english()};
    auto const qdf = rendered.qdf();
    EXPECT_THAT(qdf, HasSubstr("/Lang (en)"));
    EXPECT_THAT(qdf, HasSubstr("/Marked true"));
    EXPECT_THAT(qdf, HasSubstr("/DisplayDocTitle true"));
    EXPECT_THAT(qdf, HasSubstr("/S /H1"));
    EXPECT_THAT(qdf, HasSubstr("/Alt (QR code with the address where this certificate can be checked)"));
    EXPECT_THAT(qdf, HasSubstr("/URI (https://localhost:8443/c/01J9ZK3WQ4T6)"));
    EXPECT_THAT(qdf, HasSubstr("<dc:language><rdf:Bag><rdf:li>en<"));
    EXPECT_THAT(rendered.info(), HasSubstr("PostgreSQL in Production: Expert \u2013 Maria Lindqvist-Okonkwo"));
    EXPECT_THAT(Rendered{arabic()}.qdf(), HasSubstr("/Direction /R2L"));
}

TEST(CertificatePdf, HasNoTimeOfItsOwnAndIsTheSameEachTime)
{
    auto const first = Rendered{english()};
    EXPECT_EQ(first.bytes, Rendered{english()}.bytes);
    EXPECT_THAT(first.qdf(), HasSubstr("/CreationDate (D:20261124093000"));
    auto const later = render_pdf(english(), credential, created + std::chrono::hours{1});
    EXPECT_NE(later.value(), first.bytes);
}

TEST(CertificatePdf, SaysUnmistakablyThatADemonstrationIsOne)
{
    auto sheet = english();
    sheet.demonstration = "Demonstration: this is not a certificate";
    auto const rendered = Rendered{sheet};
    EXPECT_THAT(rendered.text(), HasSubstr(*sheet.demonstration));
    EXPECT_THAT(rendered.info(), HasSubstr("Title:           " + *sheet.demonstration));
    EXPECT_THAT(test::qr_codes(rendered.picture(150)), Contains(sheet.qr_payload)) << "the watermark must not cover the code";

    // Seen from afar: a dark band from edge to edge, and a tint over the whole page that the real one does not have.
    auto const tinted = [](test::Picture const& picture) {
        return std::count_if(picture.pixels.begin(), picture.pixels.end(), [](char p) { return static_cast<unsigned char>(p) < 245; });
    };
    auto const page = rendered.picture(50);
    auto const row = page.pixels.substr(std::size_t{page.width} * 5, page.width);
    EXPECT_EQ(std::count_if(row.begin(), row.end(), [](char p) { return static_cast<unsigned char>(p) > 128; }), 0);
    EXPECT_GT(tinted(page), tinted(Rendered{english()}.picture(50)) + static_cast<long>(page.pixels.size() / 20));
    EXPECT_THAT(Rendered{english()}.text(), Not(HasSubstr("Demonstration")));

    sheet.demonstration = " ";
    EXPECT_EQ(render_pdf(sheet, credential, created).error(), errc::text_missing);
}

/// Where poppler finds the words of a page, in points from its left edge: from the first word's start to the last one's end, a line each.
struct Extent {
    double left, right;
};

std::vector<Extent> lines_of(Rendered const& rendered)
{
    auto const boxes = test::run("pdftotext -bbox-layout " + rendered.file + " -").output;
    auto found = std::vector<Extent>{};
    auto const number = [&](std::size_t from, std::string_view name) { return std::stod(boxes.substr(boxes.find(name, from) + name.size())); };
    for (auto at = boxes.find("<line "); at != boxes.npos; at = boxes.find("<line ", at + 1))
        found.push_back({number(at, "xMin=\""), number(at, "xMax=\"")});
    return found;
}

TEST(CertificatePdf, StartsEveryParagraphAtTheEdgeWhereThePageStarts)
{
    constexpr auto width = 841.89, margin = 66.0, tolerance = 4.0;
    auto mixed = arabic(); // Latin names and titles are common on an Arabic certificate
    mixed.holder_name = "Maria Lindqvist-Okonkwo";
    mixed.achievement = "PostgreSQL in Production: Expert";
    mixed.demonstration = "عرض تجريبي: هذه ليست شهادة حقيقية";
    auto reversed = named("ليلى عبد الرحمن");
    reversed.demonstration = "Demonstration: this is not a certificate";
    for (auto const& sheet : {english(), arabic(), mixed, reversed}) {
        auto const rendered = Rendered{sheet};
        auto const lines = lines_of(rendered);
        ASSERT_GT(lines.size(), 8u);
        auto const starts_at_margin = [&](Extent const& line) {
            return sheet.direction == Direction::left_to_right ? std::abs(line.left - margin) < tolerance : std::abs(line.right - (width - margin)) < tolerance;
        };
        // Issuer, the sentence's six lines, the first fact and the address.
        EXPECT_GE(std::count_if(lines.begin(), lines.end(), starts_at_margin), 9) << sheet.holder_name << ' ' << sheet.language;
        for (auto const& line : lines) EXPECT_TRUE(line.left > 0 && line.right < width) << line.left << "…" << line.right;
        if (!sheet.demonstration) continue;
        auto const is_centred = [&](Extent const& line) { return std::abs((line.left + line.right) / 2 - width / 2) < tolerance; };
        EXPECT_GE(std::count_if(lines.begin(), lines.end(), is_centred), 1) << "the word of the demonstration stands in the middle";
    }
}

TEST(CertificatePdf, LeavesOutWhatDoesNotApply)
{
    auto sheet = english();
    sheet.valid_until.clear();
    sheet.scope.clear();
    auto const text = Rendered{sheet}.text();
    EXPECT_THAT(text, Not(HasSubstr("Valid until")));
    EXPECT_THAT(text, Not(HasSubstr("Scope")));
}

TEST(CertificatePdf, SetsLongNamesSmallerAndRefusesWhatCannotBeLegible)
{
    auto const name = std::string{"Maria Wilhelmine Friederike Alexandrine Annunciata Cecilie Hohenlohe-Waldenburg-Schillingsfürst"};
    EXPECT_THAT(Rendered{named(name)}.text(), HasSubstr(name));
    EXPECT_EQ(render_pdf(named(std::string(400, 'W')), credential, created).error(), errc::text_too_long);
    EXPECT_EQ(render_pdf(named(std::string(5000, 'W')), credential, created).error(), errc::text_too_long);
}

TEST(CertificatePdf, StaysOnItsPageWhenEveryTextIsLong)
{
    auto sheet = english();
    sheet.holder_name = "Maria Wilhelmine Friederike Alexandrine Annunciata Hohenlohe-Waldenburg-Schillingsfürst";
    sheet.achievement = "Certified Senior Engineer for the Design, Operation and Recovery of Replicated PostgreSQL Installations";
    sheet.issuer = "The International Association of Partner Companies for Database Certification, Limited";
    sheet.scope += "; " + sheet.scope + "; " + sheet.scope;
    sheet.demonstration = "Demonstration: not a certificate";
    auto const text = Rendered{sheet}.text();
    for (auto const& fact : {sheet.holder_name, sheet.achievement, sheet.issuer, sheet.scope}) EXPECT_THAT(text, HasSubstr(fact));
}

TEST(CertificatePdf, RefusesACharacterWithoutAGlyphAndNamesIt)
{
    // Private use characters are in no font of Noto; U+E801 comes first in the text.
    auto const sheet = named("Ana \xEE\xA0\x81 \xEE\xA0\x80 \xEE\xA0\x81");
    EXPECT_EQ(render_pdf(sheet, credential, created).error(), errc::glyph_missing);
    EXPECT_EQ(missing_characters(sheet).value(), (std::vector<char32_t>{0xe801, 0xe800}));
    EXPECT_TRUE(missing_characters(english()).value().empty());
    EXPECT_TRUE(missing_characters(arabic()).value().empty());
}

TEST(CertificatePdf, RefusesTextsThatWouldReadAsSomethingElse)
{
    for (auto const* bad : {"Ana\nLima", "Ana\tLima", "Ana \u202eamiL", "Ana \u2067Lima", "Ana\u2028Lima", "\xff\xfe", "Ana \xed\xa0\x80", "\u0085"})
        EXPECT_EQ(render_pdf(named(bad), credential, created).error(), errc::text_malformed) << bad;
    EXPECT_EQ(render_pdf(named(std::string{"A\0B", 3}), credential, created).error(), errc::text_malformed);
    EXPECT_EQ(render_pdf(named(""), credential, created).error(), errc::text_missing);
    EXPECT_EQ(render_pdf(named(" \u00a0"), credential, created).error(), errc::text_missing);
}

TEST(CertificatePdf, LinksToWebAddressesOnly)
{
    for (auto const* bad : {"javascript:alert(1)", "file:///etc/passwd", "https://example.org/a b", "https://example.org/a\\b", "https://example.org/\xc3\xa9", ""}) {
        auto sheet = english();
        sheet.verification_url = bad;
        EXPECT_EQ(render_pdf(sheet, credential, created).error(), errc::text_malformed) << bad;
    }
    auto quoted = english();
    quoted.verification_url = "https://example.org/c?n='a'";
    EXPECT_THAT(Rendered{quoted}.qdf(), HasSubstr("/URI (https://example.org/c?n='a')"));
}

} // namespace
} // namespace assay::credentials::render
