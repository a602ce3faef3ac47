#include "core/measure/inception.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/ranges.h>

namespace ebm::measure {
namespace {

using torch::Tensor;

constexpr std::int64_t classes = 1008, features = 2048;
constexpr double epsilon = 1e-3;

Tensor tensor_of(const store::SafetensorsFile& file, const std::string& name, const std::string& source) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end())
        throw Error("The file lacks a tensor of the Inception network", source + ", " + name,
                    inception_remedy);
    if (found->second.dtype != "F32")
        throw Error("A tensor of the Inception network is not of 32-bit floats", source + ", " + name,
                    inception_remedy);
    const std::vector<float> values = found->second.values<float>();
    const Tensor tensor =
        torch::from_blob(const_cast<float*>(values.data()), found->second.shape, torch::kFloat).clone();
    if (!torch::isfinite(tensor).all().item<bool>())
        throw Error("A tensor of the Inception network is not finite", source + ", " + name,
                    inception_remedy);
    return tensor;
}

void require_shape(const Tensor& tensor, at::IntArrayRef shape, const std::string& where) {
    if (tensor.sizes() == shape) return;
    throw Error(fmt::format("A tensor of the Inception network has shape [{}] and should have [{}]",
                            fmt::join(tensor.sizes(), ", "), fmt::join(shape, ", ")),
                where, inception_remedy);
}

struct Convolution {
    const char* name;
    std::int64_t out, in, high, wide;
};
/// Every convolution with its shape, in torchvision's names.
constexpr Convolution stem[] = {{"Conv2d_1a_3x3", 32, 3, 3, 3},
                                {"Conv2d_2a_3x3", 32, 32, 3, 3},
                                {"Conv2d_2b_3x3", 64, 32, 3, 3},
                                {"Conv2d_3b_1x1", 80, 64, 1, 1},
                                {"Conv2d_4a_3x3", 192, 80, 3, 3}};

std::vector<Convolution> block_a_of(std::int64_t in, std::int64_t pool) {
    return {{"branch1x1", 64, in, 1, 1},      {"branch5x5_1", 48, in, 1, 1},
            {"branch5x5_2", 64, 48, 5, 5},    {"branch3x3dbl_1", 64, in, 1, 1},
            {"branch3x3dbl_2", 96, 64, 3, 3}, {"branch3x3dbl_3", 96, 96, 3, 3},
            {"branch_pool", pool, in, 1, 1}};
}
std::vector<Convolution> block_b_of() {
    return {{"branch3x3", 384, 288, 3, 3},
            {"branch3x3dbl_1", 64, 288, 1, 1},
            {"branch3x3dbl_2", 96, 64, 3, 3},
            {"branch3x3dbl_3", 96, 96, 3, 3}};
}
std::vector<Convolution> block_c_of(std::int64_t width) {
    return {{"branch1x1", 192, 768, 1, 1},          {"branch7x7_1", width, 768, 1, 1},
            {"branch7x7_2", width, width, 1, 7},    {"branch7x7_3", 192, width, 7, 1},
            {"branch7x7dbl_1", width, 768, 1, 1},   {"branch7x7dbl_2", width, width, 7, 1},
            {"branch7x7dbl_3", width, width, 1, 7}, {"branch7x7dbl_4", width, width, 7, 1},
            {"branch7x7dbl_5", 192, width, 1, 7},   {"branch_pool", 192, 768, 1, 1}};
}
std::vector<Convolution> block_d_of() {
    return {{"branch3x3_1", 192, 768, 1, 1},   {"branch3x3_2", 320, 192, 3, 3},
            {"branch7x7x3_1", 192, 768, 1, 1}, {"branch7x7x3_2", 192, 192, 1, 7},
            {"branch7x7x3_3", 192, 192, 7, 1}, {"branch7x7x3_4", 192, 192, 3, 3}};
}
std::vector<Convolution> block_e_of(std::int64_t in) {
    return {{"branch1x1", 320, in, 1, 1},        {"branch3x3_1", 384, in, 1, 1},
            {"branch3x3_2a", 384, 384, 1, 3},    {"branch3x3_2b", 384, 384, 3, 1},
            {"branch3x3dbl_1", 448, in, 1, 1},   {"branch3x3dbl_2", 384, 448, 3, 3},
            {"branch3x3dbl_3a", 384, 384, 1, 3}, {"branch3x3dbl_3b", 384, 384, 3, 1},
            {"branch_pool", 192, in, 1, 1}};
}

Tensor average(const Tensor& x) {
    return torch::avg_pool2d(x, 3, 1, 1, false, false);
}

/// Source places of `out` targets in `in` pixels, with the share of the right neighbour.
void places(std::int64_t in, std::int64_t out, Tensor& left, Tensor& right, Tensor& share) {
    const Tensor at =
        torch::arange(out, torch::kDouble) * (static_cast<double>(in) / static_cast<double>(out));
    left = at.floor().to(torch::kLong);
    right = (left + 1).clamp_max(in - 1);
    share = (at - left).to(torch::kFloat);
}

} // namespace

