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

PixelCnnSampler::Rows::Rows(const PixelCnnSpec& spec, const PixelCnnPlan& plan) {
    for (const PixelCnnNode& node : plan) {
        const int width = side_at(spec.width, node.level), stride = padded(node.channels);
        results_.push_back(
            {width, stride, std::vector<float>(static_cast<std::size_t>(kept_rows * width * stride))});
    }
}

float* PixelCnnSampler::Rows::Result::at(int row, int column) {
    return values.data() + (static_cast<std::ptrdiff_t>(row % kept_rows) * width + column) * stride;
}

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
    float* out = rows.results_[index].at(row, column);
    Rows::Result* const a = node.a >= 0 ? &rows.results_[static_cast<std::size_t>(node.a)] : nullptr;
    Rows::Result* const b = node.b >= 0 ? &rows.results_[static_cast<std::size_t>(node.b)] : nullptr;
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

PixelCnnSampler::Rows PixelCnnSampler::rows() const {
    return {spec_, plan_};
}

float* PixelCnnSampler::pixel(Rows& rows) const {
    return rows.results_.front().at(rows.row_, rows.column_);
}

const float* PixelCnnSampler::predict_next(Rows& rows) const {
    if (++rows.column_ == spec_.width) {
        rows.column_ = 0;
        ++rows.row_;
    }
    const int row = rows.row_, column = rows.column_;
    for (std::size_t n = 1; n < plan_.size(); ++n) {
        const PixelCnnNode& node = plan_[n];
        const int step = 1 << node.level;
        if (row % step != 0) continue;
        if (node.pixelwise) {
            if (column % step == 0) compute(rows, node, n, row >> node.level, column >> node.level);
        } else if (column == 0) {
            for (int at = 0; at < rows.results_[n].width; ++at)
                compute(rows, node, n, row >> node.level, at);
        }
    }
    pixel(rows)[spec_.channels] = 1; // the plane of ones
    return rows.results_.back().at(row, column);
}

torch::Tensor PixelCnnSampler::predict(const torch::Tensor& picture) const {
    const int h = spec_.height, w = spec_.width, outputs = spec_.mixture().outputs();
    const torch::Tensor values = picture.permute({1, 2, 0}).contiguous();
    torch::Tensor parameters = torch::empty({h, w, outputs});
    Rows mine = rows();
    for (std::ptrdiff_t at = 0; at < std::ptrdiff_t{h} * w; ++at) {
        std::copy_n(predict_next(mine), outputs, parameters.data_ptr<float>() + at * outputs);
        std::copy_n(values.data_ptr<float>() + at * spec_.channels, spec_.channels, pixel(mine));
    }
    return parameters.permute({2, 0, 1}).contiguous();
}

PixelDrawing::PixelDrawing(PixelCnnSampler sampler, std::int64_t count, std::uint64_t seed)
    : sampler_(std::move(sampler)) {
    const PixelCnnSpec& spec = sampler_.spec();
    uniforms_ = LogisticMixture::uniforms(count, std::int64_t{spec.height} * spec.width, seed);
    pictures_ = torch::full({count, spec.channels, spec.height, spec.width}, -1.0f);
}

double PixelDrawing::done() const {
    const auto pixels = static_cast<double>(sampler_.spec().height) * sampler_.spec().width;
    const auto whole = static_cast<double>(first_), count = static_cast<double>(pictures_.size(0));
    const double now = static_cast<double>(rows_.size()) * static_cast<double>(drawn_) / pixels;
    return count == 0 ? 1 : (whole + now) / count;
}

bool PixelDrawing::advance(int parts) {
    const PixelCnnSpec& spec = sampler_.spec();
    const LogisticMixture mixture = spec.mixture();
    const std::int64_t count = pictures_.size(0), pixels = std::int64_t{spec.height} * spec.width;
    if (first_ >= count) return false;
    if (rows_.empty())
        for (std::int64_t i = first_; i < std::min(first_ + together, count); ++i)
            rows_.push_back(sampler_.rows());
    const std::int64_t end = std::min(pixels, drawn_ + parts), n = static_cast<std::int64_t>(rows_.size());
    const float* numbers = uniforms_.data_ptr<float>() + 4 * first_ * pixels;
    float* values = pictures_.data_ptr<float>() + first_ * spec.channels * pixels;
    at::parallel_for(0, n, 1, [&](std::int64_t begin, std::int64_t after) {
        for (std::int64_t i = begin; i < after; ++i)
            for (std::int64_t at = drawn_; at < end; ++at) {
                PixelCnnSampler::Rows& rows = rows_[static_cast<std::size_t>(i)];
                const float* parameters = sampler_.predict_next(rows);
                float* pixel = sampler_.pixel(rows);
                mixture.draw(parameters, numbers + 4 * (i * pixels + at), pixel);
                for (int channel = 0; channel < spec.channels; ++channel)
                    values[(i * spec.channels + channel) * pixels + at] = pixel[channel];
            }
    });
    drawn_ = end;
    if (drawn_ == pixels) {
        first_ += n;
        drawn_ = 0;
        rows_.clear();
    }
    return first_ < count;
}

} // namespace ebm
