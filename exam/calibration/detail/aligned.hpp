#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace assay::exam::calibration::detail {

/// Starts each array on a cache line, so that a row of nodes never straddles more lines than it must.
template <class T>
struct CacheLineAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    CacheLineAllocator() noexcept = default;
    template <class U>
    CacheLineAllocator(CacheLineAllocator<U> const&) noexcept {}

    T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
    void deallocate(T* pointer, std::size_t) noexcept { ::operator delete(pointer, alignment); }
    friend bool operator==(CacheLineAllocator, CacheLineAllocator) noexcept { return true; }
};

/// Rows of doubles, a row per (item, category) or response pattern and Grid::stride doubles a row.
using Rows = std::vector<double, CacheLineAllocator<double>>;

} // namespace assay::exam::calibration::detail
