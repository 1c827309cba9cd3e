#include "exam/calibration/detail/information.hpp"

#include "exam/calibration/detail/distribute.hpp"
#include "exam/calibration/detail/node_loops.hpp"
#include "exam/calibration/detail/parallel.hpp"

#include <cmath>

namespace assay::exam::calibration::detail {

void all_scores(Model const& model, ScoreTable& table)
{
    table.first.clear();
    auto rows = std::size_t{0};
    for (auto const& block : model.blocks) {
        table.first.push_back(rows);
        rows += block.curve.categories * block.curve.parameters();
    }
    table.rows.resize(rows * model.grid.stride);
    for (std::size_t b = 0; b < model.blocks.size(); ++b)
        if (model.blocks[b].is_free())
            scores(model.blocks[b].curve, model.blocks[b].value, model.grid, table.rows.data() + table.first[b] * model.grid.stride);
}

Eigen::VectorXd gradient(Model const& model, ScoreTable const& table, Rows const& counts)
{
    Eigen::VectorXd result = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(model.free_count));
    auto prior = std::vector<double>(curve_parameters_max);
    for (std::size_t b = 0; b < model.blocks.size(); ++b) {
        auto const& block = model.blocks[b];
        if (!block.is_free()) continue;
        prior.assign(block.curve.parameters(), 0.0);
        if (block.prior.any()) add_log_prior(block.curve, block.prior, block.value, prior.data(), nullptr);
        for (std::size_t m = 0; m < block.curve.parameters(); ++m) {
            if (block.index[m] == Block::given) continue;
            auto sum = prior[m];
            for (std::size_t k = 0; k < block.curve.categories; ++k)
                sum += dot(counts.data() + (model.layout.first[b] + k) * model.grid.stride, table.row(model, b, k, m), model.grid.stride);
            result[static_cast<Eigen::Index>(block.index[m])] += sum;
        }
    }
    return result;
}

namespace {

/// The scores of the blocks that have free parameters, numbered one after the other.
struct LocalParameters {
    std::vector<std::size_t> first;  ///< of each block; without meaning for blocks without free parameters
    std::vector<std::size_t> global; ///< of each local parameter, or Block::given
    std::size_t count() const noexcept { return global.size(); }
};
LocalParameters local_parameters(Model const& model)
{
    auto locals = LocalParameters{};
    for (auto const& block : model.blocks) {
        locals.first.push_back(locals.global.size());
        if (block.is_free()) locals.global.insert(locals.global.end(), block.index.begin(), block.index.end());
    }
    return locals;
}

/// A block of persons: each one's posterior times frequency.
struct WeightedPosteriors {
    std::size_t begin = 0, end = 0;
    Rows rows;
};

ASSAY_VECTOR_CLONES void scatter(Patterns const& patterns, WeightedPosteriors const& block, std::size_t item, std::size_t group,
                                 std::size_t entries, std::size_t n, double* bucket)
{
    auto const groups = patterns.groups.size();
    for (auto p = block.begin; p < block.end; ++p) {
        auto const category = patterns.at(p, item);
        if (category == ResponseCodes::missing) continue;
        add(bucket + (category * entries + patterns.entry[p * groups + group]) * n, block.rows.data() + (p - block.begin) * n, n);
    }
}

ASSAY_VECTOR_CLONES void distribute_group(Patterns::Group const& group, std::size_t n, double const* bucket, Rows& spare,
                                          std::vector<std::size_t> const& first_row, double* rows)
{
    distribute(group, n, bucket, spare, [&](std::size_t item, std::uint8_t category) { return rows + (first_row[item] + category) * n; });
}

/// Posterior means of all scores, a row a person, each times √frequency.
ASSAY_VECTOR_CLONES void score_means(Model const& model, Patterns const& patterns, ScoreTable const& table, LocalParameters const& locals,
                                     std::size_t pattern, double const* posterior, double scale, double* means)
{
    auto const n = model.grid.stride;
    for (std::size_t b = 0; b < model.blocks.size(); ++b) {
        auto const& block = model.blocks[b];
        if (!block.is_free()) continue;
        auto const category = block.curve.kind == CurveKind::population ? std::uint8_t{0} : patterns.at(pattern, b);
        auto* const out = means + locals.first[b];
        auto const m = block.curve.parameters();
        if (category == ResponseCodes::missing) {
            std::fill(out, out + m, 0.0);
            continue;
        }
        for (std::size_t i = 0; i < m; ++i) out[i] = scale * dot(posterior, table.row(model, b, category, i), n);
    }
}

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// result(i, j) += Σ_q score_i(q) score_j(q) pair(q) for the parameters of two blocks answered in given categories.
ASSAY_VECTOR_CLONES void add_product(Model const& model, ScoreTable const& table, std::size_t a, std::size_t category_a, std::size_t b,
                                     std::size_t category_b, double const* pair, double* weighted, LocalParameters const& locals,
                                     RowMatrix& result)
{
    auto const n = model.grid.stride;
    auto const size_a = model.blocks[a].curve.parameters(), size_b = model.blocks[b].curve.parameters();
    for (std::size_t i = 0; i < size_a; ++i) {
        auto const* const row = table.row(model, a, category_a, i);
        for (std::size_t q = 0; q < n; ++q) weighted[q] = row[q] * pair[q];
        for (std::size_t j = 0; j < size_b; ++j)
            result(static_cast<Eigen::Index>(locals.first[a] + i), static_cast<Eigen::Index>(locals.first[b] + j)) +=
                dot(weighted, table.row(model, b, category_b, j), n);
    }
}

/// Expected products of the scores of item `j` with those of all later items, for one block of persons.
struct PairCollector {
    Model const& model;
    Patterns const& patterns;
    ScoreTable const& table;
    LocalParameters const& locals;
    std::vector<std::size_t> const& group_of;

