#pragma once
// A QTI package: manifest, items, tests and usage data, from a zip file's bytes or from a folder that the caller has read.
#include "exam/qti/reader.hpp"
#include "exam/qti/usage_data.hpp"

#include <map>

namespace assay::exam::qti {

/// Package-relative path, '/'-separated → contents.
using PackageFiles = std::map<std::string, Bytes, std::less<>>;

inline constexpr std::size_t package_entries_max = 20'000;
inline constexpr std::uint64_t package_size_max = 512ull << 20; ///< bytes, unpacked
inline constexpr std::uint64_t package_file_max = 64ull << 20;  ///< bytes, one file, unpacked

enum class package_errc {
    not_a_zip = 1,   ///< libzip cannot open or read it
    unsafe_path,     ///< an entry is absolute, climbs out, is a link, or is named twice
    too_many_files,
    too_large,       ///< unpacked, or packed more than 200 times smaller
    encrypted,
};

boost::system::error_category const& package_category() noexcept;
inline boost::system::error_code make_error_code(package_errc code) noexcept { return {static_cast<int>(code), package_category()}; }

struct PackageItem {
    ImportedItem imported;
    std::string content_area;       ///< identifier of the test's section that names it; empty: none
    std::string content_area_title;
    std::optional<UsageParameters> parameters;
};

struct PackageImport {
    std::string test_identifier;     ///< of the first test; empty: none
    std::string test_title;
    std::vector<PackageItem> items;  ///< in the manifest's order, then by path
    PackageFiles media;              ///< pictures that imported items show, by package path
    std::vector<std::string> notes;  ///< about the package as a whole
};

/// Unpacks within the bounds above. Errors: package_errc.
result<PackageFiles> unzip(ByteView zip);

/// Every item: those of the manifest when there is one, otherwise every file whose root element is one. A manifest that names a
/// missing file gives a refused row. Two items with one identifier: the later is refused.
PackageImport read_package(PackageFiles const& files);
/// Errors: as unzip.
result<PackageImport> read_package(ByteView zip);

} // namespace assay::exam::qti

template <>
struct boost::system::is_error_code_enum<assay::exam::qti::package_errc> : std::true_type {};
