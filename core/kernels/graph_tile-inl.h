// A network graph on the samples of one tile. Included once per instruction set. Layouts: graph_plan.h.
#if defined(EBM_KERNELS_GRAPH_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_GRAPH_TILE_INL_H_
#undef EBM_KERNELS_GRAPH_TILE_INL_H_
#else
#define EBM_KERNELS_GRAPH_TILE_INL_H_
#endif

#include <cstring>

#include "core/kernels/graph_products-inl.h"
#include "core/kernels/graph_rows-inl.h"
#include "core/kernels/graph_winograd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

/// Energies and gradients of a tile: of one sample of a network of pictures at a time, or of all samples of a
/// network without pictures. What TileSteps moves chains on.
class GraphTile {
public:
    /// labels: [samples], not read without classes. sums: where the gradients of the weights are added, in
    /// the layout of `packed`, or null; scratch: chain_floats of the plan, or weights_floats with sums.
    GraphTile(const GraphPlan& plan, const float* packed, const std::int64_t* labels, int samples,
              float* sums, float* scratch)
        : plan_(plan), packed_(packed), samples_(samples), sums_(sums), scratch_(scratch) {
        std::memset(scratch, 0,
                    sizeof(float) * static_cast<std::size_t>(sums ? plan.weights_floats : plan.chain_floats));
        for (int i = 0; i < kTile; ++i)
            labels_[i] = plan.classes > 0 && i < samples ? static_cast<int>(labels[i]) : 0;
    }

    int elements() const { return plan_.elements; }
    int position(int element) const { return element; }

    /// inputs: [element][kTile]; energies: [kTile]; gradients as the inputs, or null.
    void evaluate(const float* inputs, float* energies, float* gradients) {
        for (int pass = 0; pass < passes(); ++pass) {
            forward(inputs, pass, gradients != nullptr, energies);
            if (!gradients) continue;
            seed(constant(1.0f));
            backward();
            store_gradients(inputs, pass, gradients);
        }
        clear_idle(energies, gradients);
    }

    /// Adds to the sums the gradients of Σ_i (coefficients[i] + energy_factor·E_i)·E_i.
    void add_weight_gradients(const float* inputs, const float* coefficients, float energy_factor,
                              float* energies) {
        for (int pass = 0; pass < passes(); ++pass) {
            forward(inputs, pass, true, energies);
            const int count = plan_.flat ? samples_ : 1;
            for (int i = 0; i < kTile; ++i) {
                const int sample = pass + i;
                seeds_[i] = i < count ? coefficients[sample] + energy_factor * energies[sample] : 0.0f;
            }
            backward();
        }
    }

private:
    int passes() const { return plan_.flat ? 1 : samples_; }
    const GraphTensor& tensor(int index) const { return plan_.tensors[static_cast<std::size_t>(index)]; }
    float* value(int index) const { return scratch_ + tensor(index).value; }
    float* gradient(int index) const { return scratch_ + plan_.gradient_of(index, sums_ != nullptr); }
    /// Columns of planar tensors outside pictures.
    int columns() const { return plan_.flat ? kTile : 1; }

    Table table(const GraphPost& post) const {
        return {packed_ + post.table, post.table_row, post.by_class ? labels_ + sample_ : nullptr,
                plan_.flat};
    }

    // ---- between lanes and tensors

    void load_inputs(const float* inputs) {
        const GraphTensor& in = tensor(0);
        float* to = scratch_ + in.value;
        if (plan_.flat) {
            const Vector scale = constant(plan_.input_scale), offset = constant(plan_.input_offset);
            for (int i = 0; i < plan_.elements * kTile; i += kLanes)
                hn::Store(hn::MulAdd(scale, hn::Load(kFloat, inputs + i), offset), kFloat, to + i);
            return;
        }
        const float* from = inputs + sample_;
        for (int row = 0; row < in.channels * in.height; ++row) {
            float* at = to + std::int64_t{row} * in.row() + in.ring;
            for (int x = 0; x < in.width; ++x, from += kTile)
                at[x] = plan_.input_scale * *from + plan_.input_offset;
        }
    }

    void store_gradients(const float* inputs, int pass, float* gradients) const {
        const GraphTensor& in = tensor(0);
        const float* from = scratch_ + in.gradient;
        if (plan_.flat) {
            const Vector scale = constant(plan_.input_scale), curvature = constant(plan_.curvature);
            for (int i = 0; i < plan_.elements * kTile; i += kLanes) {
                const Vector g = hn::Mul(scale, hn::Load(kFloat, from + i));
                hn::Store(hn::MulAdd(curvature, hn::Load(kFloat, inputs + i), g), kFloat, gradients + i);
            }
            return;
        }
        std::int64_t lane = pass;
        for (int row = 0; row < in.channels * in.height; ++row) {
            const float* at = from + std::int64_t{row} * in.row() + in.ring;
            for (int x = 0; x < in.width; ++x, lane += kTile)
                gradients[lane] = plan_.input_scale * at[x] + plan_.curvature * inputs[lane];
        }
    }

