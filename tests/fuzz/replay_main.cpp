// Runs a fuzz target over every file of the folders named on the command line: the ordinary test run's share of fuzzing.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

int main(int argc, char** argv)
{
    auto count = 0;
    for (auto i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) continue;
        for (auto const& entry : std::filesystem::recursive_directory_iterator{argv[i]}) {
            if (!entry.is_regular_file()) continue;
            auto file = std::ifstream{entry.path(), std::ios::binary};
            auto const bytes = std::vector<char>{std::istreambuf_iterator<char>{file}, {}};
            LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
            ++count;
        }
    }
    std::cout << count << " corpus files replayed\n";
    return count == 0 ? 1 : 0; // an empty corpus proves nothing
}
