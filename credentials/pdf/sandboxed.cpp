#include "credentials/pdf/attachments.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <poll.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace assay::credentials::pdf {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true; // their shadow alone is terabytes of addresses
#else
constexpr bool sanitized = false;
#endif

constexpr auto patience = std::chrono::seconds{10};
constexpr rlim_t address_space_max = 512ull << 20;

[[noreturn]] void fail(int error, char const* what) { throw std::system_error{error, std::generic_category(), what}; }

void limit(__rlimit_resource resource, rlim_t value)
{
    auto const bound = rlimit{.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &bound) != 0) fail(errno, "setrlimit");
}

struct Release {
    void operator()(void* filter) const noexcept { seccomp_release(filter); }
};

void allow(void* filter, int call, std::vector<scmp_arg_cmp> const& arguments = {})
{
    auto const code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, static_cast<unsigned>(arguments.size()), arguments.data());
    if (code != 0) fail(-code, "seccomp_rule_add");
}

/// From here on: compute, allocate, write to `descriptor`, end. Everything else is refused or ends the process.
void enter_sandbox(int descriptor)
{
    if (close_range(static_cast<unsigned>(descriptor) + 1, ~0u, 0) != 0 || (descriptor > 0 && close_range(0, static_cast<unsigned>(descriptor) - 1, 0) != 0))
        fail(errno, "close_range");
    if (prctl(PR_SET_DUMPABLE, 0) != 0) fail(errno, "PR_SET_DUMPABLE");
    if (!sanitized) limit(RLIMIT_AS, address_space_max);
    limit(RLIMIT_CPU, static_cast<rlim_t>(patience.count()));
    for (auto const resource : {RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_NPROC}) limit(resource, 0);
    if (!sanitized) limit(RLIMIT_NOFILE, 0);

    auto const filter = std::unique_ptr<void, Release>{seccomp_init(SCMP_ACT_KILL_PROCESS)};
    if (filter == nullptr) fail(ENOMEM, "seccomp_init");
    if (auto const code = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 1); code != 0) fail(-code, "seccomp NNP");
    if (sanitized) // UBSan probes memory by writing it to a pipe
        for (auto const call : {SCMP_SYS(pipe2), SCMP_SYS(pipe), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(read)}) allow(filter.get(), call);
    else allow(filter.get(), SCMP_SYS(write), {SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(descriptor))});
    for (auto const call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) allow(filter.get(), call, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
    for (auto const call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group),
                            SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack), SCMP_SYS(clock_gettime),
                            SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield)})
        allow(filter.get(), call);
    for (auto const call : {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(readlink),
                            SCMP_SYS(readlinkat), SCMP_SYS(ioctl), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(prctl),
                            SCMP_SYS(prlimit64), SCMP_SYS(getrlimit), SCMP_SYS(sched_getaffinity)})
        if (auto const code = seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0, nullptr); code != 0) fail(-code, "seccomp_rule_add");
    if (!sanitized)
        for (auto const call : {SCMP_SYS(close), SCMP_SYS(read)})
            if (auto const code = seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0, nullptr); code != 0) fail(-code, "seccomp_rule_add");
    if (auto const code = seccomp_load(filter.get()); code != 0) fail(-code, "seccomp_load");
}

// The child's answer: 'A' and for each attachment two lengths (8 bytes) and two texts, or 'E' and a text.

void put(Bytes& out, std::string_view text)
{
    append_big_endian(out, text.size(), 8);
    append(out, bytes_of(text));
}

Bytes encoded(std::variant<std::vector<Attachment>, std::string> const& answer)
{
    auto out = Bytes{};
    if (auto const* why = std::get_if<std::string>(&answer)) {
        append(out, bytes_of("E"));
        put(out, *why);
        return out;
    }
    append(out, bytes_of("A"));
    for (auto const& attachment : std::get<std::vector<Attachment>>(answer)) {
        put(out, attachment.name);
        put(out, attachment.content);
    }
    return out;
}

bool take(std::string_view& rest, std::string& text)
{
    if (rest.size() < 8) return false;
    auto size = std::size_t{};
    for (auto const c : rest.substr(0, 8)) size = size * 256 + static_cast<unsigned char>(c);
    rest.remove_prefix(8);
    if (size > rest.size()) return false;
    text = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
}

std::variant<std::vector<Attachment>, std::string> decoded(std::string_view answer)
{
    auto const broken = std::string{"the PDF could not be read safely: its reader ended without an answer"};
    if (answer.empty()) return broken;
    auto const kind = answer.front();
    answer.remove_prefix(1);
    auto text = std::string{};
    if (kind == 'E') return take(answer, text) ? text : broken;
    auto found = std::vector<Attachment>{};
    while (!answer.empty()) {
        auto attachment = Attachment{};
        if (!take(answer, attachment.name) || !take(answer, attachment.content)) return broken;
        found.push_back(std::move(attachment));
    }
    return found;
}

[[noreturn]] void answer_and_end(int descriptor, ByteView pdf, Bounds const& bounds)
{
    try {
        enter_sandbox(descriptor);
        auto const answer = encoded(attachments_of(pdf, bounds));
        for (auto rest = ByteView{answer}; !rest.empty();) {
            auto const written = write(descriptor, rest.data(), rest.size());
            if (written <= 0) break;
            rest = rest.subspan(static_cast<std::size_t>(written));
        }
    } catch (...) { // an answer that does not come says enough
    }
    _exit(0); // no destructors, no atexit: the child never was more than this call
}

std::string read_answer(int descriptor, std::size_t size_max)
{
    auto answer = std::string{};
    auto const end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        auto waiting = pollfd{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
        char buffer[64 << 10];
        auto const got = read(descriptor, buffer, sizeof buffer);
        if (got <= 0) return got == 0 ? answer : std::string{};
        answer.append(buffer, static_cast<std::size_t>(got));
        if (answer.size() > size_max) return {};
    }
}

} // namespace

std::variant<std::vector<Attachment>, std::string> attachments_in_sandbox(ByteView pdf, Bounds const& bounds)
{
    if (pdf.size() > bounds.pdf_max) return "longer than " + std::to_string(bounds.pdf_max) + " bytes";
    int ends[2];
    if (pipe(ends) != 0) fail(errno, "pipe");
    auto const child = fork();
    if (child < 0) fail(errno, "fork");
    if (child == 0) {
        close(ends[0]);
        answer_and_end(ends[1], pdf, bounds);
    }
    close(ends[1]);
    auto const answer = read_answer(ends[0], bounds.attachments_max * (bounds.content_max + 4096));
    close(ends[0]);
    kill(child, SIGKILL); // no harm when it ended already
    auto status = 0;
    waitpid(child, &status, 0);
    return decoded(answer);
}

} // namespace assay::credentials::pdf
