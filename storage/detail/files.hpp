#pragma once
// Files that must be whole, private and durable.
#include "core/bytes.hpp"
#include "storage/errors.hpp"

#include <filesystem>
#include <optional>

namespace assay::storage::detail {

/// "cannot read X: Permission denied", from errno.
std::string system_message(std::string const& doing, std::filesystem::path const& path);

/// A file descriptor that is closed at the end and not inherited by programs we start.
class File {
public:
    /// Nothing when open(2) refuses; errno says why. New files get 0600.
    static std::optional<File> open(std::filesystem::path const& path, int flags);
    explicit File(int number) noexcept : number_{number} {}
    File(File&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    File& operator=(File&& other) noexcept { std::swap(number_, other.number_); return *this; }
    ~File();
    int number() const noexcept { return number_; }

private:
    int number_;
};

/// Creates `path` (0600), writes, fsyncs. Throws StorageError, also when the file exists; removes what it began.
void write_durably(std::filesystem::path const& path, ByteView content);
void sync_directory(std::filesystem::path const& directory);
/// `content` becomes the file's content at once: temporary sibling, fsync, rename, fsync of the directory.
void replace_durably(std::filesystem::path const& path, ByteView content);
/// Nothing when there is no such file. Throws StorageError when it can't be read, or is larger than `size_max`.
std::optional<Bytes> read_whole(std::filesystem::path const& path, std::size_t size_max);

} // namespace assay::storage::detail
