// Renewal by the paths that a policy opens: through the pages of holder and staff, to the successor that strangers can check.
#include "core/random.hpp"
#include "credentials/errors.hpp"
#include "credentials/verify.hpp"
#include "server/app/entries.hpp"
#include "server/app/erasure.hpp"
#include "server/app/renewals.hpp"
#include "tests/server/app/app_bench.hpp"

#include <gmock/gmock.h>

namespace assay::server::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Renewing : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    std::vector<storage::ExamRow> exams = app.run(storage::list_exams(app.services().pool, tenant.id));
    Browser reviewer = Browser::staff(app, tenant, app.add_staff(tenant, "Remi Reviewer", "reviewer"));

    /// The demonstration's programme with another [credential.renewal], and without its rule when a person shall decide.
    void publish_programme(std::string const& renewal, bool by_rule = true)
    {
        auto const document = app.run(storage::find_document(app.services().pool, tenant.id, exams.front().programme));
        auto text = std::string{text_of(document->content)};
        auto const rule = text.find("[decision_rule]");
        text.insert(rule, "[credential.renewal]\n" + renewal + "\n\n");
        if (!by_rule) text.resize(text.find("[decision_rule]"));
        auto work = [](Services& s, storage::TenantRow of, std::vector<storage::ExamRow> all, std::string content) -> asio::awaitable<bool> {
            auto row = storage::DocumentRow{sha256(content), "programme", "postgresql-production-associate", "2026.1", to_bytes(content), s.now()};
            auto append = single_entry(random_uuid(), 0, "ProgrammeChanged", "system", {});
            append.rows.push_back({"document", storage::columns(row)});
            for (auto const& exam : all)
                append.rows.push_back({"exam", json::object{{"exam_id", storage::column(exam.id)}, {"programme", storage::column(row.sha256)}}});
            auto const stored = co_await s.journal.append(of.id, std::move(append));
            stored.value();
            co_return true;
        };
        app.run(work(app.services(), tenant, exams, text));
    }
    void TearDown() override
    {
        for (auto const& exam : exams)
            app.sql(tenant, "WITH c AS (UPDATE exam SET programme = '\\x" + to_string(exam.programme) + "' WHERE exam_id = '" + to_string(exam.id) + "' RETURNING 1) SELECT count(*) FROM c");
    }

    storage::CertificateRow read(CertificateId id) { return *app.run(storage::find_certificate(app.services().pool, tenant.id, id)); }
    /// Awarded half a year ago, with renewal open since yesterday, or not yet.
    void age(CertificateId id, bool open)
    {
        app.sql(tenant, "WITH c AS (UPDATE certificate SET valid_from = now() - interval '180 days', renewal_opens_at = now() " + std::string{open ? "-" : "+"} +
                            " interval '1 day' WHERE certificate_id = '" + to_string(id) + "' RETURNING 1) SELECT count(*) FROM c");
    }
    int claim(Browser& holder, CertificateId id, std::string const& kind, std::string const& credits, std::string const& what, std::string const& evidence = "shown")
    {
        auto const own = "/t/demo/my/certificate/" + to_string(id);
        auto const form = std::string{holder.get(own + "/renewal").content()};
        auto const before = std::string{"name=\"csrf\" value=\""};
        auto const at = form.find(before) + before.size();
        auto const day = to_rfc3339(app.services().now() - std::chrono::days{10}).substr(0, 10);
        return holder.upload(own + "/credits", {{"csrf", form.substr(at, form.find('"', at) - at)}, {"kind", kind}, {"what", what}, {"credits", credits}, {"earned_on", day}},
                             "course.pdf", evidence).status;
    }
    std::vector<storage::EducationCreditRow> claims(CertificateId id) { return app.run(storage::list_credits_of(app.services().pool, tenant.id, id)); }
    int judge(Uuid credit, std::string const& verdict, std::string const& reason = {})
    {
        return reviewer.post("/t/demo/staff/credits/" + to_string(credit), {{"verdict", verdict}, {"reason", reason}}).status;
    }
    void settle_now(CertificateId id)
    {
        auto work = [](Services& s, storage::TenantRow of, CertificateId which) -> asio::awaitable<bool> {
            co_await settle_renewal(s, of, which);
            co_return true;
        };
        app.run(work(app.services(), tenant, id));
    }
    std::string issued_path(CertificateId id)
    {
        auto const entries = app.run(app.services().journal.read_stream(tenant.id, id.uuid));
        auto const* path = find_string(entries.front().body(), "path");
        return path != nullptr ? std::string{*path} : "none";
    }
};

