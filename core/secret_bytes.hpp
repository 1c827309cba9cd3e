#pragma once
#include "core/bytes.hpp"

#include <memory>

namespace assay {

/// Keys and passwords: in locked memory between guard pages, wiped at the end, moved but never copied, never printed.
class SecretBytes {
public:
    SecretBytes() noexcept = default;
    explicit SecretBytes(std::size_t size);            ///< zeros
    static SecretBytes copy_of(ByteView bytes);
    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(SecretBytes const&) = delete;
    SecretBytes& operator=(SecretBytes const&) = delete;
    ~SecretBytes();

    std::size_t size() const noexcept { return size_; }
    SecretBytes clone() const { return copy_of(expose_secret()); }
    /// The only way in, by a name that one can search for.
    ByteView expose_secret() const noexcept { return {memory_, size_}; }
    std::span<std::byte> expose_secret_for_writing() noexcept { return {memory_, size_}; }

private:
    std::byte* memory_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace assay