Inception::Inception(const store::SafetensorsFile& file, const std::string& source) : source_(source) {
    const auto take = [&](const std::string& block, const Convolution& one) {
        const std::string name = block + one.name, where = source + ", " + name;
        const Tensor weight = tensor_of(file, name + ".conv.weight", source);
        require_shape(weight, {one.out, one.in, one.high, one.wide}, where + ".conv.weight");
        Tensor norm[4];
        const char* const parts[] = {".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var"};
        for (int i = 0; i < 4; ++i) {
            norm[i] = tensor_of(file, name + parts[i], source).to(torch::kDouble);
            require_shape(norm[i], {one.out}, where + parts[i]);
        }
        if ((norm[3] < 0).any().item<bool>())
            throw Error("A variance of the Inception network is below 0", where + ".bn.running_var",
                        inception_remedy);
        const Tensor scale = norm[0] / (norm[3] + epsilon).sqrt();
        weights_[name + ".weight"] =
            (weight.to(torch::kDouble) * scale.view({-1, 1, 1, 1})).to(torch::kFloat);
        weights_[name + ".bias"] = (norm[1] - norm[2] * scale).to(torch::kFloat);
    };
    const auto take_block = [&](const char* block, const std::vector<Convolution>& list) {
        for (const Convolution& one : list)
            take(std::string(block) + ".", one);
    };
    for (const Convolution& one : stem)
        take("", one);
    take_block("Mixed_5b", block_a_of(192, 32));
    take_block("Mixed_5c", block_a_of(256, 64));
    take_block("Mixed_5d", block_a_of(288, 64));
    take_block("Mixed_6a", block_b_of());
    take_block("Mixed_6b", block_c_of(128));
    take_block("Mixed_6c", block_c_of(160));
    take_block("Mixed_6d", block_c_of(160));
    take_block("Mixed_6e", block_c_of(192));
    take_block("Mixed_7a", block_d_of());
    take_block("Mixed_7b", block_e_of(1280));
    take_block("Mixed_7c", block_e_of(2048));
    weights_["fc"] = tensor_of(file, "fc.weight", source);
    require_shape(weights_["fc"], {classes, features}, source + ", fc.weight");
}

Tensor Inception::weight(const std::string& name) const {
    return weights_.at(name);
}

Tensor Inception::unit(const Tensor& x, const std::string& name, int stride, int pad_high,
                       int pad_wide) const {
    return torch::conv2d(x, weight(name + ".weight"), weight(name + ".bias"), stride, {pad_high, pad_wide})
        .relu_();
}

Tensor Inception::block_a(const Tensor& x, const std::string& name) const {
    const Tensor five = unit(unit(x, name + ".branch5x5_1"), name + ".branch5x5_2", 1, 2, 2);
    Tensor three = unit(unit(x, name + ".branch3x3dbl_1"), name + ".branch3x3dbl_2", 1, 1, 1);
    three = unit(three, name + ".branch3x3dbl_3", 1, 1, 1);
    return torch::cat({unit(x, name + ".branch1x1"), five, three, unit(average(x), name + ".branch_pool")},
                      1);
}

Tensor Inception::block_b(const Tensor& x, const std::string& name) const {
    const Tensor twice = unit(unit(x, name + ".branch3x3dbl_1"), name + ".branch3x3dbl_2", 1, 1, 1);
    return torch::cat({unit(x, name + ".branch3x3", 2), unit(twice, name + ".branch3x3dbl_3", 2),
                       torch::max_pool2d(x, 3, 2)},
                      1);
}

Tensor Inception::block_c(const Tensor& x, const std::string& name) const {
    Tensor seven = unit(unit(x, name + ".branch7x7_1"), name + ".branch7x7_2", 1, 0, 3);
    seven = unit(seven, name + ".branch7x7_3", 1, 3, 0);
    Tensor twice = unit(unit(x, name + ".branch7x7dbl_1"), name + ".branch7x7dbl_2", 1, 3, 0);
    twice = unit(unit(twice, name + ".branch7x7dbl_3", 1, 0, 3), name + ".branch7x7dbl_4", 1, 3, 0);
    twice = unit(twice, name + ".branch7x7dbl_5", 1, 0, 3);
    return torch::cat({unit(x, name + ".branch1x1"), seven, twice, unit(average(x), name + ".branch_pool")},
                      1);
}

Tensor Inception::block_d(const Tensor& x, const std::string& name) const {
    const Tensor three = unit(unit(x, name + ".branch3x3_1"), name + ".branch3x3_2", 2);
    Tensor seven = unit(unit(x, name + ".branch7x7x3_1"), name + ".branch7x7x3_2", 1, 0, 3);
    seven = unit(unit(seven, name + ".branch7x7x3_3", 1, 3, 0), name + ".branch7x7x3_4", 2);
    return torch::cat({three, seven, torch::max_pool2d(x, 3, 2)}, 1);
}

