#include "server/proctoring/worker_pool.hpp"

#include "proctor/channel/worker_channel.hpp"
#include "sandbox/child.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <mutex>
#include <set>
#include <sys/socket.h>
#include <system_error>

namespace assay::server::proctoring {
namespace {

namespace channel = proctor::channel;
using proctor::FrameFault;
using proctor::Observation;
using Socket = asio::local::stream_protocol::socket;

/// The published YuNet 2022mar, when the operator names a file and no hash.
constexpr auto yunet_2022mar_sha256 = "50ef07f702a31741ca46a4c0d947773b64143b9362780237bf0d427d6c79bab7";

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// A timer that never expires: what waits on it is woken by cancel().
struct Bell : asio::steady_timer {
    explicit Bell(asio::any_io_executor const& executor) : asio::steady_timer{executor, asio::steady_timer::time_point::max()} {}
};

/// A picture on its way. `outcome` is set before `answered` rings.
struct Job {
    Job(asio::any_io_executor const& executor, SittingId owner, Bytes picture, proctor::FrameMeta const& meta)
        : sitting{owner}, jpeg{std::move(picture)}, frame{meta}, payload{sha256(jpeg)}, answered{executor}
    {
    }
    void answer(result<Observation> with)
    {
        outcome = std::move(with);
        answered.cancel();
    }

    SittingId sitting;
    Bytes jpeg;
    proctor::FrameMeta frame;
    Sha256Digest payload;
    std::optional<result<Observation>> outcome;
    Bell answered;
};

/// A process and the socket to it. What ends it is always the same: a SIGKILL, by which the pending read ends too.
struct Worker {
    Worker(asio::any_io_executor const& executor, WorkerProgram const& program)
        : process{program.executable, program.arguments()}, socket{executor, asio::local::stream_protocol{}, process.release_descriptor()}, deadline{executor}
    {
    }

    void die_after(std::shared_ptr<Worker> const& self, milliseconds time)
    {
        deadline.expires_after(time);
        deadline.async_wait([self](boost::system::error_code error) {
            if (error) return;
            self->overdue = true;
            self->process.kill();
        });
    }
    bool alive()
    {
        auto octet = char{};
        return ::recv(socket.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) != 0; // 0: its end is closed
    }

    sandbox::Child process;
    Socket socket;
    asio::steady_timer deadline;
    bool overdue = false;
};

asio::awaitable<result<channel::Message>> read_message(Worker& worker)
{
    auto prefix = std::array<std::byte, channel::length_prefix>{};
    auto const prefix_buffer = asio::buffer(prefix);
    auto const [prefix_error, prefix_size] = co_await asio::async_read(worker.socket, prefix_buffer, as_result);
    if (prefix_error) co_return prefix_error;
    auto const length = channel::parse_length(prefix, channel::message_size_max);
    if (!length) co_return length.error();
    auto body = Bytes(*length);
    auto const body_buffer = asio::buffer(body);
    auto const [body_error, body_size] = co_await asio::async_read(worker.socket, body_buffer, as_result);
    if (body_error) co_return body_error;
    co_return channel::parse_message(body);
}

} // namespace

std::vector<std::string> WorkerProgram::arguments() const
{
    if (!model) return {};
    return {"--model", model->string(), "--model-sha256", model_sha256 ? to_string(*model_sha256) : yunet_2022mar_sha256};
}

struct WorkerPool::State {
    State(asio::any_io_executor on, WorkerPoolSettings with) : executor{std::move(on)}, settings{std::move(with)}, all_gone{executor} {}

    asio::any_io_executor executor;
    WorkerPoolSettings settings;

    // On the executor only:
    std::deque<std::shared_ptr<Job>> waiting;             ///< at most one a sitting
    std::set<SittingId> in_flight;                        ///< one picture of a sitting at a time, so that they stay in order
    std::vector<Bell*> idle;                              ///< workers that wait for a picture, or rest before a restart
    std::set<std::shared_ptr<Worker>> workers;
    std::size_t tending = 0;
    std::uint64_t sequence = 0;
    bool stopping = false;
    Bell all_gone;

    // For any thread:
    mutable std::mutex published;
    WorkerCounters counters;
    std::optional<proctor::Detector> detector;
    std::string notice;
    std::vector<int> process_ids;

    template <class Change>
    void publish(Change change)
    {
        auto const lock = std::lock_guard{published};
        change(counters);
        counters.waiting = waiting.size();
    }

    void wake_all()
    {
        for (auto* bell : idle) bell->cancel();
    }

    asio::awaitable<void> sleep(milliseconds time)
    {
        auto bell = Bell{executor};
        if (time != milliseconds::max()) bell.expires_after(time);
        idle.push_back(&bell);
        co_await bell.async_wait(as_result);
        std::erase(idle, &bell);
    }

