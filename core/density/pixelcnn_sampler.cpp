#include "core/density/pixelcnn_sampler.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

namespace ebm {
namespace {

using Kind = PixelCnnNode::Kind;

/// Results are computed sixteen channels at a time, and results and kernels are padded to that.
constexpr int lanes = 16;
constexpr int padded(int channels) {
    return (channels + lanes - 1) / lanes * lanes;
}

/// Rows of a result that are kept: a kernel reaches two rows up.
constexpr int kept_rows = 4;

/// Pictures that are drawn together.
constexpr std::int64_t together = 64;

/// out[o] += Σ in[i] · kernel[i][o].
void multiply_add(float* out, const float* in, int inputs, const float* kernel, int outputs) {
    for (int o = 0; o < outputs; o += lanes) {
        float sums[lanes];
        std::copy_n(out + o, lanes, sums);
        for (int i = 0; i < inputs; ++i) {
            const float value = in[i];
            const float* row = kernel + i * outputs + o;
            for (int l = 0; l < lanes; ++l)
                sums[l] += value * row[l];
        }
        std::copy_n(sums, lanes, out + o);
    }
}

} // namespace

/// The last rows of every result for one picture.
struct PixelCnnSampler::Rows {
    struct Result {
        int width, stride; ///< stride: floats a position
        std::vector<float> values;
        float* at(int row, int column) {
            return values.data() + (static_cast<std::ptrdiff_t>(row % kept_rows) * width + column) * stride;
        }
    };
    std::vector<Result> results;

