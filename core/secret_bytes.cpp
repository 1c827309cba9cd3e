#include "core/secret_bytes.hpp"

#include <algorithm>
#include <new>
#include <sodium.h>
#include <utility>

namespace assay {

SecretBytes::SecretBytes(std::size_t size) : size_{size}
{
    if (sodium_init() < 0) throw std::runtime_error{"libsodium does not start"};
    if (size == 0) return;
    memory_ = static_cast<std::byte*>(sodium_malloc(size));
    if (memory_ == nullptr) throw std::bad_alloc{};
    std::fill_n(memory_, size, std::byte{});
}

SecretBytes SecretBytes::copy_of(ByteView bytes)
{
    auto secret = SecretBytes{bytes.size()};
    std::ranges::copy(bytes, secret.memory_);
    return secret;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : memory_{std::exchange(other.memory_, nullptr)}, size_{std::exchange(other.size_, 0)}
{
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept
{
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
}

SecretBytes::~SecretBytes()
{
    if (memory_ != nullptr) sodium_free(memory_);
}

} // namespace assay
