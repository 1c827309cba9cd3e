#include "credentials/log/merkle.hpp"

#include <bit>

namespace assay::credentials::tlog {
namespace {

/// The hash of leaves [begin, end), where begin is a multiple of the largest power of two in the range.
result<Sha256Digest> range_hash(std::uint64_t begin, std::uint64_t end, HashReader const& read)
{
    auto const count = end - begin;
    if (std::has_single_bit(count)) {
        auto const level = static_cast<unsigned>(std::countr_zero(count));
        return read(level, begin >> level);
    }
    auto const middle = begin + std::bit_floor(count);
    auto const left = range_hash(begin, middle, read);
    if (!left) return left;
    auto const right = range_hash(middle, end, read);
    if (!right) return right;
    return node_hash(*left, *right);
}

/// PATH(index, [begin, end)) of RFC 6962.
result<void> collect_path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, HashReader const& read, std::vector<Sha256Digest>& proof)
{
    if (end - begin == 1) return {};
    auto const middle = begin + (std::bit_ceil(end - begin) >> 1);
    auto const left = index < middle;
    auto const deeper = left ? collect_path(index, begin, middle, read, proof) : collect_path(index, middle, end, read, proof);
    if (!deeper) return deeper;
    auto const sibling = left ? range_hash(middle, end, read) : range_hash(begin, middle, read);
    if (!sibling) return sibling.error();
    proof.push_back(*sibling);
    return {};
}

/// SUBPROOF(old_size, [begin, end), whole) of RFC 6962.
result<void> collect_subproof(std::uint64_t old_size, std::uint64_t begin, std::uint64_t end, bool whole, HashReader const& read,
                              std::vector<Sha256Digest>& proof)
{
    auto const add = [&](std::uint64_t from, std::uint64_t to) -> result<void> {
        auto const hash = range_hash(from, to, read);
        if (!hash) return hash.error();
        proof.push_back(*hash);
        return {};
    };
    if (old_size == end) return whole ? result<void>{} : add(begin, end);
    auto const middle = begin + (std::bit_ceil(end - begin) >> 1);
    if (old_size <= middle) {
        auto const deeper = collect_subproof(old_size, begin, middle, whole, read, proof);
        return deeper ? add(middle, end) : deeper;
    }
    auto const deeper = collect_subproof(old_size, middle, end, false, read, proof);
    return deeper ? add(begin, middle) : deeper;
}

} // namespace

Sha256Digest leaf_hash(ByteView entry) noexcept
{
    auto input = Bytes{std::byte{0}};
    append(input, entry);
    return sha256(input);
}

Sha256Digest node_hash(Sha256Digest const& left, Sha256Digest const& right) noexcept
{
    auto input = Bytes{std::byte{1}};
    append(input, left.octets);
    append(input, right.octets);
    return sha256(input);
}

Sha256Digest empty_root() noexcept { return sha256(ByteView{}); }

void GrowingTree::append(Sha256Digest const& leaf)
{
    // As in adding 1 to a binary number: each carry joins two subtrees of equal height.
    auto hash = leaf;
    for (auto carries = std::countr_one(size_); carries > 0; --carries) {
        hash = node_hash(peaks_.back(), hash);
        peaks_.pop_back();
    }
    peaks_.push_back(hash);
    ++size_;
}

Sha256Digest GrowingTree::root() const noexcept
{
    if (peaks_.empty()) return empty_root();
    auto hash = peaks_.back();
    for (auto i = peaks_.size() - 1; i-- > 0;) hash = node_hash(peaks_[i], hash);
    return hash;
}

result<Sha256Digest> root_of(std::uint64_t size, HashReader const& read)
{
    if (size == 0) return empty_root();
    return range_hash(0, size, read);
}

result<std::vector<Sha256Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size, HashReader const& read)
{
    if (index >= size) return errc::out_of_tree;
    auto proof = std::vector<Sha256Digest>{};
    auto const done = collect_path(index, 0, size, read, proof);
    if (!done) return done.error();
    return proof;
}

result<std::vector<Sha256Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t size, HashReader const& read)
{
    if (old_size > size) return errc::out_of_tree;
    auto proof = std::vector<Sha256Digest>{};
    if (old_size == 0 || old_size == size) return proof;
    auto const done = collect_subproof(old_size, 0, size, true, read, proof);
    if (!done) return done.error();
    return proof;
}

bool verify_inclusion(Sha256Digest const& leaf, std::uint64_t index, std::uint64_t size, std::span<Sha256Digest const> proof,
                      Sha256Digest const& root) noexcept
{
    if (index >= size) return false;
    auto fn = index, sn = size - 1;
    auto hash = leaf;
    for (auto const& step : proof) {
        if (sn == 0) return false;
        if ((fn & 1) == 1 || fn == sn) {
            hash = node_hash(step, hash);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            hash = node_hash(hash, step);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, std::uint64_t size, Sha256Digest const& old_root, Sha256Digest const& root,
                        std::span<Sha256Digest const> proof) noexcept
{
    if (old_size > size) return false;
    if (old_size == size) return proof.empty() && old_root == root && (size != 0 || root == empty_root());
    if (old_size == 0) return false; // every tree extends the empty one: there is nothing to prove
    auto steps = proof;
    auto first = old_root;
    if (!std::has_single_bit(old_size)) { // a complete old tree is itself the first node
        if (steps.empty()) return false;
        first = steps.front();
        steps = steps.subspan(1);
    }
    auto fn = old_size - 1, sn = size - 1;
    while ((fn & 1) == 1) {
        fn >>= 1;
        sn >>= 1;
    }
    auto old_hash = first, new_hash = first;
    for (auto const& step : steps) {
        if (sn == 0) return false;
        if ((fn & 1) == 1 || fn == sn) {
            old_hash = node_hash(step, old_hash);
            new_hash = node_hash(step, new_hash);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, step);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && old_hash == old_root && new_hash == root;
}

} // namespace assay::credentials::tlog
