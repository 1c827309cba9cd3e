// Holds nothing: the precompiled header needs a target to be built with.
