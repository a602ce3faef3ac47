# embed_files(OUT NAME FILE…): one generated source per file and one that lists them in
# std::span<const ebm::EmbeddedFile> ebm::NAME()   (core/base/embedded.h).
# Run as a script it writes the source of one file: string literals, which compilers read far faster than number lists.
if(CMAKE_SCRIPT_MODE_FILE)
    file(READ "${INPUT}" bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR size "${digits} / 2")
    string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
    # 32768 bytes a literal: 131072 characters of source.
    set(pieces "")
    string(LENGTH "${bytes}" length)
    set(at 0)
    while(at LESS length)
        string(SUBSTRING "${bytes}" ${at} 131072 piece)
        string(APPEND pieces "\"${piece}\"\n")
        math(EXPR at "${at} + 131072")
    endwhile()
    if(size EQUAL 0)
        set(pieces "\"\"")
    endif()
    file(WRITE "${OUTPUT}" "extern const char ${SYMBOL}[];\nextern const unsigned long ${SYMBOL}_size;\n"
        "const char ${SYMBOL}[] =\n${pieces};\nconst unsigned long ${SYMBOL}_size = ${size};\n")
    return()
endif()

set(EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(embed_files out name)
    set(sources "")
    set(declarations "")
    set(rows "")
    foreach(file IN LISTS ARGN)
        get_filename_component(base "${file}" NAME)
        string(MAKE_C_IDENTIFIER "embedded_${base}" symbol)
        set(source "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp")
        add_custom_command(OUTPUT "${source}"
            COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${source} -DSYMBOL=${symbol} -P "${EMBED_SCRIPT}"
            DEPENDS "${file}" "${EMBED_SCRIPT}" COMMENT "Embedding ${base}" VERBATIM)
        set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "-w")
        list(APPEND sources "${source}")
        string(APPEND declarations
            "extern const char ${symbol}[];\nextern const unsigned long ${symbol}_size;\n")
        string(APPEND rows "    {\"${base}\", {${symbol}, ${symbol}_size}},\n")
    endforeach()
    set(list_source "${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp")
    file(CONFIGURE OUTPUT "${list_source}" CONTENT
"#include \"core/base/embedded.h\"\n#include <span>\n#include <vector>\n${declarations}
namespace ebm {
std::span<const EmbeddedFile> ${name}() {
    static const std::vector<EmbeddedFile> files = {\n${rows}    };
    return files;
}
} // namespace ebm\n" @ONLY)
    set(${out} ${sources} "${list_source}" PARENT_SCOPE)
endfunction()
