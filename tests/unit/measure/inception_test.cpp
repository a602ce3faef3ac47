#include "core/measure/inception.h"

#include "core/measure/feature_distance.h"
#include "tests/unit/failure.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::measure;
using tests::contains;
using tests::failure_of;

namespace {

struct Named {
    std::string name;
    std::vector<std::int64_t> shape;
};

void convolution(std::vector<Named>& list, const std::string& name, std::int64_t out, std::int64_t in,
                 std::int64_t high, std::int64_t wide) {
    list.push_back({name + ".conv.weight", {out, in, high, wide}});
    for (const char* part : {"weight", "bias", "running_mean", "running_var"})
        list.push_back({name + ".bn." + part, {out}});
}

/// The tensors of the network, written down from torchvision's model with the changes of pytorch-fid.
std::vector<Named> tensors() {
    std::vector<Named> list;
    const auto add = [&](const std::string& name, std::int64_t out, std::int64_t in, std::int64_t high,
                         std::int64_t wide) { convolution(list, name, out, in, high, wide); };
    add("Conv2d_1a_3x3", 32, 3, 3, 3);
    add("Conv2d_2a_3x3", 32, 32, 3, 3);
    add("Conv2d_2b_3x3", 64, 32, 3, 3);
    add("Conv2d_3b_1x1", 80, 64, 1, 1);
    add("Conv2d_4a_3x3", 192, 80, 3, 3);
    const std::int64_t in_a[] = {192, 256, 288}, pool[] = {32, 64, 64};
    for (int i = 0; i < 3; ++i) {
        const std::string block = std::string("Mixed_5") + static_cast<char>('b' + i) + ".";
        add(block + "branch1x1", 64, in_a[i], 1, 1);
        add(block + "branch5x5_1", 48, in_a[i], 1, 1);
        add(block + "branch5x5_2", 64, 48, 5, 5);
        add(block + "branch3x3dbl_1", 64, in_a[i], 1, 1);
        add(block + "branch3x3dbl_2", 96, 64, 3, 3);
        add(block + "branch3x3dbl_3", 96, 96, 3, 3);
        add(block + "branch_pool", pool[i], in_a[i], 1, 1);
    }
    add("Mixed_6a.branch3x3", 384, 288, 3, 3);
    add("Mixed_6a.branch3x3dbl_1", 64, 288, 1, 1);
    add("Mixed_6a.branch3x3dbl_2", 96, 64, 3, 3);
    add("Mixed_6a.branch3x3dbl_3", 96, 96, 3, 3);
    const std::int64_t width[] = {128, 160, 160, 192};
    for (int i = 0; i < 4; ++i) {
        const std::string block = std::string("Mixed_6") + static_cast<char>('b' + i) + ".";
        const std::int64_t w = width[i];
        add(block + "branch1x1", 192, 768, 1, 1);
        add(block + "branch7x7_1", w, 768, 1, 1);
        add(block + "branch7x7_2", w, w, 1, 7);
        add(block + "branch7x7_3", 192, w, 7, 1);
        add(block + "branch7x7dbl_1", w, 768, 1, 1);
        add(block + "branch7x7dbl_2", w, w, 7, 1);
        add(block + "branch7x7dbl_3", w, w, 1, 7);
        add(block + "branch7x7dbl_4", w, w, 7, 1);
        add(block + "branch7x7dbl_5", 192, w, 1, 7);
        add(block + "branch_pool", 192, 768, 1, 1);
    }
    add("Mixed_7a.branch3x3_1", 192, 768, 1, 1);
    add("Mixed_7a.branch3x3_2", 320, 192, 3, 3);
    add("Mixed_7a.branch7x7x3_1", 192, 768, 1, 1);
    add("Mixed_7a.branch7x7x3_2", 192, 192, 1, 7);
    add("Mixed_7a.branch7x7x3_3", 192, 192, 7, 1);
    add("Mixed_7a.branch7x7x3_4", 192, 192, 3, 3);
    for (int i = 0; i < 2; ++i) {
        const std::string block = i == 0 ? "Mixed_7b." : "Mixed_7c.";
        const std::int64_t in = i == 0 ? 1280 : 2048;
        add(block + "branch1x1", 320, in, 1, 1);
        add(block + "branch3x3_1", 384, in, 1, 1);
        add(block + "branch3x3_2a", 384, 384, 1, 3);
        add(block + "branch3x3_2b", 384, 384, 3, 1);
        add(block + "branch3x3dbl_1", 448, in, 1, 1);
        add(block + "branch3x3dbl_2", 384, 448, 3, 3);
        add(block + "branch3x3dbl_3a", 384, 384, 1, 3);
        add(block + "branch3x3dbl_3b", 384, 384, 3, 1);
        add(block + "branch_pool", 192, in, 1, 1);
    }
    list.push_back({"fc.weight", {1008, 2048}});
    list.push_back({"fc.bias", {1008}});
    std::ranges::sort(list, {}, &Named::name);
    return list;
}

/// Weights by a formula: element i (from 0) of tensor t in the order of names has s = sin(0.7 (i + 1) + t).
store::SafetensorsFile made_up_weights() {
    store::SafetensorsFile file;
    std::size_t t = 0;
    for (const Named& one : tensors()) {
        std::int64_t count = 1;
        for (const std::int64_t size : one.shape)
            count *= size;
        const double fan_in = static_cast<double>(count) / static_cast<double>(one.shape[0]);
        std::vector<float> values;
        values.reserve(static_cast<std::size_t>(count));
        for (std::int64_t i = 0; i < count; ++i) {
            const double s = std::sin(0.7 * static_cast<double>(i + 1) + static_cast<double>(t));
            const double value = one.name.ends_with("running_var") ? 1 + 0.2 * s
                                 : one.name.ends_with("bn.weight") ? 1 + 0.1 * s
                                 : one.name.ends_with("running_mean") || one.name.ends_with("bias")
                                     ? 0.1 * s
                                     : s * std::sqrt(2 / fan_in);
            values.push_back(static_cast<float>(value));
        }
        file.tensors[one.name] = store::stored_tensor<float>(one.shape, values);
        ++t;
    }
    return file;
}

torch::Tensor made_up_pictures() {
    const torch::Tensor i = torch::arange(2 * 3 * 40 * 48, torch::kLong);
    return ((i * 37 + i.div(48, "floor") * 11) % 256).to(torch::kByte).view({2, 3, 40, 48});
}

} // namespace

