// Published results on published data: Bock & Lieberman's LSAT sections, SAT12 and the Science attitude items, as the R package mirt (1.45 to
// 1.47, 61 nodes on [-6, 6]) prints them in its documentation.
#include "exam/calibration/fit/classical.hpp"
#include "exam/calibration/fit/limited_information.hpp"
#include "tests/exam/calibration/support.hpp"
#include "tests/support/shared_data.hpp"

#include <zlib.h>

using namespace calibration_testing;

namespace {

ResponseTable load(std::string const& name)
{
    auto* file = gzopen((assay::test::shared_directory() / "testdata/responses" / name).c_str(), "rb");
    EXPECT_NE(file, nullptr);
    auto text = std::string{};
    char block[65536];
    for (int n; (n = gzread(file, block, sizeof block)) > 0;) text.append(block, static_cast<std::size_t>(n));
    gzclose(file);
    return *recode(*read_responses(text), {});
}

Calibration fit_all(ResponseTable const& responses, ModelKind kind)
{
    return *calibrate(responses, requests(responses.items.size(), kind), {.standard_errors = true});
}

struct Published {
    char const* file;
    ModelKind kind;
    double log_likelihood;
    double digits; ///< half a unit of the last digit printed
};

} // namespace

TEST(Published, LogLikelihoodsAreReached)
{
    ASSAY_NEEDS_SHARED("testdata/responses/data_lsat6.csv.gz");
    for (auto const& p : {Published{"data_lsat6.csv.gz", ModelKind::two_parameter, -2466.65338, 5e-6}, Published{"data_lsat7.csv.gz", ModelKind::two_parameter, -2658.80511, 5e-6},
                          Published{"data_sat12.csv.gz", ModelKind::two_parameter, -9488.95501, 5e-6}, Published{"data_lsat6.csv.gz", ModelKind::one_parameter, -2466.938, 5e-4},
                          Published{"data_lsat7.csv.gz", ModelKind::three_parameter, -2658.055, 1e-3}, Published{"data_science.csv.gz", ModelKind::graded, -1608.87, 5e-3}}) {
        auto const calibration = fit_all(load(p.file), p.kind);
        EXPECT_TRUE(calibration.converged) << p.file;
        EXPECT_NEAR(calibration.log_likelihood, p.log_likelihood, p.digits) << p.file << " " << name(p.kind);
    }
}

TEST(Published, Lsat7SlopesInterceptsAndTheirIntervalsAreReached)
{
    ASSAY_NEEDS_SHARED("testdata/responses/data_lsat7.csv.gz");
    auto const calibration = fit_all(load("data_lsat7.csv.gz"), ModelKind::two_parameter);
    double const slope[] = {0.988, 1.081, 1.706, 0.765, 0.736}, intercept[] = {1.856, 0.808, 1.804, 0.486, 1.855};
    double const lower[] = {0.6406, 0.7501, 1.0779, 0.5022, 0.4395}, upper[] = {1.3354, 1.4119, 2.334, 1.028, 1.032}; // 95 %, direct information
    for (std::size_t i = 0; i < 5; ++i) {
        auto const& item = calibration.items[i];
        EXPECT_NEAR(item.model.slope(), slope[i], 2e-3);
        EXPECT_NEAR(-item.model.slope() * item.model.threshold(), intercept[i], 2e-3);
        EXPECT_NEAR(*item.standard_errors.slopes[0], (upper[i] - lower[i]) / (2 * 1.959964), 2e-3);
    }
}

TEST(Published, Lsat6RaschItemsAreReached)
{
    ASSAY_NEEDS_SHARED("testdata/responses/data_lsat6.csv.gz");
    auto const responses = load("data_lsat6.csv.gz");
    auto const calibration = fit_all(responses, ModelKind::one_parameter);
    double const intercept[] = {2.730, 0.999, 0.240, 1.307, 2.100}, s_x2[] = {0.436, 1.576, 0.871, 0.190, 0.190};
    auto const fit = item_fit(models_of(calibration), responses, fit_scoring());
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(calibration.items[i].model.slope(), 0.755, 6e-4);
        EXPECT_NEAR(-calibration.items[i].model.slope() * calibration.items[i].model.threshold(), intercept[i], 1e-3);
        EXPECT_NEAR(fit[i].s_x2->statistic, s_x2[i], 2e-3);
    }
    auto const m2 = limited_information(models_of(calibration), responses, MomentSet::m2, {});
    ASSERT_TRUE(m2);
    EXPECT_NEAR(m2->test.statistic, 5.293, 2e-3);
    EXPECT_EQ(m2->test.df, 9);
    EXPECT_NEAR(*m2->test.p, 0.808, 1e-3);
    EXPECT_EQ(m2->rmsea, 0);
    EXPECT_NEAR(*m2->rmsea_upper, 0.023, 5e-4);
    EXPECT_NEAR(m2->srmsr, 0.022, 5e-4);
}

TEST(Published, Lsat7FitStatisticsAreReached)
{
    ASSAY_NEEDS_SHARED("testdata/responses/data_lsat7.csv.gz");
    auto const responses = load("data_lsat7.csv.gz");
    auto const items = models_of(fit_all(responses, ModelKind::two_parameter));
    double const s_x2[] = {4.750, 14.441, 1.266, 5.241, 0.941}, p[] = {0.093, 0.001, 0.531, 0.073, 0.625};
    auto const fit = item_fit(items, responses, fit_scoring());
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(fit[i].s_x2->statistic, s_x2[i], 0.02) << i; // printed from estimates that stopped at 1e-4
        EXPECT_EQ(fit[i].s_x2->df, 2);
        EXPECT_NEAR(*fit[i].s_x2->p, p[i], 3e-3);
    }
    for (auto const set : {MomentSet::m2, MomentSet::c2}) {
        auto const m2 = limited_information(items, responses, set, {});
        ASSERT_TRUE(m2);
        EXPECT_NEAR(m2->test.statistic, 11.936, 5e-3);
        EXPECT_EQ(m2->test.df, 5);
        EXPECT_NEAR(*m2->test.p, 0.036, 5e-4);
        EXPECT_NEAR(m2->rmsea, 0.037, 5e-4);
        EXPECT_NEAR(*m2->rmsea_lower, 0.009, 6e-4);
        EXPECT_NEAR(*m2->rmsea_upper, 0.065, 6e-4);
        EXPECT_NEAR(m2->srmsr, 0.032, 5e-4);
    }
}
