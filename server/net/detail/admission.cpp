#include "server/net/detail/admission.hpp"

#include <algorithm>

namespace assay::net::detail {

using Seconds = std::chrono::duration<double>;

Seconds TokenBucket::take(Clock::time_point now) noexcept
{
    tokens_ = std::min(rate_.burst, tokens_ + Seconds{now - at_}.count() * rate_.per_second);
    at_ = now;
    if (tokens_ >= 1) {
        tokens_ -= 1;
        return Seconds::zero();
    }
    return Seconds{(1 - tokens_) / rate_.per_second};
}

bool TokenBucket::is_full(Clock::time_point now) const noexcept
{
    return tokens_ + Seconds{now - at_}.count() * rate_.per_second >= rate_.burst;
}

RateLimiter::RateLimiter(std::array<Rate, rate_class_count> const& rates, std::size_t buckets_max)
    : rates_{rates}, buckets_max_{buckets_max}
{
    for (auto const& rate : rates) EXPECTS(rate.per_second > 0 && rate.burst >= 1);
}

Seconds RateLimiter::take(std::string const& address, RateClass rate_class, TokenBucket::Clock::time_point now)
{
    auto const index = static_cast<std::size_t>(rate_class);
    auto const key = address + ' ' + static_cast<char>('a' + index);
    auto const lock = std::lock_guard{mutex_};
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
        if (buckets_.size() >= buckets_max_) make_room(now);
        found = buckets_.emplace(key, TokenBucket{rates_[index], now}).first;
    }
    return found->second.take(now);
}

void RateLimiter::make_room(TokenBucket::Clock::time_point now)
{
    // A sweep looks at every bucket, so under a flood of addresses it runs once a second and others go unlooked at.
    if (now - swept_ >= std::chrono::seconds{1}) {
        swept_ = now;
        std::erase_if(buckets_, [now](auto const& entry) { return entry.second.is_full(now); });
    }
    if (buckets_.size() >= buckets_max_) buckets_.erase(buckets_.begin());
}

Admission::Ticket Admission::admit(std::string const& key, bool limited_by_address)
{
    auto const lock = std::lock_guard{mutex_};
    if (total_ >= total_max_) return {};
    auto& count = by_address_[key];
    if (limited_by_address && count >= per_address_max_) return {};
    ++count;
    ++total_;
    return Ticket{*this, key};
}

std::size_t Admission::total() const
{
    auto const lock = std::lock_guard{mutex_};
    return total_;
}

void Admission::leave(std::string const& key)
{
    auto const lock = std::lock_guard{mutex_};
    auto const found = by_address_.find(key);
    if (--found->second == 0) by_address_.erase(found);
    --total_;
}

} // namespace assay::net::detail
