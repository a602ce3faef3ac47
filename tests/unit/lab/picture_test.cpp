#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/tensor.h"
#include "core/data/idx.h"
#include "core/data/picture_set.h"
#include "core/lab/damage.h"
#include "core/lab/laboratory.h"
#include "core/measure/histogram.h"
#include "core/measure/scores.h"
#include "tests/unit/failure.h"
#include "tests/unit/lab/small_scene.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

constexpr int side = 12;

/// 60 pictures of 12 × 12, a tenth of them held out, and a small network.
Scene pictures(const TemporaryFolder& folder) {
    data::IdxArray images{{60, side, side}, {}};
    for (std::uint32_t i = 0; i < 60 * side * side; ++i)
        images.values.push_back(
            static_cast<std::uint8_t>(random::words({3, random::Stream::data, 5, i, 0}, 0)[0] % 200));
    const auto path = folder.path / "pictures.idx";
    files::write_atomically(path, data::format_idx(images));
    Scene scene = small_picture_scene(path.string());
    scene.settings.sampler.noise = 0.05;
    scene.settings.sampler.chains = 6;
    return scene;
}

ChoosePicture held_out(std::int64_t index) {
    ChoosePicture choice;
    choice.source = PictureSource::held_out;
    choice.index = index;
    return choice;
}

StartRestoration right_half() {
    StartRestoration start;
    start.hidden.assign(side * side, 0);
    for (int i = 0; i < side * side; ++i)
        start.hidden[static_cast<std::size_t>(i)] = i % side >= side / 2;
    start.steps = 12;
    start.chains = 3;
    start.seed = 4;
    return start;
}

void show(Laboratory& laboratory, std::initializer_list<View> views) {
    ShownViews shown{};
    for (const View view : views)
        shown[static_cast<std::size_t>(view)] = true;
    laboratory.apply(ShowViews{shown});
}

/// Works until `done`, 10 ms at a time.
template <class Done>
void work_until(Laboratory& laboratory, Done&& done) {
    for (int i = 0; i < 2000 && !done(look(laboratory)); ++i)
        laboratory.work(std::chrono::milliseconds(10));
    DOCTEST_REQUIRE(done(look(laboratory)));
}

std::vector<std::uint8_t> bytes(const std::vector<float>& values) {
    std::vector<std::uint8_t> result;
    for (const float value : values)
        result.push_back(
            static_cast<std::uint8_t>(std::lround((std::clamp(value, -1.0f, 1.0f) + 1) * 127.5f)));
    return result;
}

} // namespace

DOCTEST_TEST_CASE(
    "a score that is asked for is computed at once, and not after the pause of the one before") {
    const TemporaryFolder folder;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{pictures(folder), false});
    show(laboratory, {View::scores});
    work_until(laboratory, [](const Snapshot& s) { return s.scores != nullptr; });
    laboratory.apply(ChangeSetting{"view.score", "mass"});
    laboratory.work(std::chrono::milliseconds(10));
    const Snapshot s = look(laboratory);
    DOCTEST_CHECK(s.scores->score == ScoreKind::mass);
}

DOCTEST_TEST_CASE(
    "damage: only hidden pixels change, noise has its size, and the difference is counted there") {
    Samples grey{200, {false, 1, side, side}, std::vector<float>(200 * side * side, 0.0f)};
    const std::vector<std::uint8_t> hidden = right_half().hidden, all(side * side, 1);
    Samples half = grey;
    hide(half, hidden, 1);
    for (std::size_t i = 0; i < half.values.size(); ++i)
        if (!hidden[i % hidden.size()]) DOCTEST_REQUIRE(half.values[i] == 0);
    // Uniform in −1 … 1: the mean square is 1/3.
    DOCTEST_CHECK(difference_where(grey, half, hidden) == doctest::Approx(std::sqrt(1.0 / 3)).epsilon(0.02));
    DOCTEST_CHECK(difference_where(grey, half, all) == doctest::Approx(std::sqrt(1.0 / 6)).epsilon(0.02));
    Samples noisy = grey;
    add_noise(noisy, 0.2, 1);
    DOCTEST_CHECK(difference_where(grey, noisy, all) == doctest::Approx(0.2).epsilon(0.02));
    // Keyed by the number of the picture.
    Samples first{1, grey.kind, std::vector<float>(side * side, 0.0f)};
    hide(first, hidden, 1);
    DOCTEST_CHECK(std::equal(first.values.begin(), first.values.end(), half.values.begin()));
}

