#pragma once

#include "app/draw/plane.h"

#include <string>
#include <string_view>

namespace ebm::draw {

/// A linked pair of shaders of the folder shaders/. In debug builds they are read from that folder, so that
/// reload() shows an edited file.
class Program {
public:
    Program() = default;
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Compiles on the first call. Throws std::logic_error with the compiler's words: shaders are part of the
    /// program.
    void use(std::string_view vertex_file, std::string_view fragment_file);

    // After use():
    void set(const char* uniform, int value);
    void set(const char* uniform, float value);
    void set(const char* uniform, float x, float y);
    void set(const char* uniform, Color color);
    /// As vec4(low_x, low_y, high_x, high_y).
    void set(const char* uniform, const Plane& plane);

private:
    unsigned program_ = 0;
    int generation_ = -1;
};

/// Makes every Program compile its files again.
void reload_shaders();

} // namespace ebm::draw
