#include "storage/detail/files.hpp"

#include "core/random.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::storage::detail {

std::string system_message(std::string const& doing, std::filesystem::path const& path)
{
    return doing + " " + path.string() + ": " + std::strerror(errno);
}

std::optional<File> File::open(std::filesystem::path const& path, int flags)
{
    auto const number = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (number < 0) return std::nullopt;
    return File{number};
}

File::~File()
{
    if (number_ >= 0) ::close(number_);
}

void write_durably(std::filesystem::path const& path, ByteView content)
{
    auto const file = File::open(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) throw StorageError{system_message("cannot create", path)};
    auto left = content;
    while (!left.empty()) {
        auto const written = ::write(file->number(), left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            auto const message = system_message("cannot write", path);
            ::unlink(path.c_str());
            throw StorageError{message};
        }
        left = left.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(file->number()) != 0) {
        auto const message = system_message("cannot make durable", path);
        ::unlink(path.c_str());
        throw StorageError{message};
    }
}

void sync_directory(std::filesystem::path const& directory)
{
    auto const opened = File::open(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
    if (!opened || ::fsync(opened->number()) != 0) throw StorageError{system_message("cannot make durable", directory)};
}

void replace_durably(std::filesystem::path const& path, ByteView content)
{
    auto const temporary = path.parent_path() / (".new-" + to_string(random_uuid()));
    write_durably(temporary, content);
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        auto const message = system_message("cannot put in place", path);
        ::unlink(temporary.c_str());
        throw StorageError{message};
    }
    sync_directory(path.parent_path());
}

std::optional<Bytes> read_whole(std::filesystem::path const& path, std::size_t size_max)
{
    auto const file = File::open(path, O_RDONLY);
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw StorageError{system_message("cannot read", path)};
    }
    auto content = Bytes{};
    auto piece = std::array<std::byte, 65'536>{};
    while (true) {
        auto const got = ::read(file->number(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw StorageError{system_message("cannot read", path)};
        if (got == 0) return content;
        append(content, ByteView{piece}.first(static_cast<std::size_t>(got)));
        if (content.size() > size_max) throw StorageError{path.string() + " is larger than it may be"};
    }
}

} // namespace assay::storage::detail
