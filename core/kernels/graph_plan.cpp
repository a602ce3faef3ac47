#include "core/kernels/graph_plan.h"

#include "core/base/error.h"

#include <algorithm>

namespace ebm::kernels {
namespace {

using network::Graph;
using network::Node;
using network::Operation;

void require(bool condition, const char* what_happened) {
    if (!condition) throw Error(what_happened, "network", "Run it through LibTorch, or correct the network.");
}

class GraphPlanner {
public:
    GraphPlanner(const Graph& graph, GraphShape shape) : graph_(graph) {
        plan_.shape = shape;
        plan_.elements = static_cast<int>(graph.input.elements());
        plan_.classes = graph.classes;
        plan_.input_scale = graph.input_scale;
        plan_.input_offset = graph.input_offset;
        plan_.output_scale = graph.output_scale;
        plan_.curvature = graph.curvature;
        for (const network::Weight& weight : graph.weights)
            plan_.weight_counts.push_back(weight.count());
    }

    GraphPlan plan() {
        survey();
        add_tensor(graph_.input, true);
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            add_node(static_cast<int>(i));
        assign_backward_weights();
        count_contributions();
        assign_memory();
        return std::move(plan_);
    }

private:
    std::int64_t take_packed(std::int64_t count) { return take(plan_.packed_floats, count); }
    static std::int64_t take(std::int64_t& total, std::int64_t count) {
        const std::int64_t offset = total;
        total += (count + 15) / 16 * 16;
        return offset;
    }

    void survey() {
        require(!graph_.nodes.empty(), "The network has no nodes");
        readers_.assign(graph_.nodes.size(), 0);
        step_of_.assign(graph_.nodes.size(), -1);
        plan_.flat = graph_.input.height * graph_.input.width == 1;
        for (const Node& node : graph_.nodes) {
            if (node.input >= 0) ++readers_[static_cast<std::size_t>(node.input)];
            if (node.other >= 0) ++readers_[static_cast<std::size_t>(node.other)];
            if (node.operation != Operation::convolution) continue;
            require(node.stride == 1 && node.kernel == 2 * node.padding + 1,
                    "A convolution changes the size of pictures");
            ring_ = std::max(ring_, node.padding);
            if (node.kernel > 1) plan_.flat = false;
        }
        const Node& last = graph_.nodes.back();
        require(last.operation == Operation::linear && last.shape.elements() == 1 && last.input >= 0,
                "The network does not end with a linear layer to the energy");
        if (plan_.flat) ring_ = 0;
    }

    int add_tensor(const network::NodeShape& shape, bool planar) {
        GraphTensor tensor;
        tensor.channels = shape.channels;
        tensor.height = shape.height;
        tensor.width = plan_.flat ? plan_.shape.tile : shape.width;
        tensor.lanes = planar ? 1 : plan_.shape.lanes;
        tensor.ring = ring_;
        tensor.blocks = (shape.channels + tensor.lanes - 1) / tensor.lanes;
        plan_.tensors.push_back(tensor);
        return static_cast<int>(plan_.tensors.size()) - 1;
    }

    int tensor_of(int node) const { return node < 0 ? 0 : step_of_[static_cast<std::size_t>(node)] + 1; }

    GraphStep& add_step(GraphStep::Kind kind, const Node& node, int from) {
        GraphStep step;
        step.kind = kind;
        step.from = from;
        step.to = add_tensor(node.shape, &node == &graph_.nodes.back());
        plan_.steps.push_back(step);
        return plan_.steps.back();
    }

    /// The step whose result node is, if it may go on in place.
    bool open(int node) const { return node >= 0 && readers_[static_cast<std::size_t>(node)] == 1; }

    /// The step that an elementwise node becomes a part of.
    GraphStep& extend(const Node& node, int from) {
        require(from >= 0, "Something else than a convolution or a linear layer reads the network's input");
        if (open(from))
            return plan_.steps[static_cast<std::size_t>(step_of_[static_cast<std::size_t>(from)])];
        return add_step(GraphStep::Kind::copy, node, tensor_of(from));
    }

