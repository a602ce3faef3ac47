# Libraries built from the sources in ${EBMLAB_DEPS}/imgui-bundle. Their headers are system headers and their own
# warnings are off.
set(IMGUI_BUNDLE "${EBMLAB_DEPS}/imgui-bundle/external")
if(NOT EXISTS "${IMGUI_BUNDLE}/imgui/imgui/imgui.h")
    message(FATAL_ERROR "Dear ImGui is not in ${EBMLAB_DEPS}. Run ./dev setup first.")
endif()

function(third_party_library name)
    cmake_parse_arguments(PARSE_ARGV 1 given "OBJECT" "ROOT" "SOURCES")
    list(TRANSFORM given_SOURCES PREPEND "${given_ROOT}/")
    if(given_OBJECT)
        add_library(${name} OBJECT ${given_SOURCES})
    else()
        add_library(${name} STATIC ${given_SOURCES})
    endif()
    target_include_directories(${name} SYSTEM PUBLIC "${given_ROOT}")
    target_compile_options(${name} PRIVATE -w)
    if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        target_compile_options(${name} PRIVATE -O2)
    endif()
endfunction()

third_party_library(imgui ROOT "${IMGUI_BUNDLE}/imgui/imgui" SOURCES
    imgui.cpp imgui_draw.cpp imgui_tables.cpp imgui_widgets.cpp imgui_demo.cpp imgui_stacklayout.cpp
    misc/cpp/imgui_stdlib.cpp misc/freetype/imgui_freetype.cpp
    backends/imgui_impl_null.cpp backends/imgui_impl_opengl3.cpp)
target_include_directories(imgui SYSTEM PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/third_party"
    "${IMGUI_BUNDLE}/imgui_test_engine/imgui_test_engine/imgui_test_engine")
target_compile_definitions(imgui PUBLIC IMGUI_USER_CONFIG="imgui_configuration.h")
target_link_libraries(imgui PUBLIC Freetype::Freetype ${CMAKE_DL_LIBS})

third_party_library(imgui_glfw ROOT "${IMGUI_BUNDLE}/imgui/imgui/backends" SOURCES imgui_impl_glfw.cpp)
target_link_libraries(imgui_glfw PUBLIC imgui glfw)

# Only the number types that the panels plot: with all ten of them one file takes over two minutes.
third_party_library(implot ROOT "${IMGUI_BUNDLE}/implot/implot" SOURCES implot.cpp implot_items.cpp)
target_compile_definitions(implot PUBLIC "IMPLOT_CUSTOM_NUMERIC_TYPES=(float)(double)(int)")
target_link_libraries(implot PUBLIC imgui)

third_party_library(implot3d ROOT "${IMGUI_BUNDLE}/implot3d/implot3d" SOURCES
    implot3d.cpp implot3d_items.cpp implot3d_meshes.cpp)
target_compile_definitions(implot3d PUBLIC "IMPLOT3D_CUSTOM_NUMERIC_TYPES=(float)(double)")
target_link_libraries(implot3d PUBLIC imgui)

third_party_library(fuzzy_search ROOT "${IMGUI_BUNDLE}/imgui-command-palette/imgui-command-palette" SOURCES
    imcmd_fuzzy_search.cpp)
target_link_libraries(fuzzy_search PUBLIC imgui)

add_library(file_dialogs INTERFACE)
target_include_directories(file_dialogs SYSTEM INTERFACE
    "${IMGUI_BUNDLE}/portable_file_dialogs/portable_file_dialogs")

add_library(stb_image INTERFACE)
target_include_directories(stb_image SYSTEM INTERFACE
    "${IMGUI_BUNDLE}/hello_imgui/hello_imgui/external/stb_hello_imgui")

# The test engine's licence keeps it out of the program: only window_tests links it. An object library, because imgui and
# the engine call each other.
third_party_library(imgui_test_engine OBJECT ROOT
    "${IMGUI_BUNDLE}/imgui_test_engine/imgui_test_engine/imgui_test_engine" SOURCES
    imgui_capture_tool.cpp imgui_te_context.cpp imgui_te_coroutine.cpp imgui_te_engine.cpp imgui_te_exporters.cpp
    imgui_te_perftool.cpp imgui_te_ui.cpp imgui_te_utils.cpp)
set_target_properties(imgui_test_engine PROPERTIES EXCLUDE_FROM_ALL ON)
target_link_libraries(imgui_test_engine PUBLIC imgui Threads::Threads)