DOCTEST_TEST_CASE(
    "Inception: features and logits are those of torchvision's network as pytorch-fid changes it") {
    const store::SafetensorsFile file = made_up_weights();
    DOCTEST_REQUIRE(file.tensors.size() == 472);
    const Inception inception(file, "weights.safetensors");
    const Inception::Seen seen = inception.look(made_up_pictures());
    DOCTEST_REQUIRE(seen.features.sizes() == at::IntArrayRef{2, 2048});
    // From pytorch-fid 0.3.0 and torchvision 0.26.0 with the same weights and pictures.
    const torch::Tensor mean = seen.features.to(torch::kDouble).mean(1);
    DOCTEST_CHECK(mean[0].item<double>() == doctest::Approx(0.12203368).epsilon(1e-4));
    DOCTEST_CHECK(mean[1].item<double>() == doctest::Approx(0.11115995).epsilon(1e-4));
    DOCTEST_CHECK(seen.features.to(torch::kDouble).square().mean().item<double>() ==
                  doctest::Approx(0.08532247).epsilon(1e-4));
    const double some[2][3] = {{0.21338804, 0.09699348, 1.68792164}, {0.20812188, 0.09003802, 1.47867167}};
    for (int n = 0; n < 2; ++n) {
        DOCTEST_CHECK(seen.features[n][0].item<double>() == doctest::Approx(some[n][0]).epsilon(1e-3));
        DOCTEST_CHECK(seen.features[n][1].item<double>() == 0);
        DOCTEST_CHECK(seen.features[n][700].item<double>() == doctest::Approx(some[n][1]).epsilon(1e-3));
        DOCTEST_CHECK(seen.features[n][2047].item<double>() == doctest::Approx(some[n][2]).epsilon(1e-3));
    }
    const torch::Tensor p = seen.logits.softmax(1);
    DOCTEST_CHECK(p.argmax(1)[0].item<int>() == 348);
    DOCTEST_CHECK(p.argmax(1)[1].item<int>() == 190);
    DOCTEST_CHECK(p[0][3].item<double>() == doctest::Approx(0.00094388).epsilon(1e-3));
    DOCTEST_CHECK(p[1][500].item<double>() == doctest::Approx(0.00167509).epsilon(1e-3));
}