Tensor Inception::block_e(const Tensor& x, const std::string& name, bool maximum) const {
    const Tensor three = unit(x, name + ".branch3x3_1");
    const Tensor twice = unit(unit(x, name + ".branch3x3dbl_1"), name + ".branch3x3dbl_2", 1, 1, 1);
    const Tensor pooled = maximum ? torch::max_pool2d(x, 3, 1, 1) : average(x);
    return torch::cat({unit(x, name + ".branch1x1"), unit(three, name + ".branch3x3_2a", 1, 0, 1),
                       unit(three, name + ".branch3x3_2b", 1, 1, 0),
                       unit(twice, name + ".branch3x3dbl_3a", 1, 0, 1),
                       unit(twice, name + ".branch3x3dbl_3b", 1, 1, 0), unit(pooled, name + ".branch_pool")},
                      1);
}

Inception::Seen Inception::look(const Tensor& pictures,
                                const std::function<void(std::int64_t)>& progress) const {
    const bool fits = pictures.dim() == 4 && pictures.scalar_type() == torch::kByte &&
                      (pictures.size(1) == 1 || pictures.size(1) == 3);
    if (!fits)
        throw Error("The Inception network looks at pictures of bytes with one or three channels", source_,
                    "Take a model of grey or colour pictures.");
    const torch::NoGradGuard no_graph;
    constexpr std::int64_t batch = 32;
    std::vector<Tensor> all_features, all_logits;
    for (std::int64_t begin = 0; begin < pictures.size(0); begin += batch) {
        if (progress) progress(begin);
        Tensor x = pictures.slice(0, begin, std::min(begin + batch, pictures.size(0))).to(torch::kFloat);
        x = (resize_as_tensorflow_1(x, 299) - 128) / 128;
        if (x.size(1) == 1) x = x.expand({-1, 3, -1, -1});
        x = unit(x, "Conv2d_1a_3x3", 2);
        x = unit(unit(x, "Conv2d_2a_3x3"), "Conv2d_2b_3x3", 1, 1, 1);
        x = torch::max_pool2d(x, 3, 2);
        x = unit(unit(x, "Conv2d_3b_1x1"), "Conv2d_4a_3x3");
        x = torch::max_pool2d(x, 3, 2);
        for (const char* name : {"Mixed_5b", "Mixed_5c", "Mixed_5d"})
            x = block_a(x, name);
        x = block_b(x, "Mixed_6a");
        for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"})
            x = block_c(x, name);
        x = block_d(x, "Mixed_7a");
        x = block_e(block_e(x, "Mixed_7b", false), "Mixed_7c", true);
        all_features.push_back(x.mean({2, 3}));
        all_logits.push_back(all_features.back().matmul(weight("fc").t()));
    }
    if (all_features.empty()) return {torch::empty({0, features}), torch::empty({0, classes})};
    return {torch::cat(all_features), torch::cat(all_logits)};
}

Tensor resize_as_tensorflow_1(const Tensor& x, std::int64_t side) {
    Tensor left, right, share;
    places(x.size(2), side, left, right, share);
    share = share.view({-1, 1});
    const Tensor rows = x.index_select(2, left) * (1 - share) + x.index_select(2, right) * share;
    places(x.size(3), side, left, right, share);
    return rows.index_select(3, left) * (1 - share) + rows.index_select(3, right) * share;
}

InceptionScore inception_score(const Tensor& logits, std::uint64_t seed, int splits) {
    const std::int64_t n = logits.size(0);
    if (n < splits)
        throw Error(fmt::format("An Inception Score over {} splits needs at least as many samples", splits),
                    fmt::format("{} samples", n), "Draw more of them.");
    if (!torch::isfinite(logits).all().item<bool>())
        throw Error("A logit of the Inception network is not finite", "",
                    "Check the weights and the samples.");
    // The order of random keys is a shuffle.
    const auto keys = [&] {
        std::vector<std::pair<std::uint64_t, std::int64_t>> list;
        for (std::int64_t i = 0; i < n; ++i) {
            const random::Words words =
                random::words({seed, random::Stream::batch, 0, static_cast<std::uint32_t>(i), 0}, 0);
            list.emplace_back(words[0] | std::uint64_t{words[1]} << 32, i);
        }
        std::ranges::sort(list);
        return list;
    }();
    std::vector<std::int64_t> order;
    for (const auto& [key, index] : keys)
        order.push_back(index);
    const Tensor log_p =
        torch::log_softmax(logits.to(torch::kDouble), 1).index_select(0, torch::tensor(order, torch::kLong));
    std::vector<double> scores;
    for (int split = 0; split < splits; ++split) {
        const Tensor part = log_p.slice(0, n * split / splits, n * (split + 1) / splits);
        const Tensor p = part.exp();
        const Tensor mean = p.mean(0, true);
        // p log p is 0 where p is.
        const Tensor kl = (p * (part.clamp_min(-1e4) - mean.clamp_min(1e-300).log())).sum(1);
        scores.push_back(std::exp(kl.mean().item<double>()));
    }
    InceptionScore score;
    score.splits = splits;
    score.mean = std::accumulate(scores.begin(), scores.end(), 0.0) / splits;
    for (const double one : scores)
        score.sd += (one - score.mean) * (one - score.mean) / splits;
    score.sd = std::sqrt(score.sd);
    return score;
}

} // namespace ebm::measure