DOCTEST_TEST_CASE("restoration: a chosen picture is restored as the command line does, while it is shown") {
    const TemporaryFolder folder;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{pictures(folder), false});
    laboratory.apply(StepTraining{2});
    show(laboratory, {});
    const StartRestoration start = right_half();
    DOCTEST_CHECK(failure_of([&] { laboratory.apply(start); }).find("No picture is chosen") !=
                  std::string::npos);
    laboratory.apply(held_out(-1)); // the last
    const auto picture = look(laboratory).picture;
    DOCTEST_REQUIRE(picture);
    DOCTEST_CHECK(picture->choice.index == picture->held_out - 1);
    laboratory.apply(start);
    for (int i = 0; i < 3; ++i)
        laboratory.work(std::chrono::milliseconds(5));
    DOCTEST_CHECK(look(laboratory).restoration->step == 0); // not shown
    // What the command line would do, with the model as it is when the restoration begins.
    const Samples all = laboratory.data(true, 0);
    Samples truth{3, laboratory.kind(), {}};
    for (int i = 0; i < 3; ++i)
        truth.values.insert(truth.values.end(), all.values.end() - side * side, all.values.end());
    DOCTEST_CHECK(bytes({truth.values.begin(), truth.values.begin() + side * side}) == picture->pixels);
    Samples damaged = truth;
    hide(damaged, start.hidden, start.seed);
    const Samples restored = laboratory.restore(damaged, start.hidden, start.steps, start.seed, {});

    laboratory.apply(StepTraining{2}); // the restoration stays on the model that it began with
    show(laboratory, {View::restoration});
    work_until(laboratory, [](const Snapshot& s) { return s.restoration->done; });
    const auto view = look(laboratory).restoration;
    DOCTEST_CHECK(view->step == start.steps);
    DOCTEST_CHECK(view->iteration == 2);
    DOCTEST_CHECK(view->damaged == bytes(damaged.values));
    DOCTEST_CHECK(view->pixels == bytes(restored.values));
    DOCTEST_REQUIRE(view->error.size() == 3);
    DOCTEST_CHECK(view->energy.size() == 3);
    double square = 0, before = 0;
    for (int chain = 0; chain < 3; ++chain) {
        square += std::pow(view->error[static_cast<std::size_t>(chain)], 2) / 3;
        before += std::pow(view->error_before[static_cast<std::size_t>(chain)], 2) / 3;
    }
    DOCTEST_CHECK(std::sqrt(square) ==
                  doctest::Approx(difference_where(truth, restored, start.hidden)).epsilon(1e-4));
    DOCTEST_CHECK(std::sqrt(before) ==
                  doctest::Approx(difference_where(truth, damaged, start.hidden)).epsilon(1e-4));
    // An engine that has nothing left to restore sleeps.
    DOCTEST_CHECK(laboratory.work(std::chrono::milliseconds(10)).wait > 0);
    // Another picture has no restoration yet, another scene no picture.
    laboratory.apply(held_out(0));
    DOCTEST_CHECK_FALSE(look(laboratory).restoration);
    laboratory.apply(OpenScene{small_scene(), false});
    DOCTEST_CHECK_FALSE(look(laboratory).picture);
    DOCTEST_CHECK(failure_of([&] { laboratory.apply(held_out(0)); }).find("are points, not pictures") !=
                  std::string::npos);
}

