#include "emulated_pair.h"

#include "core/base/error.h"
#include "core/cuda/cache.h"
#include "core/cuda/kernel.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>

#include <unistd.h>

// The host's side of the GPU part on a driver that is not there: memory is the host's, and a launch runs the
// kernel on emulated blocks.

namespace {

using namespace ebm;
using network::perceptron_graph;
using network::tutorial_graph;

struct FakeCard {
    int shared_bytes = 232448, driver = 13000, devices = 1, architecture = 90;
    CUresult next_launch = CUDA_SUCCESS;
    std::function<void(const std::string& kernel, int blocks, int threads, int shared_bytes, void* arguments)>
        launch;
    int launches = 0, allocations = 0;
    std::string loaded; ///< the code of the last module
    /// The calls from this one on fail with `error`: all of them if it lasts, else the first.
    int calls = 0, failing_call = -1;
    bool lasts = false;
    CUresult error = CUDA_SUCCESS;

    bool fails() {
        const int call = calls++;
        return failing_call >= 0 && (lasts ? call >= failing_call : call == failing_call);
    }
};
FakeCard card;

const char* const kernel_names[] = {"evaluate_kernel", "run_kernel", "gradient_kernel", "pack_kernel",
                                    "sum_kernel"};

cuda::DriverFunctions driver_that_works() {
    cuda::DriverFunctions f;
    const auto ok = [](auto...) { return CUDA_SUCCESS; };
    f.cuInit = ok;
    f.cuDriverGetVersion = [](int* version) {
        *version = card.driver;
        return CUDA_SUCCESS;
    };
    f.cuDeviceGetCount = [](int* count) {
        *count = card.devices;
        return CUDA_SUCCESS;
    };
    f.cuDeviceGet = ok;
    f.cuDeviceGetName = [](char* name, int, CUdevice) {
        std::strcpy(name, "Fake card");
        return CUDA_SUCCESS;
    };
    f.cuDeviceGetAttribute = [](int* value, CUdevice_attribute attribute, CUdevice) {
        *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR            ? card.architecture / 10
                 : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR          ? card.architecture % 10
                 : attribute == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN ? card.shared_bytes
                                                                                      : 2;
        return CUDA_SUCCESS;
    };
    f.cuDevicePrimaryCtxRetain = ok;
    f.cuDevicePrimaryCtxRelease_v2 = ok;
    f.cuCtxSetCurrent = ok;
    f.cuModuleLoadData = [](CUmodule*, const void* code) {
        card.loaded = static_cast<const char*>(code);
        return CUDA_SUCCESS;
    };
    f.cuModuleUnload = ok;
    f.cuModuleGetFunction = [](CUfunction* function, CUmodule, const char* name) {
        for (const char* const& known : kernel_names)
            if (std::string(known) == name)
                *function = reinterpret_cast<CUfunction>(const_cast<char*>(known));
        return CUDA_SUCCESS;
    };
    f.cuFuncSetAttribute = ok;
    f.cuOccupancyMaxActiveBlocksPerMultiprocessor = [](int* blocks, CUfunction, int, std::size_t) {
        *blocks = 1;
        return CUDA_SUCCESS;
    };
    f.cuLaunchKernel = [](CUfunction function, unsigned blocks, unsigned, unsigned, unsigned threads,
                          unsigned, unsigned, unsigned shared_bytes, CUstream, void** arguments, void**) {
        ++card.launches;
        if (card.next_launch == CUDA_SUCCESS)
            card.launch(reinterpret_cast<const char*>(function), static_cast<int>(blocks),
                        static_cast<int>(threads), static_cast<int>(shared_bytes), arguments[0]);
        return std::exchange(card.next_launch, CUDA_SUCCESS);
    };
    f.cuMemAlloc_v2 = [](CUdeviceptr* place, std::size_t bytes) {
        ++card.allocations;
        *place = reinterpret_cast<CUdeviceptr>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
        return CUDA_SUCCESS;
    };
    f.cuMemFree_v2 = [](CUdeviceptr place) {
        --card.allocations;
        std::free(reinterpret_cast<void*>(place));
        return CUDA_SUCCESS;
    };
    f.cuMemHostAlloc = [](void** place, std::size_t bytes, unsigned) {
        *place = std::malloc(bytes);
        return CUDA_SUCCESS;
    };
    f.cuMemFreeHost = [](void* place) {
        std::free(place);
        return CUDA_SUCCESS;
    };
    f.cuMemcpyHtoDAsync_v2 = [](CUdeviceptr to, const void* from, std::size_t bytes, CUstream) {
        std::memcpy(reinterpret_cast<void*>(to), from, bytes);
        return CUDA_SUCCESS;
    };
    f.cuMemcpyDtoHAsync_v2 = [](void* to, CUdeviceptr from, std::size_t bytes, CUstream) {
        std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
        return CUDA_SUCCESS;
    };
    f.cuStreamCreate = ok;
    f.cuStreamDestroy_v2 = ok;
    f.cuStreamSynchronize = ok;
    f.cuGetErrorString = [](CUresult, const char** words) {
        *words = "in words";
        return CUDA_SUCCESS;
    };
    return f;
}

/// Any call may fail. Memory is given back all the same, so that a leak shows.
template <auto function, class... Arguments>
CUresult call(Arguments... arguments) {
    static const cuda::DriverFunctions works = driver_that_works();
    constexpr auto is = [](auto other) {
        if constexpr (std::is_same_v<decltype(other), decltype(function)>)
            return other == function;
        else
            return false;
    };
    constexpr bool frees =
        is(&cuda::DriverFunctions::cuMemFree_v2) || is(&cuda::DriverFunctions::cuMemFreeHost);
    const bool fails = card.fails();
    if (fails && !frees) return card.error;
    const CUresult result = (works.*function)(arguments...);
    return fails ? card.error : result;
}
template <auto function, class... Arguments>
auto call_of(CUresult (*)(Arguments...)) {
    return &call<function, Arguments...>;
}

cuda::DriverFunctions fake_driver() {
    cuda::DriverFunctions f;
#define EBM_CALL(name) f.name = call_of<&cuda::DriverFunctions::name>(f.name);
    EBM_DRIVER_FUNCTIONS(EBM_CALL)
#undef EBM_CALL
    return f;
}

/// Runs the kernels of N for the host.
template <class N>
void launch_emulated(const std::string& kernel, int blocks, int threads, int shared_bytes, void* arguments) {
    const auto body = [&](auto type, auto work) {
        DOCTEST_CHECK(threads == N::shape.threads);
        const auto& a = *static_cast<const decltype(type)*>(arguments);
        emulation::launch(blocks, threads, shared_bytes, [&] { work(a); });
    };
    const auto table = [&](auto type, auto work) {
        for (int i = 0; i < blocks * threads; ++i)
            work(*static_cast<const decltype(type)*>(arguments), i);
    };
    if (kernel == "evaluate_kernel")
        body(cuda::EvaluateArguments{}, [](const auto& a) { cuda::evaluate_batch<N>(a); });
    else if (kernel == "run_kernel")
        body(cuda::RunArguments{}, [](const auto& a) { cuda::run_chains<N>(a); });
    else if (kernel == "gradient_kernel")
        body(cuda::GradientArguments{}, [](const auto& a) { cuda::gradient_sums<N>(a); });
    else if (kernel == "pack_kernel")
        table(cuda::PackArguments{}, [](const auto& a, int i) { cuda::pack_weights(a, i); });
    else
        table(cuda::SumArguments{}, [](const auto& a, int i) { cuda::sum_groups(a, i); });
}

/// A card whose compiled kernels lie in the cache already.
template <class N>
struct Host {
    Host(const network::Graph& graph, int shared_bytes, unsigned seed)
        : Host(graph, shared_bytes, seed, false) {
        open();
    }
    /// Without a kernel, for tests that open it themselves.
    Host(const network::Graph& graph, int shared_bytes, unsigned seed, bool)
        : plan(cuda::make_plan(stack_of(graph), shared_bytes)),
          folder(std::filesystem::temp_directory_path() / ("ebmlab-gpu-" + std::to_string(getpid()))),
          pair(graph, seed) {
        card = {};
        card.shared_bytes = shared_bytes;
        card.launch = launch_emulated<N>;
        setenv("XDG_CACHE_HOME", folder.c_str(), 1);
        const std::string network = cuda::network_source(plan.shape);
        DOCTEST_REQUIRE(network == cuda::network_source(N::shape));
        key = cuda::Compiler().key(network, card.architecture);
        cuda::write_cache(cuda::cache_folder(), key, "code");
    }
    void open() {
        gpu = std::make_shared<cuda::Gpu>(fake_driver());
        kernel = std::make_unique<cuda::Kernel>(gpu, plan);
        kernel->pack(pair.pointers);
    }
    void close() {
        kernel.reset();
        gpu.reset();
    }
    ~Host() {
        close();
        std::filesystem::remove_all(folder);
        unsetenv("XDG_CACHE_HOME");
        DOCTEST_CHECK(card.allocations == 0);
    }

