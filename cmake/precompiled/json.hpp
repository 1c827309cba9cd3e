// Precompiled for whoever links Boost.JSON: that is everybody above core.
#include <boost/json.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>