DOCTEST_TEST_CASE(
    "restoration: the picture of a chain stays while the chain goes on; noise, pause, refusals") {
    const TemporaryFolder folder;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{pictures(folder), false});
    show(laboratory, {View::restoration, View::pictures});
    ChoosePicture chain;
    chain.source = PictureSource::chain;
    chain.index = 6;
    DOCTEST_CHECK(failure_of([&] { laboratory.apply(chain); }).find("no chain 6") != std::string::npos);
    chain.index = 5;
    laboratory.apply(chain);
    const std::vector<std::uint8_t> chosen = look(laboratory).picture->pixels;
    laboratory.apply(StepChains{3});
    DOCTEST_CHECK(look(laboratory).picture->pixels == chosen);

    StartRestoration start;
    start.noise = 0.5;
    start.steps = 1000;
    start.chains = 2;
    laboratory.apply(start);
    const auto begun = look(laboratory).restoration;
    // All chains begin at one noisy picture.
    const auto middle = begun->damaged.begin() + side * side;
    DOCTEST_CHECK(std::equal(begun->damaged.begin(), middle, middle));
    DOCTEST_CHECK(begun->error_before[0] == begun->error_before[1]);
    laboratory.apply(PauseRestoration{true});
    laboratory.work(std::chrono::milliseconds(10));
    DOCTEST_CHECK(look(laboratory).restoration->step == 0);
    laboratory.apply(PauseRestoration{false});
    work_until(laboratory, [](const Snapshot& s) { return s.restoration->step > 3; });
    const auto moved = look(laboratory).restoration;
    DOCTEST_CHECK_FALSE(std::equal(moved->pixels.begin(), moved->pixels.begin() + side * side,
                                   moved->pixels.begin() + side * side));
    laboratory.apply(EndRestoration{});
    DOCTEST_CHECK_FALSE(look(laboratory).restoration);

    const auto refused = [&](auto&& change) {
        StartRestoration wrong = right_half();
        change(wrong);
        return failure_of([&] { laboratory.apply(wrong); });
    };
    const auto says = [](const std::string& text, const char* words) {
        return text.find(words) != std::string::npos;
    };
    DOCTEST_CHECK(says(refused([](auto& s) { std::ranges::fill(s.hidden, 0); }), "No pixel is hidden"));
    DOCTEST_CHECK(says(refused([](auto& s) { s.hidden.pop_back(); }), "Give 12 × 12 pixels"));
    DOCTEST_CHECK(says(refused([](auto& s) { s.hidden.clear(), s.noise = 0; }), "no noise"));
    DOCTEST_CHECK(says(refused([](auto& s) { s.chains = 17; }), "17 chains"));
    DOCTEST_CHECK(says(refused([](auto& s) { s.steps = 0; }), "needs a step"));
    DOCTEST_CHECK(says(refused([](auto& s) { s.of_class = 0; }), "no class 0"));
}

DOCTEST_TEST_CASE(
    "nearest: neighbours of the chosen picture and distances of held-out pictures, found once") {
    const TemporaryFolder folder;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{pictures(folder), false});
    const Samples train = laboratory.data(false, 0), held = laboratory.data(true, 0);
    const auto distance = [&](std::int64_t of, std::int64_t to) {
        double sum = 0;
        for (int i = 0; i < side * side; ++i)
            sum += std::pow(static_cast<double>(held.values[static_cast<std::size_t>(of * side * side + i)]) -
                                train.values[static_cast<std::size_t>(to * side * side + i)],
                            2);
        return std::sqrt(sum);
    };
    show(laboratory, {View::nearest});
    laboratory.apply(held_out(1));
    const auto known = [](const Snapshot& s) { return s.nearest && s.nearest->held_out_done >= 1; };
    work_until(laboratory, known);
    const auto view = look(laboratory).nearest;
    DOCTEST_CHECK(view->problem.empty());
    DOCTEST_CHECK(view->training_count == train.count);
    DOCTEST_REQUIRE(view->records.size() == 8);
    // Records of the file, of which some are held out.
    const std::int64_t total = train.count + held.count;
    const std::vector<std::int64_t> out =
        data::held_out_rows(total, static_cast<std::uint64_t>(laboratory.settings().train.seed));
    std::vector<std::int64_t> trained;
    for (std::int64_t record = 0; record < total; ++record)
        if (std::ranges::find(out, record) == out.end()) trained.push_back(record);
    const auto row_of = [&](std::int64_t record) {
        const auto found = std::ranges::find(trained, record);
        DOCTEST_REQUIRE(found != trained.end());
        return static_cast<std::size_t>(found - trained.begin());
    };
    std::vector<double> all;
    for (std::int64_t row = 0; row < train.count; ++row)
        all.push_back(distance(1, row));
    for (std::size_t i = 0; i < 8; ++i)
        DOCTEST_CHECK(view->distances[i] == doctest::Approx(all[row_of(view->records[i])]).epsilon(1e-4));
    std::ranges::sort(all);
    for (std::size_t i = 0; i < 8; ++i)
        DOCTEST_CHECK(view->distances[i] == doctest::Approx(all[i]).epsilon(1e-4));
    const auto row = row_of(view->records[0]) * side * side;
    DOCTEST_CHECK(std::equal(view->pixels.begin(), view->pixels.begin() + side * side,
                             bytes({train.values.begin() + static_cast<std::ptrdiff_t>(row),
                                    train.values.begin() + static_cast<std::ptrdiff_t>(row) + side * side})
                                 .begin()));

    std::vector<float> nearest;
    for (std::int64_t i = 0; i < held.count; ++i) {
        double least = INFINITY;
        for (std::int64_t to = 0; to < train.count; ++to)
            least = std::min(least, distance(i, to));
        nearest.push_back(static_cast<float>(least));
    }
    DOCTEST_CHECK(view->held_out.count == held.count);
    DOCTEST_CHECK(view->held_out.median == doctest::Approx(measure::quantile(nearest, 0.5)).epsilon(1e-4));
    DOCTEST_CHECK(view->held_out.low == doctest::Approx(measure::quantile(nearest, 0.05)).epsilon(1e-4));
    // The command line says the same.
    const HeldOutDistances told = laboratory.held_out_distances();
    DOCTEST_CHECK(told.median == doctest::Approx(view->held_out.median).epsilon(1e-5));
    DOCTEST_CHECK(told.count == view->held_out.count);

    // Nothing is computed again before another picture is chosen, whose held-out distances are known.
    laboratory.work(std::chrono::milliseconds(10));
    DOCTEST_CHECK(look(laboratory).nearest == view);
    DOCTEST_CHECK(laboratory.work(std::chrono::milliseconds(10)).wait > 0);
    laboratory.apply(held_out(2));
    DOCTEST_CHECK_FALSE(look(laboratory).nearest);
    work_until(laboratory, known);
    DOCTEST_CHECK(look(laboratory).nearest->picture == look(laboratory).picture->number);
}

