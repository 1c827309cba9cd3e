#pragma once
// The Merkle tree of RFC 6962, section 2.1 (RFC 9162 keeps it): leaves are SHA-256(00 || entry), nodes SHA-256(01 || left ||
// right), the empty root is SHA-256(""). Indices count from 0. "The hash at (level, index)" is the root of the complete subtree
// over leaves [index·2^level, (index+1)·2^level).
#include "core/hash.hpp"
#include "credentials/log/errors.hpp"

#include <functional>
#include <vector>

namespace assay::credentials::tlog {

Sha256Digest leaf_hash(ByteView entry) noexcept;
Sha256Digest node_hash(Sha256Digest const& left, Sha256Digest const& right) noexcept;
Sha256Digest empty_root() noexcept;

/// A tree that only grows, in O(log n) memory: the roots of its complete subtrees, largest first.
class GrowingTree {
public:
    GrowingTree() = default;
    void append(Sha256Digest const& leaf);
    std::uint64_t size() const noexcept { return size_; }
    Sha256Digest root() const noexcept;

private:
    std::vector<Sha256Digest> peaks_;
    std::uint64_t size_ = 0;
};

/// Where the hash at (level, index) comes from: tiles, or a tree in memory. errc::hash_missing when it can't be had.
using HashReader = std::function<result<Sha256Digest>(unsigned level, std::uint64_t index)>;

/// Root of the first `size` leaves.
result<Sha256Digest> root_of(std::uint64_t size, HashReader const& read);

/// RFC 6962 section 2.1.1: from the leaf's sibling upwards. errc::out_of_tree unless index < size.
result<std::vector<Sha256Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size, HashReader const& read);
/// RFC 6962 section 2.1.2. Empty when the sizes are equal or old_size is 0. errc::out_of_tree unless old_size <= size.
result<std::vector<Sha256Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t size, HashReader const& read);

/// RFC 9162 sections 2.1.3.2 and 2.1.4.2. False for anything but the one right proof, and for a consistency proof from an
/// empty tree to a larger one, which would say nothing.
bool verify_inclusion(Sha256Digest const& leaf, std::uint64_t index, std::uint64_t size, std::span<Sha256Digest const> proof,
                      Sha256Digest const& root) noexcept;
bool verify_consistency(std::uint64_t old_size, std::uint64_t size, Sha256Digest const& old_root, Sha256Digest const& root,
                        std::span<Sha256Digest const> proof) noexcept;

} // namespace assay::credentials::tlog