DOCTEST_TEST_CASE("Inception: weights of another layout are refused by the name of the tensor") {
    store::SafetensorsFile file = made_up_weights();
    const auto failure = [&] { return failure_of([&] { Inception(file, "w.safetensors"); }); };
    auto kept = file.tensors.at("Mixed_6d.branch7x7_2.conv.weight");
    file.tensors.erase("Mixed_6d.branch7x7_2.conv.weight");
    DOCTEST_CHECK(contains(failure(), "Mixed_6d.branch7x7_2.conv.weight"));
    // The two ends of a seven by one.
    std::swap(kept.shape[2], kept.shape[3]);
    file.tensors["Mixed_6d.branch7x7_2.conv.weight"] = kept;
    DOCTEST_CHECK(contains(failure(), "[160, 160, 7, 1]"));
    std::swap(kept.shape[2], kept.shape[3]);
    file.tensors["Mixed_6d.branch7x7_2.conv.weight"] = kept;
    file.tensors["fc.weight"] =
        store::stored_tensor<float>({1000, 2048}, std::vector<float>(std::size_t{1000} * 2048));
    DOCTEST_CHECK(contains(failure(), "1000"));
}

DOCTEST_TEST_CASE("Inception: the resize is TensorFlow 1's") {
    // 2 pixels to 4: places 0, 0.5, 1, 1.5, of which the last has no right neighbour.
    const torch::Tensor x = torch::tensor({0.0f, 8.0f, 16.0f, 24.0f}).view({1, 1, 2, 2});
    const torch::Tensor y = resize_as_tensorflow_1(x, 4);
    const torch::Tensor row = torch::tensor({0.0f, 4.0f, 8.0f, 8.0f});
    DOCTEST_CHECK(torch::equal(y[0][0][0], row));
    DOCTEST_CHECK(torch::equal(y[0][0][1], row + 8));
    DOCTEST_CHECK(torch::equal(y[0][0][3], row + 16));
}

DOCTEST_TEST_CASE("Inception Score: 1 for equal predictions, the number of classes for sure and even ones") {
    DOCTEST_CHECK(inception_score(torch::zeros({40, 7}), 1, 4).mean == doctest::Approx(1));
    const torch::Tensor sure = 1000 * torch::eye(5).repeat({40, 1});
    const InceptionScore all = inception_score(sure, 1, 1);
    DOCTEST_CHECK(all.mean == doctest::Approx(5));
    DOCTEST_CHECK(all.sd == 0);
    // By hand: two samples with p = (0.9, 0.1) and (0.1, 0.9) have the mean (0.5, 0.5).
    const torch::Tensor two = torch::tensor({{0.9f, 0.1f}, {0.1f, 0.9f}}).log();
    const double kl = 0.9 * std::log(1.8) + 0.1 * std::log(0.2);
    DOCTEST_CHECK(inception_score(two, 1, 1).mean == doctest::Approx(std::exp(kl)).epsilon(1e-5));
    DOCTEST_CHECK(contains(failure_of([&] { inception_score(two, 1, 10); }), "10 splits"));
    torch::Tensor broken = torch::zeros({20, 3});
    broken[3][1] = std::nan("");
    DOCTEST_CHECK(contains(failure_of([&] { inception_score(broken, 1, 2); }), "not finite"));
}