    void clear_idle(float* energies, float* gradients) const {
        for (int i = samples_; i < kTile && !plan_.flat; ++i) {
            energies[i] = 0.0f;
            for (int e = 0; e < plan_.elements && gradients; ++e)
                gradients[std::int64_t{e} * kTile + i] = 0.0f;
        }
    }

    // ---- forward

    void forward(const float* inputs, int pass, bool differentiate, float* energies) {
        sample_ = pass;
        load_inputs(inputs);
        for (const GraphStep& step : plan_.steps)
            forward_step(step, differentiate);
        const GraphTensor& top = plan_.tensors.back();
        const float* result = scratch_ + top.value + top.first();
        const float bias = packed_[plan_.steps.back().product.energy_bias];
        for (int i = 0; i < columns(); ++i) {
            float energy = result[i] + bias;
            if (plan_.curvature != 0) {
                float squares = 0.0f;
                for (int e = 0; e < plan_.elements; ++e) {
                    const float x = inputs[std::int64_t{e} * kTile + pass + i];
                    squares += x * x;
                }
                energy += 0.5f * plan_.curvature * squares;
            }
            energies[pass + i] = energy;
        }
    }

    void forward_step(const GraphStep& step, bool differentiate) {
        const GraphTensor &in = tensor(step.from), &out = tensor(step.to);
        const float* from = value(step.from);
        float* to = value(step.to);
        switch (step.kind) {
        case GraphStep::Kind::product: {
            Product product = forward_product(step);
            if (step.product.to_energy) return narrow_row(product, 0);
            if (step.product.winograd) product.weights = packed_ + step.product.forward_points;
            for (int y = 0; y < product.height; ++y) {
                if (step.product.winograd) {
                    multiply_band(step, product, y);
                } else if (in.lanes == 1) {
                    multiply_row<1>(product, y);
                } else {
                    multiply_row<kLanes>(product, y);
                }
                finish_forward(step, y, differentiate);
            }
            return;
        }
        case GraphStep::Kind::sum:
            sum_picture(in, out, from, to);
            return finish_forward(step, 0, differentiate);
        case GraphStep::Kind::pool:
        case GraphStep::Kind::copy:
            for (int y = 0; y < out.height; ++y) {
                if (step.kind == GraphStep::Kind::pool) {
                    pool_row(in, out, y, from, to);
                } else {
                    copy_row(Row(out, y), from, to);
                }
                finish_forward(step, y, differentiate);
            }
        }
    }

    /// Row y and those below it in its band, when it is the first of a band.
    void multiply_band(const GraphStep& step, const Product& product, int y) const {
        if (y % (4 * step.product.band) != 0) return;
        const int left = (product.height - y + 3) / 4;
        const Tiles tiles{y, left < step.product.band ? left : step.product.band, (product.width + 3) / 4};
        multiply_tiles(product, tiles, scratch_ + plan_.points);
    }

    void finish_forward(const GraphStep& step, int y, bool differentiate) {
        const Row row(tensor(step.to), y);
        float* values = value(step.to);
        for (const GraphPost& post : step.posts) {
            switch (post.kind) {
            case GraphPost::Kind::bias:
                add_table(row, table(post), values);
                break;
            case GraphPost::Kind::gain:
                if (sums_) copy_row(row, values, scratch_ + post.saved);
                multiply_table(row, table(post), values);
                break;
            case GraphPost::Kind::activation:
                activate_row(post.function, row, values, differentiate ? scratch_ + post.saved : nullptr);
                break;
            case GraphPost::Kind::add:
                add_row(row, value(post.other), values);
            }
        }
    }

    Product forward_product(const GraphStep& step) const {
        const GraphTensor &in = tensor(step.from), &out = tensor(step.to);
        Product product = shape_of(step);
        product.in = value(step.from);
        if (!step.product.linear) product.in += (in.ring - product.padding) * in.lanes;
        product.out = value(step.to) + out.first();
        product.in_block = step.product.linear ? columns() * in.lanes : in.block();
        product.in_row = in.row();
        product.out_block = out.block();
        product.out_row = out.row();
        product.in_blocks = step.product.in_blocks;
        product.out_blocks = step.product.out_blocks;
        product.weights = packed_ + step.product.forward;
        return product;
    }

    Product shape_of(const GraphStep& step) const {
        Product product;
        product.kernel = step.product.kernel;
        product.padding = product.kernel / 2;
        const GraphTensor& in = tensor(step.from);
        product.height = step.product.linear ? 1 : in.height;
        product.width = step.product.linear ? columns() : in.width;
        return product;
    }

    // ---- backward

    void seed(Vector value) {
        for (int i = 0; i < kTile; i += kLanes)
            hn::Store(value, kFloat, seeds_ + i);
    }

