#include "core/energy/device.h"

#include "fake_card.h"

#include "core/base/error.h"
#include "core/settings/settings.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using tests::FakeCard;

std::shared_ptr<Energy> energy_of(const char* name, const Shape& shape) {
    Settings settings;
    settings.model.energy = name;
    return make_energy(settings, shape, 1);
}

} // namespace

DOCTEST_TEST_CASE("Device: cpu is the CPU without a word, auto says why there is no GPU") {
    const ComputeDevice cpu = open_device("cpu");
    DOCTEST_CHECK(!cpu.gpu);
    DOCTEST_CHECK(cpu.note.empty());
    const ComputeDevice automatic = open_device("auto"); // the tests' main hides cards
    DOCTEST_CHECK(!automatic.gpu);
    DOCTEST_CHECK(automatic.note.rfind("The CPU computes: ", 0) == 0);
    DOCTEST_CHECK(automatic.note.back() == '.');
    DOCTEST_CHECK_THROWS_AS(open_device("gpu"), Error);
    DOCTEST_CHECK(device_name(nullptr) == "CPU");
}

DOCTEST_TEST_CASE("Device: a network and its clones move to the card with their weights") {
    const auto card = std::make_shared<FakeCard>();
    ComputeDevice device{card, true};
    for (const auto& energy :
         {energy_of("mlp", {2}), energy_of("conv", {1, 28, 28}), energy_of("residual", {1, 8, 8})}) {
        const int before = card->made;
        const torch::NoGradGuard no_graph;
        Shape shape = energy->sample_shape();
        shape.insert(shape.begin(), 5);
        const torch::Tensor x = torch::rand(shape);
        const torch::Tensor expected = energy->value(x);
        move_to(device, *energy);
        DOCTEST_CHECK(energy->gpu() == card.get());
        DOCTEST_CHECK(device_name(energy->gpu()) == "Fake card");
        DOCTEST_CHECK(torch::allclose(energy->value(x), expected, 1e-4, 1e-6));
        const auto clone = energy->clone();
        DOCTEST_CHECK(clone->gpu() == card.get());
        DOCTEST_CHECK(torch::equal(clone->value(x), energy->value(x)));
        DOCTEST_CHECK(card->made == before + 2);
        energy->compute_on(nullptr);
        DOCTEST_CHECK(energy->gpu() == nullptr);
        DOCTEST_CHECK(torch::equal(energy->value(x), expected));
        DOCTEST_CHECK(device.note.empty());
    }
}

DOCTEST_TEST_CASE(
    "Device: what the card refuses stays on the CPU and is said, unless the card was asked for") {
    const auto energy = energy_of("mlp", {2});
    ComputeDevice device{std::make_shared<FakeCard>(true), false};
    move_to(device, *energy);
    DOCTEST_CHECK(energy->gpu() == nullptr);
    DOCTEST_CHECK(device.note == "The CPU computes: the network is too large for this card (network).");
    device.required = true;
    DOCTEST_CHECK_THROWS_AS(move_to(device, *energy), Error);
    ComputeDevice accepting{std::make_shared<FakeCard>(), true};
    move_to(accepting, *energy_of("ring", {2}));
    DOCTEST_CHECK(accepting.note == "The CPU computes: this kind of energy has no GPU kernel.");
}

DOCTEST_TEST_CASE("Device: a card that computes other energies than the CPU is not used") {
    const auto card = std::make_shared<FakeCard>();
    card->wrong = true;
    const auto energy = energy_of("conv", {1, 28, 28});
    ComputeDevice device{card, false};
    move_to(device, *energy);
    DOCTEST_CHECK(energy->gpu() == nullptr);
    DOCTEST_CHECK(device.note.rfind("The CPU computes: the Fake card computes other energies", 0) == 0);
    device.required = true;
    DOCTEST_CHECK_THROWS_AS(move_to(device, *energy), Error);
    DOCTEST_CHECK(energy->gpu() == nullptr);
    device.tolerance = 0.2; // a rounding that somebody chose
    move_to(device, *energy);
    DOCTEST_CHECK(energy->gpu() == card.get());
}

DOCTEST_TEST_CASE("Device: power iteration in every step stays on the CPU, and is said") {
    Settings settings;
    settings.model.energy = "residual";
    settings.model.normalisation = Normalisation::spectral;
    settings.model.spectral_every_step = true;
    const auto energy = make_energy(settings, {1, 8, 8}, 1);
    ComputeDevice device{std::make_shared<FakeCard>(), false};
    move_to(device, *energy);
    DOCTEST_CHECK(energy->gpu() == nullptr);
    DOCTEST_CHECK(device.note.find("spectral_every_step") != std::string::npos);
    device.required = true;
    DOCTEST_CHECK_THROWS_AS(move_to(device, *energy), Error);
}