    Rows(const PixelCnnSpec& spec, const PixelCnnPlan& plan) {
        for (const PixelCnnNode& node : plan) {
            const int width = side_at(spec.width, node.level), stride = padded(node.channels);
            results.push_back(
                {width, stride, std::vector<float>(static_cast<std::size_t>(kept_rows * width * stride))});
        }
    }
    /// Where the pixel goes; its plane of ones is set.
    float* pixel(int row, int column, int channels) {
        float* at = results.front().at(row, column);
        at[channels] = 1;
        return at;
    }
};

PixelCnnSampler::PixelCnnSampler(const PixelCnnSpec& spec, const PixelCnnPlan& plan, const Weights& weights)
    : spec_(spec), plan_(plan) {
    const torch::NoGradGuard no_graph;
    for (const PixelCnnNode& node : plan_) {
        if (node.layer < 0) continue;
        const std::size_t first = 3 * static_cast<std::size_t>(node.layer);
        const torch::Tensor& direction = weights[first].second;
        const torch::Tensor& gain = weights[first + 1].second;
        const torch::Tensor kernel =
            torch::_weight_norm(direction, gain.view({-1, 1, 1, 1})).permute({2, 3, 1, 0}).contiguous();
        const int outputs = padded(node.channels);
        const std::int64_t rows = kernel.numel() / node.channels;
        std::vector<float> packed(static_cast<std::size_t>(rows * outputs)),
            bias(static_cast<std::size_t>(outputs));
        for (std::int64_t r = 0; r < rows; ++r)
            std::copy_n(kernel.data_ptr<float>() + r * node.channels, node.channels,
                        packed.data() + r * outputs);
        const torch::Tensor plain_bias = weights[first + 2].second.contiguous();
        std::copy_n(plain_bias.data_ptr<float>(), node.channels, bias.data());
        kernels_.push_back(std::move(packed));
        biases_.push_back(std::move(bias));
    }
}

/// The result of `node` at one position of its own resolution.
void PixelCnnSampler::compute(Rows& rows, const PixelCnnNode& node, std::size_t index, int row,
                              int column) const {
    float* out = rows.results[index].at(row, column);
    Rows::Result* const a = node.a >= 0 ? &rows.results[static_cast<std::size_t>(node.a)] : nullptr;
    Rows::Result* const b = node.b >= 0 ? &rows.results[static_cast<std::size_t>(node.b)] : nullptr;
    const int c = node.channels;
    switch (node.kind) {
    case Kind::input:
        break;
    case Kind::convolution: {
        const auto layer = static_cast<std::size_t>(node.layer);
        const int inputs = plan_[static_cast<std::size_t>(node.a)].channels, outputs = padded(c);
        std::copy(biases_[layer].begin(), biases_[layer].end(), out);
        for (int y = 0; y < node.rows; ++y) {
            const int from_row = node.stride * row + node.dy + y;
            if (from_row < 0) continue;
            for (int x = 0; x < node.columns; ++x) {
                const int from_column = node.stride * column + node.dx + x;
                if (from_column < 0 || from_column >= a->width) continue;
                multiply_add(out, a->at(from_row, from_column), inputs,
                             kernels_[layer].data() + (y * node.columns + x) * inputs * outputs, outputs);
            }
        }
        break;
    }
    case Kind::upsampling: {
        const auto layer = static_cast<std::size_t>(node.layer);
        const int inputs = plan_[static_cast<std::size_t>(node.a)].channels, outputs = padded(c);
        std::copy(biases_[layer].begin(), biases_[layer].end(), out);
        for (int x = 0; x < node.columns; ++x) {
            const int doubled = column - node.dx - x;
            if (doubled < 0 || doubled % 2 != 0 || doubled / 2 >= a->width) continue;
            multiply_add(out, a->at(row / 2, doubled / 2), inputs,
                         kernels_[layer].data() + (row % 2 * node.columns + x) * inputs * outputs, outputs);
        }
        break;
    }
    case Kind::activation: {
        const float* in = a->at(row, column);
        for (int i = 0; i < c / 2; ++i) {
            const float below = std::expm1(-std::abs(in[i]));
            out[i] = in[i] > 0 ? in[i] : below;
            out[c / 2 + i] = in[i] > 0 ? below : -in[i];
        }
        break;
    }
    case Kind::rectified: {
        const float* in = a->at(row, column);
        for (int i = 0; i < c; ++i)
            out[i] = in[i] > 0 ? in[i] : std::expm1(in[i]);
        break;
    }
    case Kind::add: {
        const float *left = a->at(row, column), *right = b->at(row, column);
        for (int i = 0; i < c; ++i)
            out[i] = left[i] + right[i];
        break;
    }
    case Kind::gate: {
        const float *in = a->at(row, column), *gates = b->at(row, column);
        for (int i = 0; i < c; ++i)
            out[i] = in[i] + gates[i] / (1 + std::exp(-gates[c + i]));
        break;
    }
    case Kind::concatenate: {
        const int first = plan_[static_cast<std::size_t>(node.a)].channels;
        std::copy_n(a->at(row, column), first, out);
        std::copy_n(b->at(row, column), c - first, out + first);
        break;
    }
    }
}

void PixelCnnSampler::start_row(Rows& rows, int row) const {
    for (std::size_t n = 1; n < plan_.size(); ++n) {
        const PixelCnnNode& node = plan_[n];
        if (node.pixelwise || row % (1 << node.level) != 0) continue;
        for (int column = 0; column < rows.results[n].width; ++column)
            compute(rows, node, n, row >> node.level, column);
    }
}

const float* PixelCnnSampler::parameters_of(Rows& rows, int row, int column) const {
    if (column == 0) start_row(rows, row);
    for (std::size_t n = 1; n < plan_.size(); ++n) {
        const PixelCnnNode& node = plan_[n];
        const int step = 1 << node.level;
        if (node.pixelwise && row % step == 0 && column % step == 0)
            compute(rows, node, n, row >> node.level, column >> node.level);
    }
    return rows.results.back().at(row, column);
}

torch::Tensor PixelCnnSampler::draw(std::int64_t count, std::uint64_t seed, const Progress& progress) const {
    const LogisticMixture mixture = spec_.mixture();
    const int h = spec_.height, w = spec_.width, c = spec_.channels;
    torch::Tensor pictures = torch::full({count, c, h, w}, -1.0f);
    const torch::Tensor uniforms = LogisticMixture::uniforms(count, std::int64_t{h} * w, seed);
    const float* numbers = uniforms.data_ptr<float>();
    float* values = pictures.data_ptr<float>();
    for (std::int64_t first = 0; first < count; first += together) {
        const std::int64_t n = std::min(together, count - first);
        std::vector<Rows> rows(static_cast<std::size_t>(n), Rows(spec_, plan_));
        const int run = progress ? 1 : w; // pixels of one picture in a row: its rows stay in the cache
        for (int start = 0; start < h * w; start += run) {
            at::parallel_for(0, n, 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i)
                    for (int at = start; at < start + run; ++at) {
                        const int row = at / w, column = at % w;
                        Rows& mine = rows[static_cast<std::size_t>(i)];
                        const float* parameters = parameters_of(mine, row, column);
                        float* pixel = mine.pixel(row, column, c);
                        mixture.draw(parameters, numbers + 4 * ((first + i) * h * w + at), pixel);
                        for (int channel = 0; channel < c; ++channel)
                            values[(((first + i) * c + channel) * h + row) * w + column] = pixel[channel];
                    }
            });
            const double done = static_cast<double>(first * h * w + (start + run) * n);
            if (progress && !progress(done / static_cast<double>(count * h * w), pictures)) return pictures;
        }
    }
    return pictures;
}

torch::Tensor PixelCnnSampler::predict(const torch::Tensor& picture) const {
    const int h = spec_.height, w = spec_.width, c = spec_.channels, outputs = spec_.mixture().outputs();
    const auto values = picture.to(torch::kFloat).contiguous();
    torch::Tensor parameters = torch::empty({h, w, outputs});
    Rows rows(spec_, plan_);
    for (int row = 0; row < h; ++row)
        for (int column = 0; column < w; ++column) {
            std::copy_n(parameters_of(rows, row, column), outputs,
                        parameters.data_ptr<float>() + (row * w + column) * outputs);
            float* pixel = rows.pixel(row, column, c);
            for (int channel = 0; channel < c; ++channel)
                pixel[channel] = values.data_ptr<float>()[(channel * h + row) * w + column];
        }
    return parameters.permute({2, 0, 1}).contiguous();
}

} // namespace ebm