TEST_F(Renewing, TakesCreditsWithEvidenceFromThePageToTheSuccessor)
{
    publish_programme("credits = 40\npractice_credits_max = 10");
    auto const invitation = invite_person(app, tenant, "Carla Credits", "carla@example.org");
    auto const old = certificate_of(app, tenant, sit(app, tenant, invitation));
    age(old.id, false);
    auto holder = Browser::candidate(app, invitation.link);
    auto const page = "/t/demo/my/certificate/" + to_string(old.id) + "/renewal";
    EXPECT_THAT(std::string{holder.get(page).content()}, HasSubstr("0 of 40 credits counted"));

    EXPECT_EQ(claim(holder, old.id, "learning", "30", "A course called Zygomorphic Replication", "evidence-of-zygomorphic"), 303);
    EXPECT_EQ(claim(holder, old.id, "practice", "20", "A year in production"), 303);
    EXPECT_EQ(claim(holder, old.id, "learning", "5", "Something vague"), 303);
    EXPECT_EQ(claim(holder, old.id, "learning", "0", "Nothing"), 422);
    EXPECT_EQ(claim(holder, old.id, "learning", "8", ""), 422);
    EXPECT_EQ(claim(holder, old.id, "learning", "8", "Large", std::string(credit_evidence_max + 1, 'x')), 422);
    auto rows = claims(old.id);
    ASSERT_EQ(rows.size(), 3u);

    auto const queue = std::string{reviewer.get("/t/demo/staff/credits").content()};
    EXPECT_THAT(queue, HasSubstr("Carla Credits"));
    EXPECT_THAT(queue, HasSubstr("Zygomorphic"));
    EXPECT_EQ(reviewer.get("/t/demo/staff/credits/" + to_string(rows[0].id) + "/evidence").content(), "evidence-of-zygomorphic");
    EXPECT_EQ(judge(rows[2].id, "refused"), 422) << "a refusal says why";
    EXPECT_EQ(judge(rows[2].id, "refused", "The name of the course is missing."), 303);
    EXPECT_EQ(judge(rows[2].id, "approved"), 422) << "judged already";
    EXPECT_EQ(judge(rows[1].id, "approved"), 303);
    EXPECT_THAT(std::string{holder.get(page).content()}, HasSubstr("10 of 40 credits counted")) << "practice counts up to the policy's cap";
    EXPECT_THAT(std::string{holder.get(page).content()}, HasSubstr("The name of the course is missing."));
    EXPECT_EQ(judge(rows[0].id, "approved"), 303);
    EXPECT_EQ(read(old.id).state, "active") << "renewal is not open yet";
    EXPECT_THAT(std::string{holder.get(page).content()}, HasSubstr("is renewed when renewal opens"));

    age(old.id, true);
    settle_now(old.id);
    auto const before = read(old.id);
    EXPECT_EQ(before.state, "superseded");
    ASSERT_TRUE(before.superseded_by);
    auto const renewed = read(*before.superseded_by);
    EXPECT_EQ(issued_path(renewed.id), "credits");
    EXPECT_GT(*renewed.valid_until, *old.valid_until + std::chrono::days{700}) << "24 months from the old end";
    EXPECT_EQ(app.run(storage::find_certificate_of(app.services().pool, tenant.id, old.sitting))->id, old.id) << "the sitting earned the first one";

    auto const opened = app.run(open_certificate(app.services(), tenant.id, renewed));
    auto documents = credentials::Documents{};
    auto const keys = app.run(load_keys(app.services(), tenant));
    documents.by_url[credentials::did_web_url(keys->did).value()] = canonical_json(credentials::did_document(keys->did, keys->published));
    documents.by_url[status_list_url(tenant, 0)] = app.run(status_list_credential(app.services(), tenant, 0));
    auto const verification = credentials::verify(bytes_of(opened->credential), documents, app.services().now());
    EXPECT_EQ(verification.verdict(), credentials::Verdict::valid);
    EXPECT_THAT(opened->credential, HasSubstr("Renewed by 40 continuing-education credits"));

    auto const head = app.run(app.services().journal.head(tenant.id));
    for (auto const& entry : app.run(app.services().journal.read_entries(tenant.id, 0, head))) {
        EXPECT_THAT(std::string{text_of(entry.canonical)}, Not(HasSubstr("Zygomorphic")));
        EXPECT_THAT(std::string{text_of(entry.canonical)}, Not(HasSubstr("name of the course is missing")));
    }
    EXPECT_EQ(app.sql(tenant, "SELECT count(*) FROM education_credit WHERE position('ygomorphic'::bytea IN sealed_claim) > 0 OR position('zygomorphic'::bytea IN sealed_evidence) > 0"), 0);
}

