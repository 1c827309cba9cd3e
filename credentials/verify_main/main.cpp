#include "credentials/verify_main/verify_command.hpp"

#include <exception>
#include <iostream>
#include <sodium.h>
#include <vector>

int main(int argc, char** argv)
{
    try {
        if (sodium_init() < 0) throw std::runtime_error{"libsodium can't be initialised"};
        auto const arguments = std::vector<std::string>(argv + 1, argv + argc);
        return assay::credentials::run_verify(arguments, std::cout, std::cerr);
    } catch (std::exception const& error) {
        std::cerr << "assay-verify: " << error.what() << "\n";
        return 2;
    }
}
