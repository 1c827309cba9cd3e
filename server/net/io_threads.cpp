#include "server/net/io_threads.hpp"

#include "core/contract.hpp"

#include <boost/asio/executor_work_guard.hpp>

namespace assay::net {

namespace asio = boost::asio;

namespace {
constexpr auto no_index = static_cast<std::size_t>(-1);
thread_local std::size_t current_index = no_index;
} // namespace

struct IoThreads::Guard {
    asio::executor_work_guard<asio::io_context::executor_type> work;
};

IoThreads::IoThreads(std::size_t count, std::function<void(std::exception_ptr)> on_escape) : on_escape_{std::move(on_escape)}
{
    EXPECTS(count >= 1);
    for (auto i = std::size_t{0}; i < count; ++i) {
        contexts_.push_back(std::make_unique<asio::io_context>(1));
        guards_.push_back(std::make_shared<Guard>(Guard{asio::make_work_guard(*contexts_.back())}));
    }
}

IoThreads::~IoThreads()
{
    stop();
    join();
}

void IoThreads::start()
{
    EXPECTS(threads_.empty());
    for (auto i = std::size_t{0}; i < contexts_.size(); ++i) {
        threads_.emplace_back([this, i] {
            current_index = i;
            for (;;) {
                try {
                    contexts_[i]->run();
                    return;
                } catch (...) {
                    if (on_escape_) on_escape_(std::current_exception());
                }
            }
        });
    }
}

void IoThreads::stop()
{
    for (auto const& context : contexts_) context->stop();
}

void IoThreads::join()
{
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

std::size_t IoThreads::current() noexcept
{
    if (current_index == no_index) std::terminate(); // a service of one thread used from another: no way to go on safely
    return current_index;
}

} // namespace assay::net
