#include "core/network/stack.h"

#include "../kernels/graph_networks.h"
#include "core/network/layers.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

using namespace ebm;
using network::layer_stack;

DOCTEST_TEST_CASE("stack: a perceptron and the tutorial's network are stacks of layers") {
    network::PerceptronSpec spec{3, {20, 7}, Activation::tanh, 0.5f, 2.0f, 4.0f};
    const auto plane = layer_stack(network::perceptron_graph(spec));
    DOCTEST_REQUIRE(plane.has_value());
    DOCTEST_CHECK(plane->input == network::NodeShape{3, 1, 1});
    DOCTEST_CHECK(plane->activation == Activation::tanh);
    DOCTEST_CHECK(plane->input_scale == 0.5f);
    DOCTEST_CHECK(plane->output_scale == 2.0f);
    DOCTEST_CHECK(plane->curvature == 1.0f / 16);
    DOCTEST_REQUIRE(plane->layers.size() == 2);
    DOCTEST_CHECK(plane->layers[1].linear);
    DOCTEST_CHECK(plane->layers[1].in.elements() == 20);
    DOCTEST_CHECK(plane->layers[1].out.elements() == 7);

    const auto images = layer_stack(network::tutorial_graph());
    DOCTEST_REQUIRE(images.has_value());
    DOCTEST_REQUIRE(images->layers.size() == 5);
    const network::StackLayer& first = images->layers[0];
    DOCTEST_CHECK_FALSE(first.linear);
    DOCTEST_CHECK(first.kernel == 5);
    DOCTEST_CHECK(first.stride == 2);
    DOCTEST_CHECK(first.padding == 4);
    DOCTEST_CHECK(first.out == network::NodeShape{16, 16, 16});
    DOCTEST_CHECK(images->layers[3].out == network::NodeShape{64, 2, 2});
    DOCTEST_CHECK(images->layers[4].linear);
    DOCTEST_CHECK(images->layers[4].in.elements() == 256);
}

DOCTEST_TEST_CASE("stack: a graph that is more than one layer on the other is none") {
    DOCTEST_CHECK_FALSE(layer_stack({}));
    DOCTEST_CHECK_FALSE(layer_stack(network::perceptron_graph({2, {}})));
    DOCTEST_CHECK_FALSE(layer_stack(network::perceptron_graph({2, {8}, Activation::silu, 1, 1, 0, 3})));
    DOCTEST_CHECK_FALSE(layer_stack(twin::plane_network(0, {8}, Activation::silu)));
    DOCTEST_CHECK_FALSE(layer_stack(twin::residual({1, 8, 8}, 0, 4, {1}, {1}, Activation::silu)));
    DOCTEST_CHECK_FALSE(layer_stack(twin::strided_network()));
    DOCTEST_CHECK_FALSE(layer_stack(twin::biased_network()));

    using network::Graph;
    const Graph right = network::tutorial_graph({1, 8, 8}, {4}, 6);
    DOCTEST_CHECK(layer_stack(right));
    const auto changed = [&](const auto& change) {
        Graph graph = right;
        change(graph);
        return layer_stack(graph).has_value();
    };
    DOCTEST_CHECK_FALSE(changed([](Graph& graph) { graph.nodes[3].function = Activation::relu; }));
    DOCTEST_CHECK_FALSE(changed([](Graph& graph) { graph.nodes[2].input = 0; }));
    DOCTEST_CHECK_FALSE(changed([](Graph& graph) { graph.nodes[0].second = -1; }));
    DOCTEST_CHECK_FALSE(
        changed([](Graph& graph) { std::swap(graph.nodes[0].weight, graph.nodes[0].second); }));
    DOCTEST_CHECK_FALSE(changed([](Graph& graph) { graph.weights.push_back({"unread", {3}}); }));
    DOCTEST_CHECK_FALSE(changed([](Graph& graph) { graph.activation(4, Activation::silu); }));

    Graph turned; // a convolution on a linear layer
    turned.input = {2, 1, 1};
    const int x = turned.activation(turned.linear("a", -1, 5), Activation::silu);
    turned.linear("c", turned.activation(turned.strided_convolution("b", x, 3, 1, 1, 0), Activation::silu),
                  1);
    DOCTEST_CHECK_FALSE(layer_stack(turned));
    Graph pair = network::perceptron_graph({2, {8}});
    pair.nodes.back().shape.channels = 2;
    DOCTEST_CHECK_FALSE(layer_stack(pair));
}

DOCTEST_TEST_CASE("layers: a convolution says its stride, and its bias counts as parameters") {
    const auto list = network::layers(network::tutorial_graph());
    DOCTEST_REQUIRE(list.size() == 11);
    DOCTEST_CHECK(list[0].name == "convolutions.0");
    DOCTEST_CHECK(list[0].operation == "convolution 5 × 5, stride 2");
    DOCTEST_CHECK(list[0].parameters == 16 * 25 + 16);
    DOCTEST_CHECK(list[0].multiply_adds == 16 * 16 * 16 * 25);
    DOCTEST_CHECK(list[8].name == "hidden");
    DOCTEST_CHECK(list[10].name == "output");
    std::int64_t parameters = 0;
    for (const network::LayerFacts& layer : list)
        parameters += layer.parameters;
    DOCTEST_CHECK(parameters == 76'993);
}
