#include "exam/calibration/detail/expectation.hpp"

#include "core/exp_log.hpp"
#include "exam/calibration/detail/distribute.hpp"
#include "exam/calibration/detail/parallel.hpp"

namespace assay::exam::calibration::detail {

std::vector<std::size_t> table_offsets(Patterns const& patterns)
{
    auto offsets = std::vector<std::size_t>{};
    auto next = std::size_t{0};
    for (auto const& group : patterns.groups) {
        offsets.push_back(next);
        next += group.entries();
    }
    return offsets;
}

void build_tables(Patterns const& patterns, RowLayout const& layout, Grid const& grid, Rows const& log_p, Rows& tables)
{
    auto const n = grid.stride;
    tables.resize(patterns.entries * n);
    auto before = Rows{}, after = Rows{};
    auto* out = tables.data();
    for (std::size_t g = 0; g < patterns.groups.size(); ++g) {
        auto const& levels = patterns.groups[g].levels;
        before.assign(n, 0.0);
        if (g == 0) std::copy_n(log_p.data() + layout.population() * n, n, before.data());
        for (std::size_t l = 0; l < levels.size(); ++l) {
            auto const& level = levels[l];
            after.resize(level.parent.size() * n);
            auto* const rows = l + 1 == levels.size() ? out : after.data();
            for (std::size_t e = 0; e < level.parent.size(); ++e) {
                std::copy_n(before.data() + level.parent[e] * n, n, rows + e * n);
                if (level.category[e] != ResponseCodes::missing)
                    add(rows + e * n, log_p.data() + (layout.first[level.item] + level.category[e]) * n, n);
            }
            std::swap(before, after);
        }
        out += levels.back().parent.size() * n;
    }
}

namespace {

ASSAY_ALWAYS_INLINE double log_sum_to_posterior(std::uint16_t const* __restrict entry, std::size_t const* __restrict offsets,
                                                std::size_t groups, double const* __restrict tables, std::size_t n,
                                                double* __restrict posterior)
{
    auto const* first = tables + (offsets[0] + entry[0]) * n;
    std::size_t g = 1;
    if (groups > 1) { // two rows at once from the start: the copy would be one more pass
        auto const* second = tables + (offsets[1] + entry[1]) * n;
        for (std::size_t q = 0; q < n; ++q) posterior[q] = first[q] + second[q];
        g = 2;
    } else
        for (std::size_t q = 0; q < n; ++q) posterior[q] = first[q];
    for (; g + 1 < groups; g += 2) {
        auto const* a = tables + (offsets[g] + entry[g]) * n;
        auto const* b = tables + (offsets[g + 1] + entry[g + 1]) * n;
        for (std::size_t q = 0; q < n; ++q) posterior[q] += a[q] + b[q];
    }
    if (g < groups) add(posterior, tables + (offsets[g] + entry[g]) * n, n);

    auto const largest = maximum(posterior, n);
    auto const sum = exponentiate(posterior, largest, n);
    auto const scale = 1 / sum;
    for (std::size_t q = 0; q < n; ++q) posterior[q] *= scale;
    return largest + exact_order_log(sum);
}

struct ChunkInput {
    Patterns const& patterns;
    double const* tables;
    std::size_t const* offsets;
    std::size_t stride, begin, end;
};

/// Adds each pattern's posterior, times its frequency, to the rows of its dictionary entries; returns the chunk's log likelihood.
ASSAY_VECTOR_CLONES double collect_chunk(ChunkInput const& in, double* __restrict posterior, double* __restrict bucket)
{
    auto const n = in.stride, groups = in.patterns.groups.size();
    auto log_likelihood = 0.0;
    for (auto p = in.begin; p < in.end; ++p) {
        auto const* const entry = in.patterns.entry.data() + p * groups;
        auto const value = log_sum_to_posterior(entry, in.offsets, groups, in.tables, n, posterior);
        auto const f = in.patterns.frequency[p];
        log_likelihood += f * value;
        if (f != 1)
            for (std::size_t q = 0; q < n; ++q) posterior[q] *= f;
        for (std::size_t g = 0; g < groups; ++g) add(bucket + (in.offsets[g] + entry[g]) * n, posterior, n);
    }
    return log_likelihood;
}

ASSAY_VECTOR_CLONES double posterior_of_one(std::uint16_t const* entry, std::size_t const* offsets, std::size_t groups,
                                            double const* tables, std::size_t n, double* posterior)
{
    return log_sum_to_posterior(entry, offsets, groups, tables, n, posterior);
}

ASSAY_VECTOR_CLONES void distribute_all(Patterns const& patterns, RowLayout const& layout, std::size_t const* offsets, std::size_t n,
                                        double* bucket, Rows& spare, double* counts)
{
    for (std::size_t g = 0; g < patterns.groups.size(); ++g) {
        auto* const rows = bucket + offsets[g] * n;
        if (g == 0)
            for (std::size_t e = 0; e < patterns.groups[g].entries(); ++e) add(counts + layout.population() * n, rows + e * n, n);
        distribute(patterns.groups[g], n, rows, spare,
                   [&](std::size_t item, std::uint8_t category) { return counts + (layout.first[item] + category) * n; });
    }
}

/// A function of the number of patterns alone: large enough that a chunk's rows outweigh its dictionary, at most 64 of them.
std::size_t chunk_size(std::size_t patterns) { return std::max<std::size_t>(2048, (patterns + 63) / 64); }

} // namespace

double posterior_of(Patterns const& patterns, std::size_t pattern, Rows const& tables, std::vector<std::size_t> const& offsets,
                    std::size_t stride, double* posterior)
{
    auto const groups = patterns.groups.size();
    return posterior_of_one(patterns.entry.data() + pattern * groups, offsets.data(), groups, tables.data(), stride, posterior);
}

void expect(Patterns const& patterns, RowLayout const& layout, Grid const& grid, Rows const& log_p, unsigned threads,
            ExpectationScratch& scratch, Expectation& result)
{
    auto const n = grid.stride;
    build_tables(patterns, layout, grid, log_p, scratch.tables);
    auto const offsets = table_offsets(patterns);
    auto const size = chunk_size(patterns.count);
    auto const chunks = (patterns.count + size - 1) / size;

    scratch.buckets.resize(std::max(1u, threads));
    scratch.counts.resize(chunks);
    scratch.log_likelihood.assign(chunks, 0.0);
    for_each_index(chunks, threads, [&](std::size_t chunk, unsigned worker) {
        auto& bucket = scratch.buckets[worker];
        bucket.assign((patterns.entries + 1) * n, 0.0);
        auto* const posterior = bucket.data() + patterns.entries * n;
        auto const input = ChunkInput{patterns, scratch.tables.data(), offsets.data(), n, chunk * size,
                                      std::min(patterns.count, (chunk + 1) * size)};
        scratch.log_likelihood[chunk] = collect_chunk(input, posterior, bucket.data());
        scratch.counts[chunk].assign(layout.rows * n, 0.0);
        auto spare = Rows(spare_size(patterns, n));
        distribute_all(patterns, layout, offsets.data(), n, bucket.data(), spare, scratch.counts[chunk].data());
    });
    result.log_likelihood = 0;
    result.counts.assign(layout.rows * n, 0.0);
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        result.log_likelihood += scratch.log_likelihood[chunk];
        add(result.counts.data(), scratch.counts[chunk].data(), layout.rows * n);
    }
}

} // namespace assay::exam::calibration::detail
