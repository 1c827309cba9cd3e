#include "credentials/verify_main/verify_command.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <sodium.h>
#include <string_view>
#include <vector>

int main(int argc, char** argv)
{
    if (argc == 2 && std::string_view{argv[1]} == assay::credentials::foreign::reader_argument)
        std::_Exit(assay::credentials::foreign::serve_one_file()); // exit handlers would reach for what the sandbox has taken away
    try {
        if (sodium_init() < 0) throw std::runtime_error{"libsodium can't be initialised"};
        auto const arguments = std::vector<std::string>(argv + 1, argv + argc);
        return assay::credentials::run_verify(arguments, std::cout, std::cerr, {"/proc/self/exe"});
    } catch (std::exception const& error) {
        std::cerr << "assay-verify: " << error.what() << "\n";
        return 2;
    }
}