TEST_F(Renewing, NeedsADeciderWhoDidNotJudgeTheEvidence)
{
    auto const invitation = invite_person(app, tenant, "Petra Person", "petra@example.org");
    auto const old = certificate_of(app, tenant, sit(app, tenant, invitation));
    publish_programme("credits = 5", false);
    age(old.id, true);
    auto holder = Browser::candidate(app, invitation.link);
    ASSERT_EQ(claim(holder, old.id, "learning", "5", "A course"), 303);
    auto const judging = app.add_staff(tenant, "Both", "reviewer certifier"), deciding = app.add_staff(tenant, "Cert", "certifier");
    app.run(judge_credits(app.services(), tenant, claims(old.id).front().id, judging.id, true, {})).value();
    auto const decision = app.run(storage::find_renewal_decision(app.services().pool, tenant.id, old.id));
    ASSERT_TRUE(decision);
    EXPECT_EQ(decision->state, "pending") << "this programme has no rule";
    auto const decide = [&](StaffId by) { return app.run(decide_by_person(app.services(), tenant, decision->id, by, credentials::DecisionState::granted, {})); };
    EXPECT_EQ(decide(judging.id).error(), credentials::errc::decider_reviewed_sitting);
    EXPECT_EQ(read(old.id).state, "active");
    EXPECT_THAT(std::string{Browser::staff(app, tenant, deciding).get("/t/demo/staff/decisions").content()}, HasSubstr("5 of 5 credits counted"));
    ASSERT_TRUE(decide(deciding.id));
    EXPECT_EQ(read(old.id).state, "superseded");
}

TEST_F(Renewing, ByTheDeltaExamIsForHoldersOnly)
{
    auto const delta = app.exam(tenant, false);
    auto const old = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Della Delta", "della@example.org")));
    age(old.id, true);
    publish_programme("full_exam = true\ndelta_exam = \"" + delta.identifier + "\"");
    auto const invitation = invite_person(app, tenant, "Della Delta", "della@example.org");
    auto holder = Browser::candidate(app, invitation.link);
    EXPECT_THAT(std::string{holder.get("/t/demo/my/certificate/" + to_string(old.id) + "/renewal").content()}, HasSubstr("the shorter exam about what is new"));
    auto const renewed = certificate_of(app, tenant, sit(app, tenant, invitation));
    EXPECT_EQ(issued_path(renewed.id), "delta_exam");
    EXPECT_EQ(read(old.id).superseded_by, renewed.id);

    auto const stranger = sit(app, tenant, invite_person(app, tenant, "Nova Newcomer", "nova@example.org"));
    EXPECT_FALSE(app.run(storage::find_certificate_of(app.services().pool, tenant.id, stranger))) << "the shorter exam certifies nobody by itself";
    auto const decision = app.run(storage::find_decision_of(app.services().pool, tenant.id, stranger));
    ASSERT_TRUE(decision);
    auto const certifier = app.add_staff(tenant, "Cora", "certifier");
    EXPECT_EQ(app.run(decide_by_person(app.services(), tenant, decision->id, certifier.id, credentials::DecisionState::granted, {})).error(), credentials::errc::result_not_passed);
}

TEST_F(Renewing, ForgetsTheEvidenceOfWhoIsErased)
{
    auto const invitation = invite_person(app, tenant, "Ella Erased", "ella@example.org");
    auto const old = certificate_of(app, tenant, sit(app, tenant, invitation));
    publish_programme("credits = 5");
    age(old.id, false);
    auto holder = Browser::candidate(app, invitation.link);
    ASSERT_EQ(claim(holder, old.id, "learning", "5", "A course"), 303);
    ASSERT_EQ(claims(old.id).size(), 1u);
    ASSERT_EQ(app.run(erase_person(app.services(), tenant, old.person, random_id<StaffId>(), "request_of_person")), Erasure::done);
    EXPECT_TRUE(claims(old.id).empty());
}

TEST_F(Renewing, IsPreviewedOnThePageOfAChangedPolicy)
{
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Polly Policy", "polly@example.org")));
    auto manager = Browser::staff(app, tenant, app.add_staff(tenant, "Marek", "manager"));
    auto const page = std::string{manager.get("/t/demo/staff/policy?programme=" + to_string(exams.front().programme_id)).content()};
    EXPECT_THAT(page, HasSubstr("grace_days = 30"));
    auto text = std::string{text_of(app.run(storage::find_document(app.services().pool, tenant.id, exams.front().programme))->content)};
    EXPECT_THAT(std::string{manager.post("/t/demo/staff/policy", {{"programme", text}}).content()}, Not(HasSubstr(certificate.number))) << "the same policy moves nothing";
    auto const at = text.find("grace_days = 30");
    text.replace(at, 15, "grace_days = 90");
    auto const preview = std::string{manager.post("/t/demo/staff/policy", {{"programme", text}}).content()};
    EXPECT_THAT(preview, HasSubstr(certificate.number));
    EXPECT_THAT(preview, HasSubstr("Polly Policy"));
    EXPECT_EQ(read(certificate.id).grace_until, certificate.grace_until) << "nothing is done";
    EXPECT_EQ(manager.post("/t/demo/staff/policy", {{"programme", "identifier = 3"}}).status, 422);
    EXPECT_EQ(reviewer.get("/t/demo/staff/policy").status, 403);
}

} // namespace
} // namespace assay::server::test
