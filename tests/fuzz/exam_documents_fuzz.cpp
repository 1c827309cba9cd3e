// What an auditor replays comes from a stranger's folder: exam versions and events as JSON, one a line.
#include "core/json.hpp"
#include "exam/exam_version.hpp"
#include "exam/replay.hpp"
#include "exam/sitting_json.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    auto text = std::string_view{reinterpret_cast<char const*>(data), size};
    auto version = exam::ExamVersion{};
    auto events = std::vector<exam::Event>{};
    auto playable = false;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        auto const value = parse_json(line, {.size_max = 1 << 16});
        if (!value) continue;
        if (auto event = exam::event_from_json(*value)) {
            if (exam::event_from_json(exam::to_json(*event)).value() != *event) std::abort();
            events.push_back(std::move(*event));
        } else if (auto read = exam::exam_version_from_json(*value)) {
            version = std::move(*read);
            playable = exam::findings(version).empty();
        }
    }
    if (!playable) return 0;
    auto const scorer = [](ItemId, exam::ResponseSet const& response) -> result<exam::ItemScore> { return exam::ItemScore{response.empty() ? 0.0 : 1.0, 1.0}; };
    static_cast<void>(exam::replay_check(exam::PreparedExam{std::move(version)}, scorer, events));
    return 0;
}
