#include "async/on_pool.hpp"
#include "core/contract.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace assay::async {

namespace asio = boost::asio;

ComputePool::ComputePool(std::size_t threads, std::size_t waiting_max) : pool_{threads}, jobs_max_{threads + waiting_max}
{
    EXPECTS(threads >= 1);
}

ComputePool::~ComputePool() { pool_.join(); }

asio::awaitable<void> ComputePool::run(std::function<void()> job)
{
    if (jobs_.fetch_add(1) >= jobs_max_) {
        jobs_.fetch_sub(1);
        throw Overloaded{"the compute pool is full"};
    }
    auto start = [this](auto handler, std::function<void()> work) {
        // Tracked: the awaiter's io_context must not run dry while the job is elsewhere.
        auto executor = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
        auto on_thread = [this, handler = std::move(handler), executor, work = std::move(work)]() mutable {
            auto failure = std::exception_ptr{};
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            work = nullptr;
            jobs_.fetch_sub(1);
            auto resume = [handler = std::move(handler), failure]() mutable { std::move(handler)(failure); };
            asio::post(executor, std::move(resume));
        };
        asio::post(pool_, std::move(on_thread));
    };
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr)>(start, asio::use_awaitable,
                                                                                           std::move(job));
}

} // namespace assay::async
