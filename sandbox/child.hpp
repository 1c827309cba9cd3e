#pragma once
// One child process and our end of its socketpair.
#include <filesystem>
#include <string>
#include <vector>

namespace assay::sandbox {

constexpr int child_descriptor = 3; ///< where the child finds its end

class Child {
public:
    /// Starts the program with one descriptor, an empty environment and default signals, in a process group of its own. It runs, no more is
    /// known of it yet. Safe to call from any thread. Throws std::system_error when it can't be started.
    explicit Child(std::filesystem::path const& program, std::vector<std::string> arguments = {});
    ~Child();                             ///< kills and reaps it
    Child(Child const&) = delete;
    Child& operator=(Child const&) = delete;

    int id() const noexcept { return id_; }
    int descriptor() const noexcept { return descriptor_; }
    int release_descriptor() noexcept;    ///< the caller closes it from now on
    void kill() noexcept;                 ///< SIGKILL; works on a stopped one too

private:
    int id_ = -1;
    int descriptor_ = -1;
};

} // namespace assay::sandbox
