// A package's zip: bounded before it is unpacked, because both its names and its sizes are a stranger's.
#include "exam/qti/package.hpp"

#include <zip.h>

#include <algorithm>
#include <memory>

namespace assay::exam::qti {
namespace {

constexpr auto ratio_max = std::uint64_t{200};          // deflate's own limit is about 1000
constexpr auto ratio_free = std::uint64_t{1} << 20;     // a megabyte of zeros harms nobody
constexpr auto name_size_max = std::size_t{512};

class Category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "assay.exam.qti"; }
    std::string message(int code) const override
    {
        switch (static_cast<package_errc>(code)) {
        case package_errc::not_a_zip: return "not a zip file that can be read";
        case package_errc::unsafe_path: return "the package has an unsafe or repeated path";
        case package_errc::too_many_files: return "the package has too many files";
        case package_errc::too_large: return "the package is too large";
        case package_errc::encrypted: return "the package is encrypted";
        }
        return "unknown";
    }
};

struct ArchiveDeleter {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct FileDeleter {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, ArchiveDeleter>;
using File = std::unique_ptr<zip_file_t, FileDeleter>;

Archive open_archive(ByteView bytes)
{
    auto error = zip_error_t{};
    zip_error_init(&error);
    auto* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    auto archive = Archive{source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr};
    if (archive == nullptr && source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return archive;
}

// Only paths that stay below the package's root in every reading of them.
bool is_safe(std::string_view path)
{
    if (path.empty() || path.size() > name_size_max || path.front() == '/') return false;
    if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == ':'; })) return false;
    while (!path.empty()) {
        auto const slash = path.find('/');
        auto const part = path.substr(0, slash);
        if (part.empty() || part == "." || part == "..") return false;
        path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
    }
    return true;
}

bool is_link(zip_t* archive, zip_uint64_t index)
{
    auto system = zip_uint8_t{};
    auto attributes = zip_uint32_t{};
    if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0 || system != ZIP_OPSYS_UNIX) return false;
    return (attributes >> 16 & 0170000) == 0120000;
}

result<Bytes> read_entry(zip_t* archive, zip_uint64_t index, std::uint64_t size)
{
    auto const file = File{zip_fopen_index(archive, index, 0)};
    if (file == nullptr) return package_errc::not_a_zip;
    auto content = Bytes(static_cast<std::size_t>(size)); // what the directory says; a file that is longer is refused below
    auto done = std::size_t{0};
    while (done < content.size()) {
        auto const got = zip_fread(file.get(), content.data() + done, content.size() - done);
        if (got <= 0) return package_errc::not_a_zip;
        done += static_cast<std::size_t>(got);
    }
    auto more = char{};
    if (zip_fread(file.get(), &more, 1) != 0) return package_errc::not_a_zip; // longer than it said, or a wrong checksum
    return content;
}

} // namespace

boost::system::error_category const& package_category() noexcept
{
    static Category const instance;
    return instance;
}

result<PackageFiles> unzip(ByteView zip)
{
    auto const archive = open_archive(zip);
    if (archive == nullptr) return package_errc::not_a_zip;
    auto const count = zip_get_num_entries(archive.get(), 0);
    if (count < 0) return package_errc::not_a_zip;
    if (static_cast<std::size_t>(count) > package_entries_max) return package_errc::too_many_files;

    // The whole directory is judged before the first byte is unpacked.
    auto total = std::uint64_t{0};
    for (auto index = zip_uint64_t{0}; index < static_cast<zip_uint64_t>(count); ++index) {
        auto entry = zip_stat_t{};
        zip_stat_init(&entry);
        constexpr auto needed = zip_uint64_t{ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE};
        if (zip_stat_index(archive.get(), index, 0, &entry) != 0 || (entry.valid & needed) != needed) return package_errc::not_a_zip;
        auto const name = std::string_view{entry.name};
        if (!is_safe(name.ends_with('/') ? name.substr(0, name.size() - 1) : name) || is_link(archive.get(), index)) return package_errc::unsafe_path;
        if ((entry.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && entry.encryption_method != ZIP_EM_NONE) return package_errc::encrypted;
        if (entry.size > package_file_max || entry.comp_size > zip.size()) return package_errc::too_large;
        if (entry.size > ratio_free && entry.size / ratio_max > entry.comp_size) return package_errc::too_large;
        total += entry.size;
        if (total > package_size_max) return package_errc::too_large;
    }

    auto files = PackageFiles{};
    for (auto index = zip_uint64_t{0}; index < static_cast<zip_uint64_t>(count); ++index) {
        auto entry = zip_stat_t{};
        zip_stat_init(&entry);
        if (zip_stat_index(archive.get(), index, 0, &entry) != 0) return package_errc::not_a_zip;
        auto name = std::string{entry.name};
        if (name.ends_with('/')) continue;
        auto content = read_entry(archive.get(), index, entry.size);
        if (!content) return content.error();
        if (!files.emplace(std::move(name), std::move(*content)).second) return package_errc::unsafe_path;
    }
    return files;
}

} // namespace assay::exam::qti
