#include "app/draw/field.h"

#include "app/draw/gl.h"

namespace ebm::draw {
namespace {

void sample_linearly() {
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
}

} // namespace

Field::~Field() {
    if (!values_ || !has_graphics()) return;
    glDeleteTextures(1, &values_);
    glDeleteTextures(1, &colors_);
    glDeleteVertexArrays(1, &vertex_array_);
}

void Field::create() {
    if (values_) return;
    glGenTextures(1, &values_);
    glGenTextures(1, &colors_);
    glGenVertexArrays(1, &vertex_array_);
    glBindTexture(GL_TEXTURE_2D, values_);
    sample_linearly();
    glBindTexture(GL_TEXTURE_2D, colors_);
    sample_linearly();
}

void Field::set(std::span<const float> values, int columns, int rows, const Plane& extent) {
    if (!has_graphics() || columns < 1 || rows < 1) return;
    if (values.size() < static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) return;
    create();
    extent_ = extent;
    glBindTexture(GL_TEXTURE_2D, values_);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    if (columns != columns_ || rows != rows_)
        glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, columns, rows, 0, GL_RED, GL_FLOAT, values.data());
    else
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, columns, rows, GL_RED, GL_FLOAT, values.data());
    columns_ = columns;
    rows_ = rows;
}

void Field::set_colormap(std::span<const std::array<std::uint8_t, 3>, 256> table) {
    if (!has_graphics()) return;
    create();
    glBindTexture(GL_TEXTURE_2D, colors_);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, 256, 1, 0, GL_RGB, GL_UNSIGNED_BYTE, table.data());
}

void Field::draw(const Offscreen& target, const Plane& view, const Style& style) {
    if (columns_ == 0) return;
    program_.use("plane.vert", "field.frag");
    program_.set("view", view);
    program_.set("extent", extent_);
    program_.set("values", 0);
    program_.set("colors", 1);
    program_.set("low", style.low);
    program_.set("high", style.high);
    program_.set("bright_low", style.low_is_bright ? 1.0f : 0.0f);
    program_.set("density", style.density ? 1 : 0);
    program_.set("density_offset", style.density_offset);
    program_.set("density_factor", style.density_factor);
    program_.set("contour_spacing", style.contour_spacing);
    program_.set("contour_width", target.density() * style.contour_width);
    program_.set("contour_color", style.contour_color);
    program_.set("contour_contrast", style.contour_contrast ? 1.0f : 0.0f);
    program_.set("opacity", style.opacity);
    glActiveTexture(GL_TEXTURE1);
    glBindTexture(GL_TEXTURE_2D, colors_);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, values_);
    glBindVertexArray(vertex_array_);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

} // namespace ebm::draw
