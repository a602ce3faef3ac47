#include "core/base/error.h"
#include "core/cuda/compiler.h"
#include "core/cuda/plan.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;

struct Card {
    int architecture, shared_bytes;
};
/// The cards that the kernels are compiled for here, with what a block may have on them: the oldest, the
/// newest, and those with the most memory for a block. The others lie between them.
constexpr Card cards[] = {{75, 65536}, {80, 166912}, {90, 232448}, {120, 101376}};

network::LayerStack perceptron(const network::PerceptronSpec& spec) {
    return network::layer_stack(network::perceptron_graph(spec)).value();
}

bool elf(const std::string& code) {
    return code.substr(0, 4) == "\x7f"
                                "ELF";
}

} // namespace

DOCTEST_TEST_CASE("GPU compiler: every kernel compiles for every kind of card, without a driver") {
    const cuda::Compiler compiler;
    const network::LayerStack plane = perceptron({2, {128, 128, 128}}),
                              images = network::layer_stack(network::tutorial_graph()).value();
    for (const Card& card : cards) {
        DOCTEST_CAPTURE(card.architecture);
        const bool tf32 = card.architecture >= 80;
        std::vector<cuda::Plan> plans = {cuda::make_plan(plane, card.shared_bytes),
                                         cuda::make_plan(images, card.shared_bytes)};
        if (tf32) {
            plans.push_back(cuda::make_plan(plane, card.shared_bytes, true));
            plans.push_back(cuda::make_plan(images, card.shared_bytes, true));
        }
        for (const cuda::Plan& plan : plans) {
            DOCTEST_CHECK(plan.shared_bytes() <= card.shared_bytes);
            const std::string code = compiler.compile(cuda::network_source(plan.shape), card.architecture);
            DOCTEST_CHECK(elf(code));
            for (const char* kernel :
                 {"evaluate_kernel", "run_kernel", "gradient_kernel", "pack_kernel", "sum_kernel"})
                DOCTEST_CHECK(code.find(kernel) != std::string::npos);
        }
    }
}

DOCTEST_TEST_CASE("GPU compiler: other networks compile, and a card newer than the compiler gets PTX") {
    const cuda::Compiler compiler;
    const int newest = compiler.architectures().back();
    const cuda::Plan colour = cuda::make_plan(
        network::layer_stack(network::tutorial_graph({3, 32, 32}, {64, 128, 256, 256}, 64, Activation::gelu))
            .value(),
        101376);
    DOCTEST_CHECK_FALSE(colour.shape.shared_values);
    DOCTEST_CHECK(elf(compiler.compile(cuda::network_source(colour.shape), 86)));
    const cuda::Plan wide = cuda::make_plan(perceptron({7, {256, 33, 256, 5}, Activation::softplus}), 232448);
    const std::string code = compiler.compile(cuda::network_source(wide.shape), newest + 70);
    DOCTEST_CHECK(code.find(".entry run_kernel") != std::string::npos);
    const auto on_tensor_cores = [&](bool tf32) {
        const cuda::Plan plan = cuda::make_plan(perceptron({2, {32, 16}}), 232448, tf32);
        return compiler.compile(cuda::network_source(plan.shape), newest + 70).find("mma.sync") !=
               std::string::npos;
    };
    DOCTEST_CHECK(on_tensor_cores(true));
    DOCTEST_CHECK_FALSE(on_tensor_cores(false));
}

DOCTEST_TEST_CASE(
    "GPU compiler: what the code depends on is in its key, and a mistake is an error in words") {
    const cuda::Compiler compiler;
    const std::string network = cuda::network_source(cuda::make_plan(perceptron({2, {8}}), 65536).shape);
    const std::string other = cuda::network_source(cuda::make_plan(perceptron({2, {9}}), 65536).shape);
    DOCTEST_CHECK(compiler.key(network, 90) == compiler.key(network, 90));
    DOCTEST_CHECK(compiler.key(network, 90) != compiler.key(network, 80));
    DOCTEST_CHECK(compiler.key(network, 90) != compiler.key(other, 90));
    DOCTEST_CHECK_THROWS_AS(compiler.compile("no C++", 90), Error);
}

DOCTEST_TEST_CASE("GPU plans: what the kernels cannot hold is an error in words") {
    network::PerceptronSpec deep{2, {}};
    deep.hidden.assign(cuda::most_layers + 1, 8);
    DOCTEST_CHECK_THROWS_AS(cuda::make_plan(perceptron(deep), 232448), Error);
    DOCTEST_CHECK_THROWS_AS(cuda::make_plan(perceptron({2, {128}}), 1000), Error);
    DOCTEST_CHECK_THROWS_AS(cuda::make_plan(perceptron({2, {0}}), 232448), Error);
    deep.hidden.assign(cuda::most_layers, 8);
    DOCTEST_CHECK(cuda::make_plan(perceptron(deep), 232448).shape.layer_count == cuda::most_layers);
}
