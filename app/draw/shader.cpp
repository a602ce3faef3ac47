#include "app/draw/shader.h"

#include "app/draw/embedded.h"
#include "app/draw/gl.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ebm::draw {
namespace {

int current_generation = 0;

std::string source_of(std::string_view file) {
#ifndef NDEBUG
    std::ifstream on_disk(std::string(EBM_SHADER_FOLDER "/") + std::string(file));
    if (on_disk) return {std::istreambuf_iterator<char>(on_disk), {}};
#endif
    return std::string(embedded(shader_files(), file));
}

GLuint compile(GLenum stage, std::string_view file) {
    const std::string source = source_of(file);
    const char* text = source.c_str();
    const GLuint shader = glCreateShader(stage);
    glShaderSource(shader, 1, &text, nullptr);
    glCompileShader(shader);
    GLint ok = 0;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (!ok) {
        char words[2000] = "";
        glGetShaderInfoLog(shader, sizeof words, nullptr, words);
        throw std::logic_error(std::string(file) + ": " + words);
    }
    return shader;
}

} // namespace

bool has_graphics() {
    return glGetString(GL_VERSION) != nullptr;
}

void reload_shaders() {
    ++current_generation;
}

Program::~Program() {
    if (program_ && has_graphics()) glDeleteProgram(program_);
}

void Program::use(std::string_view vertex_file, std::string_view fragment_file) {
    if (generation_ != current_generation) {
        const GLuint vertex = compile(GL_VERTEX_SHADER, vertex_file);
        const GLuint fragment = compile(GL_FRAGMENT_SHADER, fragment_file);
        const GLuint program = glCreateProgram();
        glAttachShader(program, vertex);
        glAttachShader(program, fragment);
        glLinkProgram(program);
        glDeleteShader(vertex);
        glDeleteShader(fragment);
        GLint ok = 0;
        glGetProgramiv(program, GL_LINK_STATUS, &ok);
        if (!ok) {
            char words[2000] = "";
            glGetProgramInfoLog(program, sizeof words, nullptr, words);
            throw std::logic_error(std::string(fragment_file) + ": " + words);
        }
        if (program_) glDeleteProgram(program_);
        program_ = program;
        generation_ = current_generation;
    }
    glUseProgram(program_);
}

void Program::set(const char* uniform, int value) {
    glUniform1i(glGetUniformLocation(program_, uniform), value);
}
void Program::set(const char* uniform, float value) {
    glUniform1f(glGetUniformLocation(program_, uniform), value);
}
void Program::set(const char* uniform, float x, float y) {
    glUniform2f(glGetUniformLocation(program_, uniform), x, y);
}
void Program::set(const char* uniform, Color color) {
    glUniform4f(glGetUniformLocation(program_, uniform), color.r, color.g, color.b, color.a);
}
void Program::set(const char* uniform, const Plane& plane) {
    glUniform4f(glGetUniformLocation(program_, uniform), plane.low_x, plane.low_y, plane.high_x,
                plane.high_y);
}

} // namespace ebm::draw
