#include "exam/qti/package.hpp"
#include "exam/detail/values.hpp"
#include "exam/qti/detail/content_reader.hpp"
#include "exam/qti/detail/xml.hpp"
#include "exam/qti/usage_data.hpp"

#include <algorithm>
#include <set>

namespace assay::exam::qti {
namespace {

using detail::XmlElement;
using detail::in_quotes;

constexpr auto manifest_bounds = detail::XmlBounds{16 << 20, 64, 400'000};
constexpr auto test_bounds = detail::XmlBounds{8 << 20, 64, 200'000};

std::string folder_of(std::string_view file)
{
    auto const slash = file.rfind('/');
    return std::string{slash == file.npos ? std::string_view{} : file.substr(0, slash)};
}

/// imsqti_item_xmlv3p0, imsqti_item_xmlv2p2, imsqti_xmlv2p1 … and what tools write instead.
bool is_item_type(std::string_view type) { return type.starts_with("imsqti_item") || type.starts_with("imsqti_xmlv"); }
bool is_test_type(std::string_view type) { return type.starts_with("imsqti_test") || type.starts_with("imsqti_assessment"); }

class PackageReader {
public:
    explicit PackageReader(PackageFiles const& files) : files_{files} {}

    PackageImport read()
    {
        if (files_.contains("imsmanifest.xml")) read_manifest();
        else find_without_manifest();
        for (auto const& path : items_) read_one_item(path);
        for (auto const& path : tests_) read_test(path);
        for (auto const& [path, bytes] : files_)
            if (path.ends_with(".xml") && detail::root_name(bytes) == "usageData") usage_.read(path, bytes);
        attach_parameters();
        collect_media();
        return std::move(import_);
    }

private:
    void note(std::string text) { import_.notes.push_back(std::move(text)); }

    void read_manifest()
    {
        auto const parsed = detail::parse_xml(files_.find("imsmanifest.xml")->second, manifest_bounds);
        if (!parsed.root || parsed.root->name != "manifest") {
            note("imsmanifest.xml cannot be read: " + (parsed.root ? "no manifest" : parsed.error) + "; items are found by their content");
            return find_without_manifest();
        }
        auto const* resources = parsed.root->element("resources");
        if (resources == nullptr) return note("imsmanifest.xml names no resources");
        for (auto const* resource : resources->elements("resource")) {
            auto const type = resource->attribute("type");
            auto href = resource->attribute("href");
            if (auto const* file = resource->element("file"); href.empty() && file != nullptr) href = file->attribute("href");
            auto const path = detail::resolve({}, href);
            if (is_item_type(type)) {
                if (path.empty()) note("resource " + in_quotes(resource->attribute("identifier")) + " has no usable href: " + in_quotes(href));
                else if (std::ranges::find(items_, path) == items_.end()) items_.push_back(path);
            } else if (is_test_type(type) && !path.empty()) {
                tests_.push_back(path);
            }
        }
    }

    void find_without_manifest()
    {
        note("no imsmanifest.xml: items are found by their content");
        for (auto const& [path, bytes] : files_) {
            if (!path.ends_with(".xml")) continue;
            auto const root = detail::root_name(bytes);
            if (root == "qti-assessment-item" || root == "assessmentItem") items_.push_back(path);
            else if (root == "qti-assessment-test" || root == "assessmentTest") tests_.push_back(path);
        }
    }

    void read_one_item(std::string const& path)
    {
        auto const found = files_.find(path);
        if (found == files_.end()) {
            auto missing = ImportedItem{};
            missing.file = path;
            missing.notes.emplace_back("the manifest names this file, and the package does not have it");
            import_.items.push_back({std::move(missing), {}, {}, {}});
            return;
        }
        auto imported = read_item(found->second, path);
        if (imported.item && !identifiers_.emplace(imported.identifier, import_.items.size()).second) {
            imported.item.reset();
            imported.outcome = ImportOutcome::refused;
            imported.notes.insert(imported.notes.begin(), "another item of the package has the identifier " + in_quotes(imported.identifier));
        }
        by_path_[path] = import_.items.size();
        import_.items.push_back({std::move(imported), {}, {}, {}});
    }

    void read_test(std::string const& path)
    {
        auto const found = files_.find(path);
        if (found == files_.end()) return note("the manifest names the test " + in_quotes(path) + ", and the package does not have it");
        auto const parsed = detail::parse_xml(found->second, test_bounds);
        if (!parsed.root || parsed.root->name != "assessment-test") return note("test " + in_quotes(path) + " cannot be read: " + (parsed.root ? "no test" : parsed.error));
        if (import_.test_identifier.empty()) {
            import_.test_identifier = parsed.root->attribute("identifier");
            import_.test_title = parsed.root->attribute("title");
        }
        for (auto const* part : parsed.root->elements("test-part")) read_sections(*part, folder_of(path), {}, {});
    }

    // The outermost section is the content area: sections within it only group its items.
    void read_sections(XmlElement const& parent, std::string const& folder, std::string const& area, std::string const& title)
    {
        for (auto const* child : parent.elements()) {
            if (child->name == "assessment-section") {
                auto const is_outermost = area.empty();
                read_sections(*child, folder, is_outermost ? child->attribute("identifier") : area, is_outermost ? child->attribute("title") : title);
            } else if (child->name == "assessment-item-ref") {
                place_item(*child, folder, area, title);
            } else if (child->name == "assessment-section-ref") {
                note("not taken over: <" + child->tag + "> " + in_quotes(child->attribute("href")));
            }
        }
    }

    void place_item(XmlElement const& reference, std::string const& folder, std::string const& area, std::string const& title)
    {
        auto const path = detail::resolve(folder, reference.attribute("href"));
        auto const found = by_path_.find(path);
        if (found == by_path_.end()) return note("the test refers to " + in_quotes(reference.attribute("href")) + ", which is no item of the package");
        auto& item = import_.items[found->second];
        aliases_.emplace(reference.attribute("identifier"), found->second); // usage data may use the reference's name
        if (item.content_area.empty()) {
            item.content_area = area;
            item.content_area_title = title;
        } else if (item.content_area != area) {
            note("item " + in_quotes(item.imported.identifier) + " stands in the sections " + in_quotes(item.content_area) + " and " + in_quotes(area) + "; the first counts");
        }
    }

    void attach_parameters()
    {
        for (auto const& text : usage_.notes) note(text);
        for (auto const& [identifier, parameters] : usage_.items) {
            auto const own = identifiers_.find(identifier);
            auto const alias = aliases_.find(identifier);
            if (own != identifiers_.end()) import_.items[own->second].parameters = parameters;
            else if (alias != aliases_.end()) import_.items[alias->second].parameters = parameters;
            else note("usage data names " + in_quotes(identifier) + ", which is no item of the package");
        }
        for (auto const& name : usage_.left_out) note("not taken over from usage data: statistic " + in_quotes(name));
    }

    void collect_media()
    {
        for (auto& item : import_.items) {
            if (!item.imported.item) continue;
            for (auto const& path : media(*item.imported.item)) {
                if (auto const found = files_.find(path); found != files_.end()) import_.media.emplace(path, found->second);
                else item.imported.notes.push_back("picture " + in_quotes(path) + " is not in the package");
            }
        }
    }

    PackageFiles const& files_;
    PackageImport import_;
    std::vector<std::string> items_;
    std::vector<std::string> tests_;
    std::map<std::string, std::size_t> identifiers_; // of imported items → place in import_.items
    std::map<std::string, std::size_t> by_path_;
    std::map<std::string, std::size_t> aliases_;
    UsageData usage_;
};

} // namespace

PackageImport read_package(PackageFiles const& files) { return PackageReader{files}.read(); }

result<PackageImport> read_package(ByteView zip)
{
    auto const files = unzip(zip);
    if (!files) return files.error();
    return read_package(*files);
}

} // namespace assay::exam::qti
