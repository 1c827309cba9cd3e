#pragma once
// The Gregorian calendar counted by hand: what a date should be, said without <chrono> and without the code that is being tested.
#include <cstdlib>
#include <vector>

namespace assay::credentials::test {

struct PlainDate {
    int year = 0, month = 0, day = 0;
    friend bool operator==(PlainDate const&, PlainDate const&) = default;
};

inline bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
inline int days_in(int year, int month)
{
    constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

/// Days are numbered from 1 January 2026, which is 0, to the end of 2041.
class PlainCalendar {
public:
    static constexpr long long epoch_seconds = 1'767'225'600; ///< date -u -d 2026-01-01T00:00:00Z +%s
    PlainCalendar()
    {
        for (auto year = 2026; year <= 2041; ++year)
            for (auto month = 1; month <= 12; ++month)
                for (auto day = 1; day <= days_in(year, month); ++day) days_.push_back({year, month, day});
    }
    PlainDate date(int number) const { return days_.at(static_cast<std::size_t>(number)); }
    int number(PlainDate const& date) const
    {
        for (auto at = std::size_t{}; at < days_.size(); ++at)
            if (days_[at] == date) return static_cast<int>(at);
        std::abort();
    }
    /// The same day so many months later, or that month's last day when it has no such day.
    int months_later(int number, int months) const
    {
        auto const from = date(number);
        auto const count = from.year * 12 + (from.month - 1) + months;
        auto to = PlainDate{count / 12, count % 12 + 1, from.day};
        if (to.day > days_in(to.year, to.month)) to.day = days_in(to.year, to.month);
        return this->number(to);
    }

private:
    std::vector<PlainDate> days_;
};

} // namespace assay::credentials::test
