#pragma once

#include "core/lab/laboratory.h"

#include <string>

#include <filesystem>
#include <unistd.h>

/// Scenes that are small enough for a test, and what is asked of a laboratory again and again.
namespace ebm::tests {

/// How a laboratory is made: as the command line has it, and with what the window shows.
inline const lab::Options plain{1, "cpu", false}, window{1, "cpu", true};

/// Two moons with a tiny network.
inline lab::Scene small_scene() {
    lab::Scene scene;
    scene.name = scene.title = "small";
    Settings& s = scene.settings;
    s.data.set = "two_moons";
    s.data.count = 500;
    s.model.width = 16;
    s.model.layers = 2;
    s.buffer.size = 256;
    s.train.batch = 32;
    s.sampler.steps = 3;
    s.sampler.chains = 20;
    s.view.resolution = 32;
    return scene;
}

/// "Two moons, as published", with a network that diverges within a second.
inline lab::Scene diverging_scene() {
    lab::Scene scene = small_scene();
    Settings& s = scene.settings;
    s.data.count = 2000;
    s.model.width = 32;
    s.sampler.kind = SamplerKind::langevin;
    s.sampler.steps = 20;
    s.sampler.step_spread = 1;
    s.sampler.drift_limit = 0;
    s.sampler.jump_share = 0;
    s.buffer.size = 8192;
    s.buffer.reinit_share = 0.05;
    s.train.batch = 256;
    s.train.learning_rate = 0.01;
    s.train.iterations = 600;
    return scene;
}

/// Grey pictures of an IDX file with a tiny network, under the published steps.
inline lab::Scene small_picture_scene(const std::string& path) {
    lab::Scene scene = small_scene();
    scene.name = "pictures";
    Settings& s = scene.settings;
    s.data.set = "idx";
    s.data.path = path;
    s.model.energy = "conv";
    s.model.channels = 4;
    s.sampler.kind = SamplerKind::langevin;
    s.sampler.mode = SamplerMode::published;
    s.sampler.step_size = 10;
    s.sampler.noise = 0.005;
    s.sampler.gradient_clip = 0.03;
    s.sampler.step_spread = 1;
    s.sampler.jump_share = 0;
    s.sampler.box_low = -1;
    s.sampler.box_high = 1;
    s.train.batch = 8;
    return scene;
}

inline lab::Snapshot look(lab::Laboratory& laboratory) {
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    return snapshot;
}

inline void train(lab::Laboratory& laboratory, int iterations) {
    for (int i = 0; i < iterations; ++i)
        laboratory.train_iteration();
}

inline std::vector<float> probe(lab::Laboratory& laboratory) {
    std::vector<float> energies;
    laboratory.energies({3, {}, {0.1f, 0.2f, -1.0f, 2.0f, 3.0f, -3.0f}}, -1, energies, nullptr);
    return energies;
}

} // namespace ebm::tests