    void add_node(int index) {
        const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
        switch (node.operation) {
        case Operation::convolution:
        case Operation::linear:
            add_product(node);
            break;
        case Operation::average_pool:
        case Operation::sum:
            require(node.input >= 0, "The network's input is pooled or summed before any layer");
            add_step(node.operation == Operation::sum ? GraphStep::Kind::sum : GraphStep::Kind::pool, node,
                     tensor_of(node.input));
            break;
        case Operation::add: {
            require(node.input >= 0 && node.other >= 0, "The network's input is added to a layer");
            // The later of the two goes on in place: the other one is complete by then.
            int from = node.input, other = node.other;
            if (!open(from) || (open(other) && tensor_of(other) > tensor_of(from))) std::swap(from, other);
            if (tensor_of(other) > tensor_of(from)) {
                GraphStep& step = add_step(GraphStep::Kind::copy, node, tensor_of(from));
                step.posts.push_back(post(GraphPost::Kind::add, node));
                step.posts.back().other = tensor_of(other);
                break;
            }
            GraphStep& step = extend(node, from);
            step.posts.push_back(post(GraphPost::Kind::add, node));
            step.posts.back().other = tensor_of(other);
            step_of_[static_cast<std::size_t>(index)] = step.to - 1;
            return;
        }
        case Operation::class_bias:
        case Operation::class_gain:
        case Operation::activation: {
            GraphStep& step = extend(node, node.input);
            const bool elementwise = node.operation == Operation::activation;
            const bool bias = node.operation == Operation::class_bias;
            step.posts.push_back(post(elementwise ? GraphPost::Kind::activation
                                      : bias      ? GraphPost::Kind::bias
                                                  : GraphPost::Kind::gain,
                                      node));
            if (!elementwise) set_table(step.posts.back(), node.weight, node.second, graph_.classes);
            step_of_[static_cast<std::size_t>(index)] = step.to - 1;
            return;
        }
        }
        step_of_[static_cast<std::size_t>(index)] = static_cast<int>(plan_.steps.size()) - 1;
    }

    static GraphPost post(GraphPost::Kind kind, const Node& node) {
        GraphPost result;
        result.kind = kind;
        result.function = node.function;
        result.channels = node.shape.channels;
        return result;
    }

    void set_table(GraphPost& post, int weight, int second, int classes) {
        post.weight = weight;
        post.second = second;
        post.by_class = classes > 0;
        const int lanes = plan_.shape.lanes;
        post.table_row = (post.channels + lanes - 1) / lanes * lanes;
        post.table = take_packed(std::int64_t{post.table_row} * std::max(1, classes));
    }

    void add_product(const Node& node) {
        GraphStep& step = add_step(GraphStep::Kind::product, node, tensor_of(node.input));
        const GraphTensor& from = plan_.tensors[static_cast<std::size_t>(step.from)];
        const network::NodeShape& in = graph_.shape_of(node.input);
        GraphProduct& product = step.product;
        product.weight = node.weight;
        product.linear = node.operation == Operation::linear;
        product.outputs = node.shape.channels;
        product.kernel = product.linear ? 1 : node.kernel;
        product.in_lanes = from.lanes;
        product.to_energy = &node == &graph_.nodes.back();
        product.out_blocks = product.to_energy ? 1 : plan_.tensors.back().blocks;
        product.inputs = product.linear ? static_cast<int>(in.elements()) : in.channels;
        const bool positions = product.linear && !plan_.flat;
        const int height = positions ? from.height : 1, width = positions ? from.width + 2 * from.ring : 1;
        product.in_blocks = from.blocks * height * width;
        for (int block = 0; block < product.in_blocks; ++block) {
            const int x = block % width - (positions ? from.ring : 0), y = block / width % height;
            for (int lane = 0; lane < from.lanes; ++lane) {
                const int channel = block / (width * height) * from.lanes + lane;
                const bool present = channel < from.channels && (!positions || (x >= 0 && x < from.width));
                const int index = positions ? (channel * from.height + y) * from.width + x : channel;
                product.input.push_back(present ? index : -1);
            }
        }
        product.forward = take_packed(product.run() * stored_outputs(product));
        choose_winograd(product, plan_.tensors.back());
        if (product.to_energy) {
            product.bias = node.second;
            product.energy_bias = take_packed(1);
        } else if (node.second >= 0) {
            GraphPost bias = post(GraphPost::Kind::bias, node);
            set_table(bias, node.second, -1, 0);
            step.posts.push_back(bias);
        }
    }