    std::shared_ptr<Job> take()
    {
        for (auto at = waiting.begin(); at != waiting.end(); ++at) {
            if (in_flight.contains((*at)->sitting)) continue;
            auto job = std::move(*at);
            waiting.erase(at);
            in_flight.insert(job->sitting);
            publish([](auto&) {});
            return job;
        }
        return nullptr;
    }

    void put_back(std::shared_ptr<Job> job)
    {
        in_flight.erase(job->sitting);
        for (auto const& other : waiting)
            if (other->sitting == job->sitting) return give_up(*job, FrameFault::superseded);
        waiting.push_front(std::move(job));
        wake_all();
    }

    void give_up(Job& job, FrameFault fault)
    {
        publish([&](auto& counted) {
            if (fault == FrameFault::superseded) ++counted.superseded;
            if (fault == FrameFault::worker_lost) ++counted.lost;
            if (fault == FrameFault::late) ++counted.late;
        });
        job.answer(Observation::failed(job.frame, job.payload, fault));
    }

    void enqueue(std::shared_ptr<Job> const& job)
    {
        for (auto& other : waiting) {
            if (other->sitting != job->sitting) continue;
            auto const older = std::exchange(other, job); // keeps the place in the queue: nobody gains by sending faster
            return give_up(*older, FrameFault::superseded);
        }
        if (waiting.size() >= settings.waiting_max) {
            auto const oldest = std::move(waiting.front());
            waiting.pop_front();
            give_up(*oldest, FrameFault::superseded);
        }
        waiting.push_back(job);
        publish([](auto&) {});
        wake_all();
    }

    void stop()
    {
        if (std::exchange(stopping, true)) return;
        for (auto const& worker : workers) worker->process.kill();
        for (auto const& job : std::exchange(waiting, {})) job->answer(asio::error::make_error_code(asio::error::operation_aborted));
        wake_all();
    }

    void remember(std::shared_ptr<Worker> const& worker) { workers.insert(worker); list_processes(); }
    void forget(std::shared_ptr<Worker> const& worker) { workers.erase(worker); list_processes(); }
    void list_processes()
    {
        auto const lock = std::lock_guard{published};
        process_ids.clear();
        for (auto const& worker : workers) process_ids.push_back(worker->process.id());
    }

    /// Starts a process and waits until it has said that it is ready; nothing when it does not.
    asio::awaitable<std::shared_ptr<Worker>> start_worker()
    {
        auto worker = std::shared_ptr<Worker>{};
        try {
            worker = std::make_shared<Worker>(executor, settings.program);
        } catch (std::system_error const&) {
            co_return nullptr; // no such program, or no more processes: counted, tried again
        }
        remember(worker);
        worker->die_after(worker, settings.start_deadline);
        auto const message = co_await read_message(*worker);
        worker->deadline.cancel();
        if (!message || !std::holds_alternative<channel::Ready>(*message)) {
            forget(worker);
            co_return nullptr;
        }
        auto const& ready = std::get<channel::Ready>(*message);
        auto const lock = std::lock_guard{published};
        detector = ready.detector;
        notice = ready.notice;
        co_return worker;
    }

    /// True while the worker can be trusted with another picture.
    asio::awaitable<bool> ask(std::shared_ptr<Worker> worker, std::shared_ptr<Job> job, proctor::Detector const& with)
    {
        auto const number = ++sequence;
        auto const request = channel::frame(channel::Request{.sequence = number, .jpeg = std::move(job->jpeg)});
        worker->die_after(worker, settings.frame_deadline);
        auto const buffer = asio::buffer(request);
        auto const [write_error, written] = co_await asio::async_write(worker->socket, buffer, as_result);
        auto message = result<channel::Message>{write_error};
        if (!write_error) message = co_await read_message(*worker);
        worker->deadline.cancel();
        in_flight.erase(job->sitting);

        auto* reply = message ? std::get_if<channel::Reply>(&*message) : nullptr;
        if (reply == nullptr || reply->sequence != number) { // silence, or nonsense: it has to go either way
            if (stopping) job->answer(asio::error::make_error_code(asio::error::operation_aborted));
            else give_up(*job, worker->overdue ? FrameFault::late : FrameFault::worker_lost);
            co_return false;
        }
        auto const* fault = std::get_if<FrameFault>(&reply->outcome);
        publish([&](auto& counted) {
            ++counted.analysed;
            if (fault != nullptr) ++counted.refused;
        });
        if (fault != nullptr) {
            job->answer(Observation::failed(job->frame, job->payload, *fault));
        } else {
            auto& measured = std::get<proctor::Measurement>(reply->outcome);
            measured.detector = with;
            job->answer(Observation::of(job->frame, job->payload, std::move(measured)));
        }
        wake_all(); // the next picture of this sitting may have been waiting for this one
        co_return true;
    }

