// The psychometric commands alone, as a program: what scripts and the tests here drive without building the service.
#include "server/psychometrics/commands.hpp"

#include <iostream>

int main(int argc, char** argv)
{
    auto app = CLI::App{"assay score | information | select | simulate | assemble"};
    app.require_subcommand(1);
    auto status = 0;
    assay::server::psychometrics::add_psychometrics_commands(app, status);
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return app.exit(error);
    } catch (std::exception const& error) {
        std::cerr << "assay: " << error.what() << "\n";
        return 1;
    }
    return status;
}