    std::int64_t stored_outputs(const GraphProduct& product) const {
        return std::int64_t{product.out_blocks} * (product.to_energy ? 1 : plan_.shape.lanes);
    }

    /// Tiles pay for 3 × 3 where enough of them share the weights, which are four times as many.
    void choose_winograd(GraphProduct& product, const GraphTensor& out) {
        constexpr int most_tiles = 32, least_tiles = 4;
        const int columns = (out.width + 3) / 4, rows = (out.height + 3) / 4;
        product.winograd = product.kernel == 3 && product.in_lanes > 1 && columns * rows >= least_tiles;
        if (!product.winograd) return;
        const int bands = (rows + std::max(1, most_tiles / columns) - 1) / std::max(1, most_tiles / columns);
        product.band = (rows + bands - 1) / bands;
        points_ = std::max(points_, std::int64_t{kWinogradPoints} * (product.in_blocks + product.out_blocks) *
                                        (product.band * columns | 1) * plan_.shape.lanes);
    }

    /// What is not needed to add up gradients.
    void assign_backward_weights() {
        plan_.gradient_floats = plan_.packed_floats;
        for (GraphStep& step : plan_.steps) {
            if (step.kind != GraphStep::Kind::product) continue;
            GraphProduct& product = step.product;
            const std::int64_t count = product.run() * stored_outputs(product);
            constexpr std::int64_t taps = 9;
            if (product.winograd) product.forward_points = take_packed(count / taps * kWinogradPoints);
            product.backward = take_packed(product.winograd ? count / taps * kWinogradPoints : count);
        }
    }

    // ---- the order in which gradients are complete

    void contribute(int tensor, bool& first, bool& last) {
        const auto i = static_cast<std::size_t>(tensor);
        first = seen_[i]++ == 0;
        last = seen_[i] == expected_[i];
        if (last && tensor > 0) finish(plan_.steps[i - 1]);
    }

    void finish(GraphStep& step) {
        for (auto post = step.posts.rbegin(); post != step.posts.rend(); ++post)
            if (post->kind == GraphPost::Kind::add) contribute(post->other, post->first, post->last);
        if (step.kind == GraphStep::Kind::copy) contribute(step.from, step.first, step.last);
    }

    void count_contributions() {
        expected_.assign(plan_.tensors.size(), 0);
        seen_ = expected_;
        for (const GraphStep& step : plan_.steps) {
            ++expected_[static_cast<std::size_t>(step.from)];
            for (const GraphPost& post : step.posts)
                if (post.kind == GraphPost::Kind::add) ++expected_[static_cast<std::size_t>(post.other)];
        }
        for (std::size_t i = 1; i + 1 < expected_.size(); ++i)
            require(expected_[i] > 0, "A layer's result is not used");
        for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend(); ++step)
            if (step->kind != GraphStep::Kind::copy) contribute(step->from, step->first, step->last);
    }

    void assign_memory() {
        std::int64_t floats = 0;
        for (GraphTensor& tensor : plan_.tensors)
            tensor.value = take(floats, tensor.floats());
        plan_.tensors.front().gradient = take(floats, plan_.tensors.front().floats());
        const auto save = [&](GraphPost::Kind kind) {
            for (GraphStep& step : plan_.steps)
                for (GraphPost& post : step.posts)
                    if (post.kind == kind)
                        post.saved = take(floats, plan_.tensors[static_cast<std::size_t>(step.to)].floats());
        };
        save(GraphPost::Kind::activation);
        plan_.points = take(floats, points_);
        // Narrow products read up to a vector of columns past the end of a tensor.
        const std::int64_t past = std::int64_t{plan_.shape.lanes} * plan_.shape.lanes;
        plan_.chain_floats = floats + past;
        save(GraphPost::Kind::gain);
        for (std::size_t i = 1; i < plan_.tensors.size(); ++i)
            plan_.tensors[i].gradient = take(floats, plan_.tensors[i].floats());
        plan_.weights_floats = floats + past;
    }

    const Graph& graph_;
    GraphPlan plan_;
    int ring_ = 0;
    std::int64_t points_ = 0;
    std::vector<int> readers_, step_of_, expected_, seen_;
};

} // namespace

GraphPlan make_graph_plan(const network::Graph& graph, GraphShape shape) {
    return GraphPlanner(graph, shape).plan();
}

} // namespace ebm::kernels
