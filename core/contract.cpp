#include "core/contract.hpp"

namespace assay {

void contract_violated(char const* condition, char const* file, int line)
{
    throw ContractViolation{std::string{file} + ":" + std::to_string(line) + ": expected " + condition};
}

} // namespace assay
