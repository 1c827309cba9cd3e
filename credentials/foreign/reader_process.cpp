#include "credentials/foreign/contents.hpp"
#include "credentials/foreign/reader.hpp"
#include "sandbox/child.hpp"
#include "sandbox/enter.hpp"
#include "sandbox/transfer.hpp"

#include <cstdio>
#include <exception>

namespace assay::credentials::foreign {
namespace {

enum : int { finished = 0, channel_broken = 65, setup_failed = 70, no_answer = 71 };

int answer_one_file()
{
    auto prefix = std::array<std::byte, length_size>{};
    if (!sandbox::read_exactly(sandbox::child_descriptor, prefix)) return channel_broken;
    auto const size = parse_length(prefix);
    if (size > file_size_max) return channel_broken;
    auto file = Bytes(size);
    if (!sandbox::read_exactly(sandbox::child_descriptor, file)) return channel_broken;
    auto const answer = to_answer(contents_of(file));
    return sandbox::write_exactly(sandbox::child_descriptor, with_length(answer)) ? finished : channel_broken;
}

} // namespace

int serve_one_file() noexcept
{
    auto const limits = sandbox::Limits{.address_space_bytes = 512ull << 20, .cpu = std::chrono::seconds{10}, .sanitizer_may_probe = true};
    try {
        sandbox::enter(sandbox::child_descriptor, limits);
    } catch (std::exception const& problem) {
        std::fprintf(stderr, "the reader of foreign files can't shut itself in: %s\n", problem.what());
        return setup_failed;
    }
    try {
        return answer_one_file();
    } catch (...) { // no memory, most likely: an answer that does not come says enough
        return no_answer;
    }
}

} // namespace assay::credentials::foreign
