// Item banks, responses and blueprints from outside: any bytes give a value or an error, and what is read can be used.
#include "exam/assembly/program.hpp"
#include "exam/bank/responses.hpp"

#include <cstdint>

using namespace assay::exam;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = std::string_view{reinterpret_cast<char const*>(data), size};
    if (auto const bank = read_item_bank(text)) {
        for (auto const& item : bank->items) (void)information_terms(item.model, {0.5});
        (void)write_item_bank(bank->items);
    }
    if (auto table = read_responses(text)) (void)recode(std::move(*table), {});
    if (auto const blueprint = assembly::read_blueprint(text)) {
        auto const bank = ItemBank{.items = {{.item = "a", .model = {}}, {.item = "b", .model = {}}}, .warnings = {}};
        (void)assembly::make_program(bank, *blueprint);
    }
    return 0;
}
