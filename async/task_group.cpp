#include "async/task_group.hpp"

#include "async/event.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <map>
#include <vector>

namespace assay::async {

namespace asio = boost::asio;

namespace {

bool is_cancellation(std::exception_ptr const& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (boost::system::system_error const& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

} // namespace

struct TaskGroup::State {
    asio::any_io_executor executor;
    OnFailure on_failure;
    Event emptied;
    std::map<std::uint64_t, std::shared_ptr<asio::cancellation_signal>> tasks{};
    std::uint64_t next = 0;
    bool cancelled = false;

    void ended(std::uint64_t task, std::string const& name, std::exception_ptr const& failure)
    {
        tasks.erase(task);
        if (failure && !(cancelled && is_cancellation(failure)) && on_failure) on_failure(name, failure);
        if (tasks.empty()) emptied.signal();
    }
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : state_{std::make_shared<State>(State{executor, std::move(on_failure), Event{executor}})}
{
}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(std::string name, asio::awaitable<void> task)
{
    if (state_->cancelled) return;
    auto const number = state_->next++;
    auto signal = std::make_shared<asio::cancellation_signal>();
    state_->tasks.emplace(number, signal);
    // The handler keeps the signal as well: its slot outlives the entry that ended() erases.
    auto ended = [state = state_, number, name = std::move(name), signal](std::exception_ptr failure) {
        state->ended(number, name, failure);
    };
    asio::co_spawn(state_->executor, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

void TaskGroup::cancel()
{
    state_->cancelled = true;
    // A copy: a cancelled task may end at once and erase itself.
    auto signals = std::vector<std::shared_ptr<asio::cancellation_signal>>{};
    for (auto const& [number, signal] : state_->tasks) signals.push_back(signal);
    for (auto const& signal : signals) signal->emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> TaskGroup::wait()
{
    auto const state = state_;
    while (!state->tasks.empty()) co_await state->emptied.wait();
}

std::size_t TaskGroup::size() const noexcept { return state_->tasks.size(); }

} // namespace assay::async
