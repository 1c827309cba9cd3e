#pragma once
#include "server/net/listener.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace assay::net::detail {

/// `burst` tokens at most, `per_second` come back. Not thread-safe.
class TokenBucket {
public:
    using Clock = std::chrono::steady_clock;
    TokenBucket(Rate rate, Clock::time_point now) noexcept : rate_{rate}, tokens_{rate.burst}, at_{now} {}

    /// Takes one token and returns zero, or returns how long until there is one.
    std::chrono::duration<double> take(Clock::time_point now) noexcept;
    bool is_full(Clock::time_point now) const noexcept;

private:
    Rate rate_;
    double tokens_;
    Clock::time_point at_;
};

/// Requests by address and rate class. Thread-safe. Holds a bounded number of buckets: full ones say nothing and go first.
class RateLimiter {
public:
    RateLimiter(std::array<Rate, rate_class_count> const& rates, std::size_t buckets_max);
    /// Zero, or how long to wait.
    std::chrono::duration<double> take(std::string const& address, RateClass rate_class, TokenBucket::Clock::time_point now);

private:
    void make_room(TokenBucket::Clock::time_point now);
    std::array<Rate, rate_class_count> const rates_;
    std::size_t const buckets_max_;
    std::mutex mutex_;
    std::unordered_map<std::string, TokenBucket> buckets_;
    TokenBucket::Clock::time_point swept_{};
};

/// How many connections there are, in all and by address. Thread-safe; a Ticket is one connection's place.
class Admission {
public:
    Admission(std::size_t total_max, std::size_t per_address_max) : total_max_{total_max}, per_address_max_{per_address_max} {}

    class Ticket {
    public:
        Ticket() = default;
        Ticket(Admission& admission, std::string key) : admission_{&admission}, key_{std::move(key)} {}
        Ticket(Ticket&& other) noexcept : admission_{std::exchange(other.admission_, nullptr)}, key_{std::move(other.key_)} {}
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket() { if (admission_) admission_->leave(key_); }
        explicit operator bool() const noexcept { return admission_ != nullptr; }

    private:
        Admission* admission_ = nullptr;
        std::string key_;
    };

    Ticket admit(std::string const& key, bool limited_by_address); ///< false when full
    std::size_t total() const;

private:
    void leave(std::string const& key);
    std::size_t const total_max_, per_address_max_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> by_address_;
    std::size_t total_ = 0;
};

} // namespace assay::net::detail
