#include "server/app/routes.hpp"

#include "server/app/candidate.hpp"
#include "server/app/certificate_pages.hpp"
#include "server/app/decision_pages.hpp"
#include "server/app/invite_pages.hpp"
#include "server/app/item_pages.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/mail_pages.hpp"
#include "server/app/people_pages.hpp"
#include "server/app/policy_pages.hpp"
#include "server/app/proctor_gateway.hpp"
#include "server/app/public_pages.hpp"
#include "server/app/renewal_pages.hpp"
#include "server/app/result_page.hpp"
#include "server/app/review_pages.hpp"
#include "server/app/sitting_review_pages.hpp"
#include "server/app/staff_pages.hpp"

namespace assay::server {
namespace {

std::vector<std::string> const loopback{"127.0.0.0/8", "::1/128", "::ffff:127.0.0.0/104"};

} // namespace

net::Router make_router(RouteDependencies const& with)
{
    auto router = net::Router{};
    router.set_gate(make_gate(with.pool));
    router.add(net::operations_routes(with.readiness, with.pool.shared.metrics, loopback));
    router.add(with.files.route("/assets"));
    add_sign_in_routes(router, with.pool);
    add_public_routes(router, with.pool);
    add_log_routes(router, with.pool);
    add_candidate_routes(router, with.pool);
    add_result_routes(router, with.pool);
    add_renewal_routes(router, with.pool);
    add_staff_routes(router, with.pool, with.notices, with.on_ended);
    add_invite_routes(router, with.pool);
    add_item_routes(router, with.pool);
    add_review_routes(router, with.pool);
    add_sitting_review_routes(router, with.pool);
    add_decision_routes(router, with.pool);
    add_certificate_routes(router, with.pool);
    add_policy_routes(router, with.pool);
    add_people_routes(router, with.pool);
    add_mail_routes(router, with.pool);
    add_exam_gateway(router, with.pool, with.notices, with.on_ended);
    add_proctor_gateway(router, with.pool, with.notices);
    return router;
}

} // namespace assay::server
