#include "core/base/files.h"
#include "core/base/random.h"
#include "core/store/image.h"
#include "tests/unit/lab/small_scene.h"
#include "tests/window/stage.h"

namespace ebm::test {

lab::Scene small_plane() {
    lab::Scene scene;
    scene.name = "small_plane";
    scene.title = "Small plane";
    scene.description = "Two moons for a test.";
    Settings& s = scene.settings;
    s.data.set = "two_moons";
    s.data.count = 500;
    s.model.width = 16;
    s.model.layers = 2;
    s.buffer.size = 256;
    s.train.batch = 32;
    s.train.iterations = 1'000'000;
    s.sampler.steps = 3;
    s.sampler.chains = 20;
    s.view.resolution = 32;
    return scene;
}

lab::Scene small_analytic() {
    lab::Scene scene = small_plane();
    scene.name = "small_analytic";
    scene.title = "Small double well";
    scene.settings.data.set = "none";
    scene.settings.model.energy = "double_well";
    return scene;
}

lab::Scene small_images() {
    constexpr int count = 96, side = 12;
    // IDX: two zero bytes, unsigned bytes, three dimensions, each big-endian.
    std::string pictures{0, 0, 8, 3};
    for (const int size : {count, side, side})
        pictures += std::string{0, 0, static_cast<char>(size >> 8), static_cast<char>(size & 255)};
    for (std::uint32_t i = 0; i < count * side * side; ++i) {
        const auto word = random::words({3, random::Stream::data, 5, i, 0}, 0)[0];
        const std::uint32_t x = i % side, y = i / side % side;
        const bool inside = x > 2 && x < 9 && y > 1 && y < 10;
        pictures += static_cast<char>((inside ? 160 : 0) + word % 60);
    }
    const std::filesystem::path path = stage().folder.path / "pictures.idx";
    files::write_atomically(path, std::string_view(pictures));

    lab::Scene scene = tests::small_picture_scene(path.string());
    scene.name = "small_images";
    scene.title = "Small pictures";
    Settings& s = scene.settings;
    s.data.count = Settings().data.count;
    s.sampler.chains = 12;
    s.train.learning_rate = 1e-4;
    s.train.iterations = 1'000'000;
    return scene;
}

lab::Scene small_plane_classes() {
    lab::Scene scene = small_plane();
    scene.name = "small_plane_classes";
    scene.title = "Small plane by class";
    scene.settings.model.conditional = true;
    return scene;
}

lab::Scene small_image_classes() {
    constexpr int side = 12;
    const std::filesystem::path folder = stage().folder.path / "clothes";
    int number = 0;
    for (const char* name : {"bag", "boot", "shirt"}) {
        std::filesystem::create_directories(folder / name);
        for (int i = 0; i < 20; ++i) {
            std::vector<std::uint8_t> pixels(side * side);
            for (int at = 0; at < side * side; ++at)
                pixels[static_cast<std::size_t>(at)] =
                    static_cast<std::uint8_t>((at / side / 4 == number ? 180 : 20) + (at * 7 + i * 13) % 50);
            store::write_png((folder / name / (std::to_string(i) + ".png")).string(),
                             {side, side, 1, pixels});
        }
        ++number;
    }
    lab::Scene scene = small_images();
    scene.name = "small_image_classes";
    scene.title = "Small pictures by class";
    Settings& s = scene.settings;
    s.data.set = "pictures";
    s.data.path = folder.string();
    s.model.energy = "residual";
    s.model.conditional = true;
    s.model.stages = "1";
    return scene;
}

lab::Scene small_points() {
    std::string table = "height_cm,weight_kg\n";
    for (int i = 0; i < 200; ++i)
        table += std::to_string(170 + (i % 2 == 0 ? 8 : -8)) + "," + std::to_string(60 + i % 21) + "\n";
    const std::filesystem::path path = stage().folder.path / "people.csv";
    files::write_atomically(path, std::string_view(table));
    lab::Scene scene = small_plane();
    scene.name = "small_points";
    scene.title = "Small points";
    scene.settings.data.set = "points";
    scene.settings.data.path = path.string();
    return scene;
}

lab::Scene failing_plane() {
    lab::Scene scene = small_plane();
    scene.name = "failing_plane";
    scene.title = "Failing plane";
    Settings& s = scene.settings;
    s.sampler.kind = SamplerKind::langevin;
    s.sampler.step_size = 1000;
    s.sampler.steps = 60;
    s.sampler.step_spread = 1;
    s.sampler.drift_limit = 0;
    s.sampler.jump_share = 0;
    s.sampler.box = false;
    return scene;
}

} // namespace ebm::test
