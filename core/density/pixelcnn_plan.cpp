#include "core/density/pixelcnn_plan.h"

#include "core/base/error.h"

namespace ebm {
namespace {

using Kind = PixelCnnNode::Kind;

/// The two streams: `above` sees the rows above a pixel, `left` also what is to its left in its row.
class Planner {
public:
    explicit Planner(const PixelCnnSpec& spec) : spec_(spec), filters_(spec.filters) {}

    PixelCnnPlan plan() {
        add({.kind = Kind::input, .channels = spec_.channels + 1});
        std::vector<int> above, left;
        above.push_back(kernel("above.first", 0, filters_, {.rows = 2, .columns = 3, .dy = -2, .dx = -1}));
        const int over = kernel("left.over", 0, filters_, {.rows = 1, .columns = 3, .dy = -1, .dx = -1});
        const int before = kernel("left.before", 0, filters_,
                                  {.pixelwise = true, .rows = 2, .columns = 1, .dy = -1, .dx = -1});
        left.push_back(
            add({.kind = Kind::add, .a = over, .b = before, .channels = filters_, .pixelwise = true}));
        for (int level = 0; level < spec_.resolutions; ++level) {
            for (int i = 0; i < spec_.blocks; ++i) {
                const std::string place = ".down." + std::to_string(level) + "." + std::to_string(i);
                above.push_back(block("above" + place, above.back(), -1, false));
                left.push_back(block("left" + place, left.back(), above.back(), true));
            }
            if (level + 1 == spec_.resolutions) break;
            const std::string place = ".shrink." + std::to_string(level);
            above.push_back(kernel("above" + place, above.back(), filters_, shape(false, 2)));
            left.push_back(kernel("left" + place, left.back(), filters_, shape(true, 2)));
        }
        int u = take(above), ul = take(left);
        for (int level = spec_.resolutions - 1; level >= 0; --level) {
            const int count = level + 1 == spec_.resolutions ? spec_.blocks : spec_.blocks + 1;
            for (int i = 0; i < count; ++i) {
                const std::string place = ".up." + std::to_string(level) + "." + std::to_string(i);
                u = block("above" + place, u, take(above), false);
                const int side = take(left);
                const int both = add({.kind = Kind::concatenate,
                                      .a = u,
                                      .b = side,
                                      .channels = 2 * filters_,
                                      .pixelwise = true});
                ul = block("left" + place, ul, both, true);
            }
            if (level == 0) break;
            const std::string place = ".grow." + std::to_string(level);
            u = grow("above" + place, u, false);
            ul = grow("left" + place, ul, true);
        }
        const int last = add({.kind = Kind::rectified, .a = ul, .channels = filters_, .pixelwise = true});
        kernel("out", last, spec_.mixture().outputs(), {.pixelwise = true});
        return std::move(plan_);
    }

private:
    static int take(std::vector<int>& nodes) {
        const int node = nodes.back();
        nodes.pop_back();
        return node;
    }

    static PixelCnnNode shape(bool pixelwise, int stride = 1) {
        if (pixelwise)
            return {.pixelwise = true, .rows = 2, .columns = 2, .dy = -1, .dx = -1, .stride = stride};
        return {.rows = 2, .columns = 3, .dy = -1, .dx = -1, .stride = stride};
    }

    int add(PixelCnnNode node) {
        if (node.a >= 0 && node.kind != Kind::upsampling)
            node.level = plan_[static_cast<std::size_t>(node.a)].level + (node.stride == 2 ? 1 : 0);
        plan_.push_back(std::move(node));
        return static_cast<int>(plan_.size()) - 1;
    }

    int kernel(const std::string& name, int from, int channels, PixelCnnNode node, double gain = 1) {
        node.kind = Kind::convolution;
        node.a = from;
        node.channels = channels;
        node.layer = layers_++;
        node.name = name;
        node.gain = gain;
        return add(std::move(node));
    }

    int grow(const std::string& name, int from, bool pixelwise) {
        PixelCnnNode node = shape(pixelwise, 2);
        node.dy = 0;
        node.dx = pixelwise ? 0 : -1;
        node.kind = Kind::upsampling;
        node.a = from;
        node.channels = filters_;
        node.layer = layers_++;
        node.name = name;
        node.level = plan_[static_cast<std::size_t>(from)].level - 1;
        return add(std::move(node));
    }

    int activation(int from, bool pixelwise) {
        const int channels = 2 * plan_[static_cast<std::size_t>(from)].channels;
        return add({.kind = Kind::activation, .a = from, .channels = channels, .pixelwise = pixelwise});
    }

    int block(const std::string& name, int from, int side, bool pixelwise) {
        int hidden = kernel(name + ".first", activation(from, pixelwise), filters_, shape(pixelwise));
        if (side >= 0) {
            const int seen =
                kernel(name + ".side", activation(side, pixelwise), filters_, {.pixelwise = pixelwise});
            hidden = add(
                {.kind = Kind::add, .a = hidden, .b = seen, .channels = filters_, .pixelwise = pixelwise});
        }
        const int gates =
            kernel(name + ".second", activation(hidden, pixelwise), 2 * filters_, shape(pixelwise), 0.1);
        return add({.kind = Kind::gate, .a = from, .b = gates, .channels = filters_, .pixelwise = pixelwise});
    }

    const PixelCnnSpec& spec_;
    const int filters_;
    PixelCnnPlan plan_;
    int layers_ = 0;
};

} // namespace

PixelCnnPlan pixelcnn_plan(const PixelCnnSpec& spec) {
    if (spec.channels < 1 || spec.channels > 3)
        throw Error("PixelCNN++ reads pictures of 1 to 3 channels, not of " + std::to_string(spec.channels),
                    "setting model.energy", "Choose other data, or another model.");
    if (spec.resolutions > 1 &&
        std::min(side_at(spec.height, spec.resolutions - 2), side_at(spec.width, spec.resolutions - 2)) < 2)
        throw Error("Pictures of " + std::to_string(spec.height) + " × " + std::to_string(spec.width) +
                        " pixels cannot be halved " + std::to_string(spec.resolutions - 1) + " times",
                    "setting model.resolutions", "Choose fewer resolutions.");
    return Planner(spec).plan();
}

} // namespace ebm