    void backward() {
        float* top = gradient(static_cast<int>(plan_.tensors.size()) - 1) + plan_.tensors.back().first();
        std::memcpy(top, seeds_, sizeof(float) * static_cast<std::size_t>(columns()));
        for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend(); ++step)
            backward_step(*step);
    }

    /// The gradient at the result of a step, before its elementwise operations, is complete.
    void backward_step(const GraphStep& step) {
        const GraphTensor &in = tensor(step.from), &out = tensor(step.to);
        const float* from = gradient(step.to);
        float* to = gradient(step.from);
        switch (step.kind) {
        case GraphStep::Kind::copy:
            return; // done row by row
        case GraphStep::Kind::product:
            if (sums_) add_gradients_of(step);
            if (sums_ && step.from == 0) return;
            return backward_product(step);
        case GraphStep::Kind::pool:
        case GraphStep::Kind::sum:
            for (int y = 0; y < in.height; ++y) {
                if (step.kind == GraphStep::Kind::pool) {
                    unpool_row(in, out, y, !step.first, from, to);
                } else {
                    spread_row(in, out, y, !step.first, from, to);
                }
                if (step.last) finish_backward(step.from, y);
            }
        }
    }

    void backward_product(const GraphStep& step) {
        const GraphTensor &in = tensor(step.from), &out = tensor(step.to);
        Product product = shape_of(step);
        product.in = gradient(step.to) + out.first();
        if (!step.product.linear) product.in -= product.padding * out.lanes;
        product.out = gradient(step.from) + (step.product.linear ? 0 : in.first());
        product.in_block = out.block();
        product.in_row = out.row();
        product.out_block = step.product.linear ? columns() * in.lanes : in.block();
        product.out_row = in.row();
        product.in_blocks = step.product.out_blocks;
        product.out_blocks = step.product.in_blocks;
        product.weights = packed_ + step.product.backward;
        product.add = !step.first;
        for (int y = 0; y < product.height; ++y) {
            if (step.product.winograd) {
                multiply_band(step, product, y);
            } else if (in.lanes == 1) {
                narrow_row(product, y);
            } else if (step.product.to_energy) {
                multiply_row<1>(product, y);
            } else {
                multiply_row<kLanes>(product, y);
            }
            if (step.last && !step.product.linear) finish_backward(step.from, y);
        }
        if (!step.last || !step.product.linear) return;
        for (int y = 0; y < in.height; ++y)
            finish_backward(step.from, y);
    }

    /// Row y of the gradient at a tensor is complete: back through the elementwise operations that made it.
    void finish_backward(int index, int y) {
        if (index == 0) return;
        const GraphStep& step = plan_.steps[static_cast<std::size_t>(index - 1)];
        const Row row(tensor(index), y);
        float* g = gradient(index);
        for (auto post = step.posts.rbegin(); post != step.posts.rend(); ++post) {
            switch (post->kind) {
            case GraphPost::Kind::bias:
                if (sums_) add_table_gradients(row, table(*post), g, nullptr, sums_ + post->table);
                break;
            case GraphPost::Kind::gain:
                if (sums_)
                    add_table_gradients(row, table(*post), g, scratch_ + post->saved, sums_ + post->table);
                multiply_table(row, table(*post), g);
                break;
            case GraphPost::Kind::activation:
                multiply_row_by(row, scratch_ + post->saved, g);
                break;
            case GraphPost::Kind::add:
                contribute(post->other, row, y, g, post->first, post->last);
            }
        }
        if (step.kind == GraphStep::Kind::copy) contribute(step.from, row, y, g, step.first, step.last);
    }

    void contribute(int index, const Row& row, int y, const float* g, bool first, bool last) {
        if (first) {
            copy_row(row, g, gradient(index));
        } else {
            add_row(row, g, gradient(index));
        }
        if (last) finish_backward(index, y);
    }

    void add_gradients_of(const GraphStep& step) {
        const Product product = forward_product(step);
        const float* gradients = gradient(step.to) + tensor(step.to).first();
        float* sums = sums_ + step.product.forward;
        if (step.product.to_energy) return add_energy_gradients(product, gradients, step.product);
        if (tensor(step.from).lanes == 1) {
            add_product_gradients<1>(product, gradients, sums);
        } else {
            add_product_gradients<kLanes>(product, gradients, sums);
        }
    }

    void add_energy_gradients(const Product& product, const float* seeds, const GraphProduct& layout) {
        for (int block = 0; block < product.in_blocks; ++block) {
            float* at = sums_ + layout.forward + block * kLanes;
            Vector sum = hn::Load(kFloat, at);
            for (int x = 0; x < columns(); ++x) {
                const float* input = product.in + block * product.in_block + x * kLanes;
                sum = hn::MulAdd(constant(seeds[x]), hn::Load(kFloat, input), sum);
            }
            hn::Store(sum, kFloat, at);
        }
        for (int x = 0; x < columns(); ++x)
            sums_[layout.energy_bias] += seeds[x];
    }

    const GraphPlan& plan_;
    const float* packed_;
    int samples_, sample_ = 0;
    float* sums_;
    float* scratch_;
    int labels_[kTile];
    HWY_ALIGN float seeds_[kTile];
};

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