    /// Hands pictures to one worker for as long as it lives. True when it did any work.
    asio::awaitable<bool> feed(std::shared_ptr<Worker> worker, proctor::Detector with)
    {
        auto worked = false;
        while (!stopping) {
            auto job = take();
            if (job == nullptr) {
                co_await sleep(milliseconds::max());
                continue;
            }
            if (!worker->alive()) { // it died in its sleep: that need not cost this picture
                put_back(std::move(job));
                break;
            }
            auto const good = co_await ask(worker, job, with);
            if (!good) {
                wake_all();
                break;
            }
            worked = true;
        }
        co_return worked;
    }

    /// One worker after another, for as long as the pool runs.
    asio::awaitable<void> tend()
    {
        auto pause = settings.backoff_min;
        while (!stopping) {
            auto worker = co_await start_worker();
            auto worked = false;
            if (worker == nullptr) {
                publish([](auto& counted) { ++counted.failed_starts; });
            } else {
                auto with = *detector;
                publish([](auto& counted) { ++counted.started, ++counted.ready; });
                worked = co_await feed(worker, std::move(with));
                publish([](auto& counted) { --counted.ready; });
                worker->process.kill();
                forget(worker);
            }
            worker.reset(); // reaped here
            pause = worked ? settings.backoff_min : std::min(pause * 2, settings.backoff_max);
            // Rings from arriving pictures must not cut the rest short: only its time or the pool's end do.
            auto const until = std::chrono::steady_clock::now() + pause;
            while (!stopping && std::chrono::steady_clock::now() < until) {
                auto const left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
                co_await sleep(left);
            }
        }
    }

    static asio::awaitable<result<Observation>> observe(std::shared_ptr<State> self, SittingId sitting, Bytes jpeg, proctor::FrameMeta frame)
    {
        if (self->stopping) co_return asio::error::make_error_code(asio::error::operation_aborted);
        auto const job = std::make_shared<Job>(self->executor, sitting, std::move(jpeg), frame);
        if (job->jpeg.size() > proctor::frame_bytes_max) co_return Observation::failed(job->frame, job->payload, FrameFault::too_many_bytes);
        self->enqueue(job);
        co_await job->answered.async_wait(as_result);
        if (job->outcome) co_return std::move(*job->outcome);
        std::erase(self->waiting, job); // the caller gave up
        co_return asio::error::make_error_code(asio::error::operation_aborted);
    }
};

WorkerPool::WorkerPool(asio::any_io_executor executor, WorkerPoolSettings settings)
{
    EXPECTS(settings.workers >= 1 && settings.workers <= 64 && settings.waiting_max >= 1);
    EXPECTS(settings.frame_deadline > milliseconds{0} && settings.backoff_min > milliseconds{0} && settings.backoff_max >= settings.backoff_min);
    state_ = std::make_shared<State>(std::move(executor), std::move(settings));
}

WorkerPool::~WorkerPool()
{
    for (auto const& worker : state_->workers) worker->process.kill();
}

asio::awaitable<void> WorkerPool::run()
{
    auto const state = state_;
    EXPECTS(state->tending == 0);
    co_await asio::this_coro::throw_if_cancelled(false);
    auto failure = std::exception_ptr{};
    for (auto i = std::size_t{0}; i < state->settings.workers; ++i) {
        ++state->tending;
        auto heard = [state, &failure](std::exception_ptr problem) {
            if (problem) failure = problem, state->stop();
            if (--state->tending == 0) state->all_gone.cancel();
        };
        asio::co_spawn(state->executor, state->tend(), std::move(heard));
    }
    while (state->tending > 0) {
        co_await state->all_gone.async_wait(as_result);
        if (state->tending == 0) break;
        state->stop(); // woken by cancellation: from here on the end is certain, and must be waited for
        auto const undisturbed = asio::disable_cancellation();
        co_await asio::this_coro::reset_cancellation_state(undisturbed);
    }
    if (failure) std::rethrow_exception(failure);
}

void WorkerPool::stop()
{
    asio::post(state_->executor, [state = state_] { state->stop(); });
}

asio::awaitable<result<Observation>> WorkerPool::analyse(SittingId sitting, Bytes jpeg, proctor::FrameMeta frame)
{
    auto observed = State::observe(state_, sitting, std::move(jpeg), frame);
    co_return co_await asio::co_spawn(state_->executor, std::move(observed), asio::use_awaitable);
}

WorkerCounters WorkerPool::counters() const
{
    auto const lock = std::lock_guard{state_->published};
    return state_->counters;
}

std::optional<proctor::Detector> WorkerPool::detector() const
{
    auto const lock = std::lock_guard{state_->published};
    return state_->detector;
}

std::string WorkerPool::notice() const
{
    auto const lock = std::lock_guard{state_->published};
    return state_->notice;
}

std::vector<int> WorkerPool::process_ids() const
{
    auto const lock = std::lock_guard{state_->published};
    return state_->process_ids;
}

} // namespace assay::server::proctoring