    struct Memory {
        Rows bucket, spare, pairs, weighted;
    };

    void collect(std::size_t j, WeightedPosteriors const& persons, Memory& memory, RowMatrix& result) const
    {
        auto const n = model.grid.stride;
        auto const categories = model.blocks[j].curve.categories;
        memory.weighted.resize(n);
        memory.spare.resize(spare_size(patterns, n));
        for (auto g = group_of[j]; g < patterns.groups.size(); ++g) {
            auto const& group = patterns.groups[g];
            auto const later = [&](Patterns::Level const& level) { return level.item > j && model.blocks[level.item].is_free(); };
            if (std::none_of(group.levels.begin(), group.levels.end(), later)) continue;
            memory.bucket.assign(categories * group.entries() * n, 0.0);
            scatter(patterns, persons, j, g, group.entries(), n, memory.bucket.data());
            for (std::size_t v = 0; v < categories; ++v) {
                auto first_row = std::vector<std::size_t>(model.blocks.size(), 0);
                auto rows = std::size_t{0};
                for (auto const& level : group.levels) {
                    first_row[level.item] = rows;
                    rows += model.blocks[level.item].curve.categories;
                }
                memory.pairs.assign(rows * n, 0.0);
                distribute_group(group, n, memory.bucket.data() + v * group.entries() * n, memory.spare, first_row, memory.pairs.data());
                for (auto const& level : group.levels)
                    if (later(level))
                        for (std::size_t u = 0; u < model.blocks[level.item].curve.categories; ++u)
                            add_product(model, table, j, v, level.item, u, memory.pairs.data() + (first_row[level.item] + u) * n,
                                        memory.weighted.data(), locals, result);
            }
        }
    }
};

/// What needs only the expected counts: each block's scores with its own, and with the population's.
void add_own_products(Model const& model, ScoreTable const& table, LocalParameters const& locals, Rows const& counts, RowMatrix& result)
{
    auto const n = model.grid.stride;
    auto weighted = Rows(n);
    auto const last = model.blocks.size() - 1;
    for (std::size_t b = 0; b <= last; ++b) {
        if (!model.blocks[b].is_free()) continue;
        for (std::size_t k = 0; k < model.blocks[b].curve.categories; ++k) {
            auto const* const pair = counts.data() + (model.layout.first[b] + k) * n;
            add_product(model, table, b, k, b, k, pair, weighted.data(), locals, result);
            if (b != last && model.blocks[last].is_free())
                add_product(model, table, b, k, last, 0, pair, weighted.data(), locals, result);
        }
    }
}

Eigen::MatrixXd to_free(Model const& model, LocalParameters const& locals, RowMatrix const& upper)
{
    auto const size = static_cast<Eigen::Index>(model.free_count);
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size, size);
    for (std::size_t i = 0; i < locals.count(); ++i) {
        if (locals.global[i] == Block::given) continue;
        for (std::size_t j = 0; j < locals.count(); ++j) {
            if (locals.global[j] == Block::given) continue;
            auto const value = i <= j ? upper(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j))
                                      : upper(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i));
            result(static_cast<Eigen::Index>(locals.global[i]), static_cast<Eigen::Index>(locals.global[j])) += value;
        }
    }
    return result;
}

} // namespace