    cuda::Plan plan;
    std::filesystem::path folder;
    std::string key; ///< of its kernels in the cache
    Pair<N> pair;
    std::shared_ptr<cuda::Gpu> gpu;
    std::unique_ptr<cuda::Kernel> kernel;
};

template <class N>
void compare(Host<N>& host, int n, unsigned seed) {
    DOCTEST_CAPTURE(n);
    const std::vector<float> start = host.pair.samples(n, seed);
    const auto size = static_cast<std::size_t>(n);
    std::vector<float> expected(size), energy(size, NAN), expected_gradient(start.size()),
        gradient(start.size(), NAN);
    host.pair.cpu.evaluate(start.data(), nullptr, n, expected.data(), expected_gradient.data(), 1);
    host.kernel->evaluate(start.data(), n, energy.data(), gradient.data());
    DOCTEST_CHECK(relative_error(energy, expected) < 1e-5);
    DOCTEST_CHECK(relative_error(gradient, expected_gradient) < 1e-5);
    std::fill(energy.begin(), energy.end(), NAN);
    host.kernel->evaluate(start.data(), n, energy.data(), nullptr);
    DOCTEST_CHECK(relative_error(energy, expected) < 1e-5);

    for (const kernels::Rule rule : {kernels::Rule::published, kernels::Rule::mala}) {
        for (const int steps : {3, 0}) {
            kernels::StepSettings settings{rule, 0.1f, 0.1f, 2.0f};
            settings.jump_share = 0.2f;
            const random::Place first{5, random::Stream::noise, 2, 30, 7};
            std::vector<float> x = start, expected_x = start, norm(size, -1), expected_norm(size, -1);
            std::vector<std::uint8_t> accepted(size, 7), expected_accepted(size, 7);
            kernels::StepReport report, expected_report;
            std::fill(energy.begin(), energy.end(), -1.0f);
            std::fill(expected.begin(), expected.end(), -1.0f);
            host.pair.cpu.run(expected_x.data(), nullptr, n, settings, first, steps, 1, expected.data(),
                              expected_norm.data(), expected_report, expected_accepted.data());
            host.kernel->run(x.data(), n, settings, first, steps, energy.data(), norm.data(), report,
                             accepted.data());
            DOCTEST_CHECK(relative_error(x, expected_x) < 1e-4);
            DOCTEST_CHECK(relative_error(energy, expected) < 1e-4);
            DOCTEST_CHECK(relative_error(norm, expected_norm) < 1e-3);
            DOCTEST_CHECK(accepted == expected_accepted);
            DOCTEST_CHECK(report.chain_steps == expected_report.chain_steps);
            DOCTEST_CHECK(report.elements == expected_report.elements);
            DOCTEST_CHECK(report.jumps == expected_report.jumps);
            DOCTEST_CHECK(report.gradient_norm ==
                          doctest::Approx(expected_report.gradient_norm).epsilon(1e-4));
            std::vector<float> again = start;
            host.kernel->run(again.data(), n, settings, first, steps, nullptr, nullptr, report, nullptr);
            DOCTEST_CHECK(again == x);
        }
    }

    const std::vector<float> coefficients = normal_numbers(size, 1, seed + 1);
    std::vector<std::vector<float>> sums, expected_sums;
    std::vector<float*> places, expected_places;
    for (const auto& parameter : host.pair.parameters) {
        sums.emplace_back(parameter.size(), NAN);
        expected_sums.emplace_back(parameter.size());
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
        places.push_back(sums[i].data());
        expected_places.push_back(expected_sums[i].data());
    }
    host.pair.cpu.parameter_gradient(start.data(), nullptr, n, coefficients.data(), 0.02f, expected.data(),
                                     expected_places, 1);
    host.kernel->parameter_gradient(start.data(), n, coefficients.data(), 0.02f, energy.data(), places);
    DOCTEST_CHECK(relative_error(energy, expected) < 1e-5);
    for (std::size_t i = 0; i < sums.size(); ++i)
        DOCTEST_CHECK(relative_error(sums[i], expected_sums[i]) < 1e-5);
}

struct Points {
    static constexpr cuda::Shape shape = on(mlp(2, {24, 17}), 256, 8, true, true, 8192);
};
struct WidePoints {
    static constexpr cuda::Shape shape = on(mlp(2, {200, 200}), 256, 8, false, false, 8192);
};
struct Images {
    static constexpr cuda::Shape shape = on(conv_net(2, 9, 10, {6, 8}, 12), 512, 1, true, true, 8192);
};

const network::Graph points = perceptron_graph({2, {24, 17}, Activation::silu, 1.5f, 4.0f, 1.5f});

std::string refusal(const FakeCard& described) {
    card = described;
    try {
        cuda::Gpu gpu(fake_driver());
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

} // namespace

DOCTEST_TEST_CASE("GPU host: points, with weights in shared memory") {
    Host<Points> host(points, 232448, 80);
    DOCTEST_CHECK(host.kernel->name() == "fused CUDA sm_90");
    compare(host, 1, 81);
    compare(host, 29, 82);
}

DOCTEST_TEST_CASE("GPU host: a batch in slices and steps in several launches change nothing") {
    Host<Points> host(points, 232448, 83);
    host.gpu->copied_bytes = 10 * 2 * sizeof(float); // one tile of 8
    const int before = card.launches;
    compare(host, 29, 84);
    DOCTEST_CHECK(card.launches - before > 4 * 10);
    host.gpu->copied_bytes = 1 << 20;
    host.gpu->launched_operations =
        cuda::make_plan(stack_of(points), 232448).operations() * 29 * 2; // two steps
    compare(host, 29, 85);
}

DOCTEST_TEST_CASE("GPU host: values in the workspace") {
    Host<WidePoints> host(perceptron_graph({2, {200, 200}}), 40000, 86);
    compare(host, 40, 87);
}

DOCTEST_TEST_CASE("GPU host: images") {
    Host<Images> host(tutorial_graph({2, 9, 10}, {6, 8}, 12), 232448, 88);
    compare(host, 3, 89);
}

DOCTEST_TEST_CASE("GPU host: no samples, new weights, contradictions and failures") {
    Host<Points> host(points, 232448, 90);
    const std::vector<float> x = host.pair.samples(5, 91);
    std::vector<float> energy(5), expected(5);
    host.kernel->evaluate(nullptr, 0, nullptr, nullptr);
    std::vector<std::vector<float>> sums;
    std::vector<float*> places;
    for (const auto& parameter : host.pair.parameters)
        sums.emplace_back(parameter.size(), NAN);
    for (auto& sum : sums)
        places.push_back(sum.data());
    host.kernel->parameter_gradient(nullptr, 0, nullptr, 0, nullptr, places);
    for (const auto& sum : sums)
        for (const float value : sum)
            DOCTEST_CHECK(value == 0.0f);

    host.pair.parameters[0][3] += 2.0f;
    host.kernel->pack(host.pair.pointers);
    host.pair.cpu.pack(host.pair.pointers);
    host.kernel->evaluate(x.data(), 5, energy.data(), nullptr);
    host.pair.cpu.evaluate(x.data(), nullptr, 5, expected.data(), nullptr, 1);
    DOCTEST_CHECK(relative_error(energy, expected) < 1e-5);
    DOCTEST_CHECK_THROWS_AS(host.kernel->pack(std::span(host.pair.pointers).first(2)), Error);

    kernels::StepSettings settings;
    settings.box = false;
    settings.jump_share = 0.1f;
    std::vector<float> moved = x;
    kernels::StepReport report;
    DOCTEST_CHECK_THROWS_AS(
        host.kernel->run(moved.data(), 5, settings, {}, 2, nullptr, nullptr, report, nullptr), Error);
    card.next_launch = CUDA_ERROR_LAUNCH_FAILED;
    DOCTEST_CHECK_THROWS_AS(host.kernel->evaluate(x.data(), 5, energy.data(), nullptr), Error);
    host.kernel->evaluate(x.data(), 5, energy.data(), nullptr);
    DOCTEST_CHECK(relative_error(energy, expected) < 1e-5);
}

DOCTEST_TEST_CASE("GPU host: why a GPU cannot be used is a sentence") {
    FakeCard old_driver, no_device, old_card, good;
    old_driver.driver = 12040;
    no_device.devices = 0;
    old_card.architecture = 61;
    DOCTEST_CHECK(refusal(old_driver).find("speaks CUDA 12.4") != std::string::npos);
    DOCTEST_CHECK(refusal(no_device).find("sees no GPU") != std::string::npos);
    DOCTEST_CHECK(refusal(old_card).find("too old") != std::string::npos);
    DOCTEST_CHECK(refusal(good).empty());
}

DOCTEST_TEST_CASE(
    "GPU host: whichever call of the driver fails, once or for good, it is a sentence and nothing moves") {
    Host<Points> host(points, 232448, 92, false);
    const std::vector<float> start = host.pair.samples(9, 93);
    const std::vector<float> coefficients(9, 1.0f);
    std::vector<float> energy(9);
    std::vector<std::vector<float>> sums;
    std::vector<float*> places;
    for (const auto& parameter : host.pair.parameters)
        sums.emplace_back(parameter.size());
    for (auto& sum : sums)
        places.push_back(sum.data());
    std::vector<float> x;
    const auto life = [&] {
        host.open();
        host.kernel->evaluate(start.data(), 9, energy.data(), nullptr);
        kernels::StepReport report;
        host.kernel->run(x.data(), 9, {kernels::Rule::mala, 0.1f, 0.1f, 2.0f}, {}, 2, nullptr, nullptr,
                         report, nullptr);
        host.kernel->parameter_gradient(start.data(), 9, coefficients.data(), 0, energy.data(), places);
    };
    x = start;
    life();
    const std::vector<float> moved = x;
    host.close();
    for (const CUresult error :
         {CUDA_ERROR_OUT_OF_MEMORY, CUDA_ERROR_LAUNCH_FAILED, CUDA_ERROR_DEVICE_UNAVAILABLE})
        for (const bool lasts : {false, true}) {
            int sentences = 0;
            for (int failing = 0;; ++failing) {
                DOCTEST_CAPTURE(failing);
                card.error = error;
                card.lasts = lasts;
                card.failing_call = failing;
                card.calls = 0;
                x = start;
                bool failed = false;
                try {
                    life();
                } catch (const Error& problem) {
                    failed = true;
                    ++sentences;
                    DOCTEST_CHECK((x == start || x == moved));
                    DOCTEST_CHECK(std::string(problem.what()).find('\n') == std::string::npos);
                    DOCTEST_CHECK_FALSE(problem.what_to_do.empty());
                }
                if (lasts && failed) // it is gone, and whoever tries again hears it again
                    DOCTEST_CHECK_THROWS_AS(host.open(), Error);
                host.close();
                DOCTEST_CHECK(card.allocations == 0);
                if (!failed && card.calls <= failing) break;
            }
            DOCTEST_CHECK(sentences > 20);
        }
    card.failing_call = -1;
}

DOCTEST_TEST_CASE("GPU host: what lies damaged in the cache is compiled again and never reaches the driver") {
    Host<Points> host(points, 232448, 94);
    DOCTEST_CHECK(card.loaded == "code");
    const std::filesystem::path file = cuda::cache_folder() / host.key;
    for (const bool cut : {true, false}) {
        host.close();
        if (cut)
            std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
        else // what an earlier program or anybody else would leave
            std::ofstream(file, std::ios::binary) << "code";
        card.loaded.clear();
        host.open();
        DOCTEST_CHECK(card.loaded.substr(1, 3) == "ELF");
        DOCTEST_CHECK(cuda::read_cache(cuda::cache_folder(), host.key)->substr(1, 3) == "ELF");
    }
}
