#pragma once
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace assay::net {

/// N threads with one io_context each (concurrency hint 1). What starts on one of them stays there, so that nothing on
/// the hot path needs a lock or a strand.
class IoThreads {
public:
    /// Expects count >= 1. An exception that escapes an asynchronous operation goes to `on_escape`, and the thread goes on.
    IoThreads(std::size_t count, std::function<void(std::exception_ptr)> on_escape);
    IoThreads(IoThreads const&) = delete;
    IoThreads& operator=(IoThreads const&) = delete;
    ~IoThreads(); ///< stop() and join()

    void start();  ///< threads begin to run
    void stop();   ///< thread-safe; what still waits is destroyed with the contexts
    void join();

    std::size_t size() const noexcept { return contexts_.size(); }
    boost::asio::io_context& context(std::size_t index) { return *contexts_[index]; }

    /// Index of the calling io thread, for services that keep one instance a thread. Terminates when called elsewhere.
    static std::size_t current() noexcept;

private:
    struct Guard;
    std::function<void(std::exception_ptr)> on_escape_;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::vector<std::shared_ptr<Guard>> guards_;
    std::vector<std::thread> threads_;
};

} // namespace assay::net