Eigen::MatrixXd complete_information(Model const& model, Rows const& counts)
{
    auto const size = static_cast<Eigen::Index>(model.free_count);
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size, size);
    auto hessian = std::vector<double>{};
    for (std::size_t b = 0; b < model.blocks.size(); ++b) {
        auto const& block = model.blocks[b];
        if (!block.is_free()) continue;
        auto const m = block.curve.parameters();
        hessian.assign(m * m, 0.0);
        add_hessian(block.curve, block.value, model.grid, counts.data() + model.layout.first[b] * model.grid.stride, hessian.data());
        if (block.prior.any()) add_log_prior(block.curve, block.prior, block.value, nullptr, hessian.data());
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < m; ++j)
                if (block.index[i] != Block::given && block.index[j] != Block::given)
                    result(static_cast<Eigen::Index>(block.index[i]), static_cast<Eigen::Index>(block.index[j])) -= hessian[i * m + j];
    }
    return result;
}

Eigen::MatrixXd missing_information(Model const& model, Patterns const& patterns, Rows const& log_p, ScoreTable const& table,
                                    Rows const& counts, unsigned threads)
{
    auto const n = model.grid.stride;
    auto const locals = local_parameters(model);
    auto const size = static_cast<Eigen::Index>(locals.count());
    auto group_of = std::vector<std::size_t>(model.blocks.size(), patterns.groups.size());
    for (std::size_t g = 0; g < patterns.groups.size(); ++g)
        for (auto const& level : patterns.groups[g].levels) group_of[level.item] = g;
    auto items = std::vector<std::size_t>{};
    for (std::size_t b = 0; b + 1 < model.blocks.size(); ++b)
        if (model.blocks[b].is_free()) items.push_back(b);

    RowMatrix upper = RowMatrix::Zero(size, size);
    add_own_products(model, table, locals, counts, upper);

    auto tables = Rows{};
    build_tables(patterns, model.layout, model.grid, log_p, tables);
    auto const offsets = table_offsets(patterns);
    auto const collector = PairCollector{model, patterns, table, locals, group_of};
    auto memory = std::vector<PairCollector::Memory>(std::max(1u, threads));
    // A function of the problem's size alone, so that the sums have one order: 16,384 persons, fewer when there are many parameters.
    auto const at_once = std::clamp<std::size_t>((std::size_t{1} << 22) / std::max<std::size_t>(1, locals.count()), 1024, 16384);
    for (std::size_t begin = 0; begin < patterns.count; begin += at_once) {
        auto persons = WeightedPosteriors{begin, std::min(patterns.count, begin + at_once), {}};
        auto const rows = persons.end - persons.begin;
        persons.rows.resize(rows * n);
        RowMatrix means(static_cast<Eigen::Index>(rows), size);
        constexpr std::size_t slice = 256;
        for_each_index((rows + slice - 1) / slice, threads, [&](std::size_t s, unsigned) {
            for (auto r = s * slice; r < std::min(rows, (s + 1) * slice); ++r) {
                auto* const posterior = persons.rows.data() + r * n;
                posterior_of(patterns, begin + r, tables, offsets, n, posterior);
                auto const f = patterns.frequency[begin + r];
                score_means(model, patterns, table, locals, begin + r, posterior, std::sqrt(f), means.data() + r * locals.count());
                if (f != 1)
                    for (std::size_t q = 0; q < n; ++q) posterior[q] *= f;
            }
        });
        for_each_index(items.size(), threads, [&](std::size_t i, unsigned worker) { collector.collect(items[i], persons, memory[worker], upper); });
        upper.selfadjointView<Eigen::Upper>().rankUpdate(means.transpose(), -1.0);
    }
    return to_free(model, locals, upper);
}

} // namespace assay::exam::calibration::detail
