#pragma once

/// Dear ImGui's compile-time configuration. One build serves the program and the window tests: the test
/// engine's hooks are compiled in, and each executable brings either the engine or test_engine_absent.cpp.
#include <cstdlib>

#define IMGUI_DEFINE_MATH_OPERATORS
#define IMGUI_DISABLE_OBSOLETE_FUNCTIONS
#define IMGUI_ENABLE_FREETYPE
#define IMGUI_USE_WCHAR32

#define IMGUI_TEST_ENGINE_ENABLE_COROUTINE_STDTHREAD_IMPL 1
#define IMGUI_TEST_ENGINE_ENABLE_STD_FUNCTION 1
#define IM_DEBUG_BREAK() std::abort()
#include "imgui_te_imconfig.h"

/// The program notes a broken contract in its error stream and goes on; the window tests abort.
void imgui_contract_broken(const char* expression, const char* file, const char* function, int line);
#define IM_ASSERT(EXPRESSION)                                                                                \
    ((EXPRESSION) ? (void)0 : imgui_contract_broken(#EXPRESSION, __FILE__, __func__, __LINE__))
