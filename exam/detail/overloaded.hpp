#pragma once

namespace assay::exam::detail {

/// One callable out of several, for std::visit.
template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>; // clang 16, of the fuzz preset, does not deduce it by itself

} // namespace assay::exam::detail