DOCTEST_TEST_CASE(
    "scores of a picture: each that the model has, its place among held-out pictures, or why not") {
    const TemporaryFolder folder;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{pictures(folder), false});
    laboratory.apply(StepTraining{3});
    show(laboratory, {View::nearest});
    laboratory.apply(held_out(3));
    const auto known = [](const Snapshot& s) { return s.picture_scores && s.picture_scores->done >= 1; };
    work_until(laboratory, known);
    const auto scores = look(laboratory).picture_scores;
    DOCTEST_REQUIRE(scores->rows.size() == measure::score_kinds().size());
    DOCTEST_CHECK(scores->picture == look(laboratory).picture->number);
    DOCTEST_CHECK(scores->iteration == 3);
    // Six are held out: every second is compared with, from the first on; the others are for fits.
    DOCTEST_CHECK(scores->compared == 3);
    const auto row = [&](ScoreKind kind) { return scores->rows[static_cast<std::size_t>(kind)]; };
    std::vector<float> energies;
    for (const std::int64_t index : {3, 0, 2, 4}) {
        laboratory.apply(held_out(index));
        work_until(laboratory, known);
        energies.push_back(static_cast<float>(
            -look(laboratory).picture_scores->rows[static_cast<std::size_t>(ScoreKind::energy)].score));
    }
    DOCTEST_CHECK(row(ScoreKind::energy).score == doctest::Approx(-energies[0]));
    int less_alike = 0;
    for (std::size_t i = 1; i < energies.size(); ++i)
        less_alike += energies[i] > energies[0];
    DOCTEST_CHECK(row(ScoreKind::energy).share_below == doctest::Approx(less_alike / 3.0));
    for (const ScoreKind kind : {ScoreKind::mass, ScoreKind::recovery, ScoreKind::complexity,
                                 ScoreKind::denoising, ScoreKind::typicality}) {
        DOCTEST_CAPTURE(measure::score_info(kind).title);
        DOCTEST_CHECK(row(kind).problem.empty());
        DOCTEST_CHECK(std::isfinite(row(kind).score));
        DOCTEST_CHECK(row(kind).share_below >= 0);
        DOCTEST_CHECK(row(kind).share_below <= 1);
    }
    for (const ScoreKind kind : {ScoreKind::class_probability, ScoreKind::log_p, ScoreKind::ensemble,
                                 ScoreKind::density_of_states}) // three pictures are too few to fit that on
        DOCTEST_CHECK_FALSE(row(kind).problem.empty());
}
