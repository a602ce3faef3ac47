#include "core/network/residual.h"

#include "core/base/error.h"

#include <algorithm>

namespace ebm::network {
namespace {

class Builder {
public:
    explicit Builder(const ResidualSpec& spec) : spec_(spec) {
        graph_.input = spec.input;
        graph_.classes = spec.conditioning ? spec.classes : 0;
        if (spec.zero_to_one) graph_.input_scale = graph_.input_offset = 0.5f;
    }

    Graph build() {
        int x = convolution("stem", -1, spec_.stem, false);
        declare_unread("stem", spec_.input.channels, spec_.stem, false, false);
        x = graph_.activation(x, spec_.activation);
        int number = 0;
        for (std::size_t stage = 0; stage < spec_.widths.size(); ++stage)
            for (int i = 0; i < spec_.blocks[stage]; ++i)
                x = block("blocks." + std::to_string(number++), x, spec_.channels * spec_.widths[stage],
                          i == 0);
        x = graph_.activation(x, spec_.activation == Activation::leaky_relu ? Activation::relu
                                                                            : spec_.activation);
        graph_.linear("energy", graph_.sum(x), 1);
        return std::move(graph_);
    }

private:
    int convolution(const std::string& name, int from, int out, bool near_zero) {
        const Start start = near_zero ? Start::tiny : spec_.spectral ? Start::normal : Start::he;
        return graph_.convolution(name, from, out, 3, start, spec_.spectral, spec_.spectral && near_zero);
    }

    int block(const std::string& name, int x, int out, bool halve) {
        const int in = graph_.shape_of(x).channels;
        int inner = spec_.conditioning ? graph_.class_bias(name + ".first.bias", x) : x;
        inner = convolution(name + ".first", inner, out, false);
        inner = graph_.activation(inner, spec_.activation);
        if (spec_.conditioning) inner = graph_.class_bias(name + ".second.bias", inner);
        inner = convolution(name + ".second", inner, out, true);
        if (spec_.conditioning) inner = graph_.class_gain(name + ".second.gain", inner);
        const int skip = in == out ? x : convolution(name + ".skip", x, out, false);
        declare_unread(name + ".first", in, out, true, false);
        declare_unread(name + ".second", out, out, true, true);
        if (in != out) declare_unread(name + ".skip", in, out, false, false);
        int sum = graph_.add(inner, skip);
        if (halve) sum = graph_.average_pool(sum);
        return graph_.activation(sum, spec_.activation);
    }

    /// What init_conv_weight of the released code declares beside the weight: b [out], g [classes][out], gb
    /// [classes][in], cb [in], of which a convolution with bias reads gb, and one with gain g and cb (the
    /// latter with classes only). The first convolution knows no classes.
    void declare_unread(const std::string& name, int in, int out, bool reads_bias, bool reads_gain) {
        if (!spec_.unread_tables) return;
        const int classes = name == "stem" ? 1 : std::max(1, graph_.classes);
        const auto declare = [&](const char* what, int rows, int columns) {
            graph_.weights.push_back({name + ".unread_" + what, {rows, columns}, Start::zero});
        };
        declare("b", 1, out);
        if (!reads_gain) declare("g", classes, out);
        if (!reads_bias) declare("gb", classes, in);
        if (!reads_gain || graph_.classes == 0) declare("cb", 1, in);
    }

    const ResidualSpec& spec_;
    Graph graph_;
};

} // namespace

Graph residual_graph(const ResidualSpec& spec) {
    if (spec.widths.empty() || spec.widths.size() != spec.blocks.size())
        throw Error("The residual network needs as many numbers of blocks as it has stages",
                    "settings model.stages, model.blocks", "Give one number of blocks, or one a stage.");
    if (std::min({*std::min_element(spec.widths.begin(), spec.widths.end()),
                  *std::min_element(spec.blocks.begin(), spec.blocks.end()), spec.stem, spec.channels}) < 1)
        throw Error("A width or number of blocks of the residual network is below 1",
                    "settings model.stages, model.blocks", "Give whole numbers from 1 on.");
    return Builder(spec).build();
}

} // namespace ebm::network
