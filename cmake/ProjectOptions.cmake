# What every target of ours is compiled with. The link line of a folder says what it may use; this says how it is built.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_COMPILE_OPTIONS_PIC -fPIE)  # our libraries end in programs only; and so they share precompiled headers with these

option(ASSAY_BUILD_TESTS "Build the tests" ON)
option(ASSAY_BUILD_FUZZERS "Build the libFuzzer targets (clang)" OFF)
set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache asks for with precompiled headers; -fpch-preprocess is its other half. Its depend mode saves running the
  # preprocessor before a compilation that is new, the inode cache hashing a precompiled header again for every source.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_DEPEND=1 CCACHE_INODECACHE=1
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(project_options INTERFACE
  -pthread  # some libraries' packages ask for it: then all of ours have it, or they could not share precompiled headers
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
  -ffp-contract=off)  # replay is exact on any machine: no fused multiply-add behind our back (design law 7)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these through coroutine frames and boost::system::result under -O2 and sanitizers.
  target_compile_options(project_options INTERFACE
    -Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-restrict
    -Wno-missing-field-initializers)
  target_compile_options(project_options INTERFACE -fpch-preprocess)
else()
  target_compile_options(project_options INTERFACE -Wno-missing-field-initializers)
endif()
if(ASSAY_SANITIZE)
  target_compile_options(project_options INTERFACE -fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(project_options INTERFACE -fsanitize=${ASSAY_SANITIZE})
  if(ASSAY_SANITIZE MATCHES "undefined")
    target_compile_options(project_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
  if(ASSAY_SANITIZE MATCHES "thread")
    target_compile_options(project_options INTERFACE -Wno-tsan)  # Asio uses fences
  endif()
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# Generated and third-party code: our include paths and sanitizers, not our warnings.
add_library(project_options_quiet INTERFACE)
target_include_directories(project_options_quiet INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(project_options_quiet INTERFACE -w -ffp-contract=off)
if(ASSAY_SANITIZE)
  target_compile_options(project_options_quiet INTERFACE -fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(project_options_quiet INTERFACE -fsanitize=${ASSAY_SANITIZE})
endif()

# assay_test(NAME suite SOURCES … LIBRARIES … [PREFIX words before the command] [LABELS …] [TIMEOUT seconds])
# One GoogleTest program a folder; CTest runs it whole, so that fixtures shared by a suite are built once.
function(assay_test)
  cmake_parse_arguments(T "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS;ENVIRONMENT" ${ARGN})
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE ${T_LIBRARIES} GTest::gmock_main project_options)
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_test(NAME ${T_NAME} COMMAND ${T_NAME})
  set_tests_properties(${T_NAME} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}"
    ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/support/lsan.supp;ASSAY_SOURCE_DIR=${CMAKE_SOURCE_DIR};ASSAY_SHARED_DIR=${CMAKE_SOURCE_DIR}/../shared;${T_ENVIRONMENT}")
endfunction()

# assay_fuzzer(NAME target SOURCES … LIBRARIES …): a libFuzzer program under the fuzz preset; otherwise a program
# that replays the corpus in tests/fuzz/corpus/NAME once, run by CTest.
function(assay_fuzzer)
  cmake_parse_arguments(T "" "NAME" "SOURCES;LIBRARIES" ${ARGN})
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${T_NAME})
  if(ASSAY_BUILD_FUZZERS)
    add_executable(${T_NAME} ${T_SOURCES})
    target_link_options(${T_NAME} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers) # what `./check --long` builds of this preset
    endif()
    add_dependencies(fuzzers ${T_NAME})
  else()
    add_executable(${T_NAME} ${T_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME ${T_NAME} COMMAND ${T_NAME} ${corpus})
    set_tests_properties(${T_NAME} PROPERTIES TIMEOUT 120 LABELS fuzz)
  endif()
  target_link_libraries(${T_NAME} PRIVATE ${T_LIBRARIES} project_options)
endfunction()

# Tests wait for what these compute: optimized a little also where nothing else is. (Coroutines are not among them: g++ takes minutes for
# optimizing what the sanitizers have made of them.)
function(assay_computes)
  foreach(target IN LISTS ARGN)
    set_target_properties(${target} PROPERTIES ASSAY_COMPUTES ON)
    if(CMAKE_CXX_FLAGS MATCHES "-O0")
      target_compile_options(${target} PRIVATE -O1)
    endif()
  endforeach()
endfunction()
