#include "core/random.hpp"
#include "proctor/errors.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/reviews.hpp"
#include "storage/repositories/certificates.hpp"
#include "tests/server/app/app_bench.hpp"

namespace assay::server::test {
namespace {

struct Reviews : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    storage::StaffRow rania = app.add_staff(tenant, "Rania", "reviewer"), omar = app.add_staff(tenant, "Omar", "reviewer");

    storage::SittingRow sitting(SittingId id) { return *app.run(storage::find_sitting(app.services().pool, tenant.id, id)); }
    std::string path(SittingId id) { return "/t/demo/staff/reviews/" + to_string(id); }
};

TEST_F(Reviews, VoidAResultOnlyWithASecondPersonAndTellTheCandidateInPlainWords)
{
    auto const invitation = invite_person(app, tenant, "Vera Void", "vera.void@example.org");
    auto const id = sit(app, tenant, invitation);
    auto const certificate = certificate_of(app, tenant, id);
    EXPECT_EQ(sitting(id).validity, "clear");
    auto first = Browser::staff(app, tenant, rania), second = Browser::staff(app, tenant, omar);
    auto candidate = Browser::candidate(app, invitation.link);
    auto const result = "/t/demo/sitting/" + to_string(id) + "/result";

    EXPECT_EQ(first.get(path(id)).status, 200);
    EXPECT_EQ(first.post(path(id), {{"decision", "void"}, {"reason", "poor_light"}}).status, 422) << "a reason that exculpates voids nothing";
    EXPECT_EQ(first.post(path(id), {{"decision", "void"}, {"reason", "another_person_helped"}}).status, 303);
    EXPECT_EQ(sitting(id).validity, "under_review");
    EXPECT_EQ(candidate.get(result).content().find("Another person helped"), std::string_view::npos) << "a proposal is nobody's to know";
    EXPECT_EQ(first.post(path(id) + "/confirm").status, 422) << "the same person";
    EXPECT_EQ(sitting(id).validity, "under_review");
    EXPECT_EQ(second.post(path(id) + "/confirm").status, 303);
    EXPECT_EQ(sitting(id).validity, "voided");
    EXPECT_EQ(second.post(path(id) + "/confirm").status, 422) << "once";
    auto const told = std::string{candidate.get(result).content()};
    EXPECT_NE(told.find("Two people decided that the result of this sitting cannot stand."), std::string::npos);
    EXPECT_NE(told.find("Another person helped"), std::string::npos);

    // The score is untouched; the certificate falls when a certifier withdraws the decision it rests on.
    EXPECT_EQ(sitting(id).passed, true);
    auto certifier = Browser::staff(app, tenant, app.add_staff(tenant, "Chen", "certifier"));
    EXPECT_NE(certifier.get("/t/demo/staff/decisions").content().find("value=\"withdrawn\""), std::string_view::npos);
    auto const decision = app.run(storage::find_decision_of(app.services().pool, tenant.id, id));
    EXPECT_EQ(certifier.post("/t/demo/staff/decisions/" + to_string(decision->id), {{"decision", "withdrawn"}, {"reason", "the result was declared void"}}).status, 303);
    EXPECT_EQ(app.run(storage::find_decision_of(app.services().pool, tenant.id, id))->state, "withdrawn");
    EXPECT_EQ(app.run(storage::find_certificate(app.services().pool, tenant.id, certificate.id))->state, "revoked");
}

TEST_F(Reviews, CertifyNobodyWhileAVoidIsProposedAndGoOnWhenItIsDeclined)
{
    auto const invitation = invite_person(app, tenant, "Dora Declined", "dora.declined@example.org");
    auto const id = sit(app, tenant, invitation, false);
    auto review = proctor::Review{};
    review.decision = proctor::Decision::void_result;
    review.reason = proctor::ReviewReason::prohibited_material;
    review.reviewer = rania.id;
    review.at = app.services().now();
    app.run(propose_review(app.services(), tenant, id, review)).value();
    EXPECT_EQ(sitting(id).validity, "under_review");
    EXPECT_EQ(app.run(decline_review(app.services(), tenant, id, rania.id)).error(), proctor::errc::second_person_required);
    app.run(decline_review(app.services(), tenant, id, omar.id)).value();
    EXPECT_EQ(sitting(id).validity, "clear");
    EXPECT_FALSE(app.run(storage::find_sitting_review(app.services().pool, tenant.id, id)));
    // A warning holds at once, and the result stands.
    review.decision = proctor::Decision::warning;
    app.run(propose_review(app.services(), tenant, id, review)).value();
    EXPECT_EQ(sitting(id).validity, "upheld");
    EXPECT_EQ(app.run(propose_review(app.services(), tenant, id, review)).error(), proctor::errc::already_decided);
}

TEST_F(Reviews, BanAPersonFromInvitationsAndStartsUntilTheDay)
{
    auto const invitation = invite_person(app, tenant, "Bea Banned", "Bea.Banned@example.org");
    auto const waiting = invite_person(app, tenant, "Bea Banned", "bea.banned@example.org"); // the same person in other letters
    EXPECT_EQ(waiting.person, invitation.person);
    auto const id = sit(app, tenant, invitation);
    // A third invitation, opened but not begun.
    auto const opened = invite_person(app, tenant, "Bea Banned", "bea.banned@example.org");
    auto at_the_door = Browser::candidate(app, opened.link);
    auto const door = "/t/demo/sitting/" + to_string(sitting_of(opened.registration));
    auto const consent = std::string{at_the_door.get(door + "/consent").content()};
    auto const agreement = consent.substr(consent.find("name=\"agreement\" value=\"") + std::string_view{"name=\"agreement\" value=\""}.size(), 64);
    at_the_door.post(door + "/consent", {{"rules", "yes"}, {"agreement", agreement}});
    ASSERT_EQ(at_the_door.post(door + "/start").status, 303);
    ASSERT_EQ(at_the_door.get(door + "/exam").status, 200);
    auto first = Browser::staff(app, tenant, rania), second = Browser::staff(app, tenant, omar);
    EXPECT_EQ(first.post(path(id), {{"decision", "ban_until"}, {"reason", "another_person_sat"}}).status, 422) << "without a day";
    EXPECT_EQ(first.post(path(id), {{"decision", "ban_until"}, {"reason", "another_person_sat"}, {"banned_until", "2020-01-01"}}).status, 422);
    EXPECT_EQ(first.post(path(id), {{"decision", "ban_until"}, {"reason", "another_person_sat"}, {"banned_until", "2099-01-01"}}).status, 303);
    auto candidate = Browser::candidate(app, waiting.link);
    EXPECT_EQ(candidate.location().find("ban"), std::string::npos) << "nothing holds before the second person";
    EXPECT_EQ(second.post(path(id) + "/confirm").status, 303);

    auto const refused = candidate.get(waiting.link.substr(waiting.link.find("/t/")));
    EXPECT_EQ(refused.status, 403);
    EXPECT_NE(refused.content().find("Another person took the exam"), std::string_view::npos);
    EXPECT_NE(refused.content().find("2099"), std::string_view::npos);
    EXPECT_EQ(candidate.post("/t/demo/sitting/" + to_string(sitting_of(waiting.registration)) + "/start").status, 303) << "the rules come first";
    EXPECT_EQ(at_the_door.get(door + "/exam").status, 403) << "nothing begins under a ban";
    auto manager = Browser::staff(app, tenant, app.add_staff(tenant, "Marek", "manager"));
    auto const again = manager.post("/t/demo/staff/invite", {{"full_name", "Bea B"}, {"email", "BEA.BANNED@example.org"}, {"locale", "en"}, {"exam", to_string(app.exam(tenant, false).id)}});
    EXPECT_EQ(again.status, 422);
    EXPECT_NE(again.content().find("2099"), std::string_view::npos);
    // The ban is over the day after.
    auto const day = parse_rfc3339("2099-01-02T00:00:00Z").value();
    EXPECT_TRUE(app.run(storage::find_ban(app.services().pool, tenant.id, invitation.person, day - std::chrono::seconds{1})));
    EXPECT_FALSE(app.run(storage::find_ban(app.services().pool, tenant.id, invitation.person, day)));
}

} // namespace
} // namespace assay::server::test
