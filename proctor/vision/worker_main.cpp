// assay-proctor-worker: looks at pictures from outside, and can do nothing else. Started by the service with its end of a
// socketpair as descriptor 3; loads what it needs, looks at one picture, shuts itself in, and only then says that it is ready.
//
//   assay-proctor-worker [--model FILE --model-sha256 HEX]
#include "proctor/channel/worker_channel.hpp"
#include "proctor/vision/analyser.hpp"
#include "proctor/vision/jpeg_encode.hpp"
#include "sandbox/child.hpp"
#include "sandbox/enter.hpp"
#include "sandbox/transfer.hpp"

#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/core/ocl.hpp>

namespace {

using namespace assay;
using namespace assay::proctor;

static_assert(channel::worker_descriptor == sandbox::child_descriptor);

// Exit statuses that the service's log can name. _Exit, because exit handlers of libraries would reach for what is gone.
enum : int { finished = 0, usage = 64, channel_broken = 65, setup_failed = 70 };

void write_all(ByteView bytes)
{
    if (!sandbox::write_exactly(channel::worker_descriptor, bytes)) std::_Exit(finished); // nobody listens any more
}

channel::Request next_request()
{
    auto prefix = std::array<std::byte, channel::length_prefix>{};
    if (!sandbox::read_exactly(channel::worker_descriptor, prefix)) std::_Exit(finished);
    auto const length = channel::parse_length(prefix, channel::request_size_max);
    if (!length) std::_Exit(channel_broken);
    auto body = Bytes(*length);
    if (!sandbox::read_exactly(channel::worker_descriptor, body)) std::_Exit(finished);
    auto request = channel::parse_request(body);
    if (!request) std::_Exit(channel_broken);
    return std::move(*request);
}

std::optional<vision::FaceModel> model_from(int argc, char** argv)
{
    if (argc == 1) return std::nullopt;
    auto const named = argc == 5 && std::string_view{argv[1]} == "--model" && std::string_view{argv[3]} == "--model-sha256";
    auto const hash = named ? parse_sha256(argv[4]) : result<Sha256Digest>{boost::system::error_code{}};
    if (!named || !hash) {
        std::fputs("usage: assay-proctor-worker [--model FILE --model-sha256 HEX]\n", stderr);
        std::_Exit(usage);
    }
    return vision::FaceModel{.file = argv[2], .expected = *hash};
}

/// Noise goes through every stage, so that whatever libraries set up lazily is set up while they still may.
void analyse_one_picture(vision::FaceDetector& detector)
{
    auto picture = cv::Mat(480, 640, CV_8UC3);
    cv::theRNG().state = 1;
    cv::randu(picture, cv::Scalar::all(0), cv::Scalar::all(255));
    auto const measured = vision::measure(vision::encode_jpeg(picture, 70), detector);
    if (std::holds_alternative<FrameFault>(measured)) throw std::runtime_error{"the self-test picture could not be analysed"};
}

} // namespace

int main(int argc, char** argv)
try {
    auto const model = model_from(argc, argv);
    cv::setNumThreads(1);
    cv::ocl::setUseOpenCL(false);
    auto chosen = vision::choose_detector(model);
    analyse_one_picture(*chosen.detector);

    sandbox::enter(channel::worker_descriptor);
    write_all(channel::frame(channel::Message{channel::Ready{.detector = chosen.detector->about(), .notice = chosen.notice}}));
    for (;;) {
        auto const request = next_request();
        auto reply = channel::Reply{.sequence = request.sequence, .outcome = vision::measure(request.jpeg, *chosen.detector)};
        write_all(channel::frame(channel::Message{std::move(reply)}));
    }
} catch (std::exception const& problem) {
    std::fprintf(stderr, "assay-proctor-worker: %s\n", problem.what());
    std::_Exit(setup_failed);
}
