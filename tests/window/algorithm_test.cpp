#include "tests/window/stage.h"

#include <algorithm>
#include <cmath>

/// Algorithm 1 and the other panels that its iteration is seen in.
namespace ebm::test {

static void add_algorithm_tests(Stage& stage) {
    stage.test(
        "algorithm", "a click on a negative in Landscape follows it", [&stage](ImGuiTestContext* context) {
            stage.open(context, small_plane());
            stage.show(context, "algorithm");
            for (const char* step : {"###step_line", "###step_line", "###step_sampling"}) {
                context->ItemClick(step);
                context->Yield(4);
            }
            stage.wait(context, "negatives", [](const lab::Snapshot& s) {
                return s.algorithm && s.algorithm->progress.step == 1 && s.algorithm->negatives.size() >= 4;
            });
            stage.show(context, "landscape");
            // One that stands alone: neither chain nor other negative near it.
            const std::vector<float>&negatives = stage.now().algorithm->negatives,
                  &chains = stage.now().chains.positions;
            int alone = -1;
            float widest = 0;
            for (std::size_t i = 0; i + 1 < negatives.size(); i += 2) {
                const auto nearest_of = [&](const std::vector<float>& points) {
                    float nearest = 9;
                    for (std::size_t k = 0; k + 1 < points.size(); k += 2)
                        if (&points != &negatives || k != i)
                            nearest = std::min(nearest, std::hypot(points[k] - negatives[i],
                                                                   points[k + 1] - negatives[i + 1]));
                    return nearest;
                };
                const bool inside = std::abs(negatives[i]) < 3 && std::abs(negatives[i + 1]) < 3;
                const float room = std::min(nearest_of(negatives), nearest_of(chains));
                if (!inside || room <= widest || i == 0) continue;
                widest = room;
                alone = static_cast<int>(i / 2);
            }
            IM_CHECK_GT(widest, 0.15f);
            stage.shell->followed_negative() = 0;
            stage.sent.clear();
            const auto at = 2 * static_cast<std::size_t>(alone);
            context->MouseMoveToPos(of_plane(context, negatives[at], negatives[at + 1]));
            context->MouseClick();
            context->Yield(3);
            IM_CHECK_EQ(stage.shell->followed_negative(), alone);
            IM_CHECK_EQ(stage.count<lab::DropChains>(), 0);
            const std::string told = "Negative " + std::to_string(alone) + ": ";
            stage.show(context, "algorithm");
            IM_CHECK(stage.words(context).find(told) != std::string::npos);
            stage.shell->preferences().open_panels["algorithm"] = false;
        });
}

static const bool added_algorithm = add_tests(add_algorithm_tests);

} // namespace ebm::test
