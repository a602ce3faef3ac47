#include "app/panels/lit_slots.h"
#include "tests/window/stage.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <sstream>

namespace ebm::test {

static void add_buffer_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene) {
        stage.open(context, scene);
        stage.train(context);
        stage.show(context, "replay_buffer");
        stage.sent.clear();
    };

    stage.test("replay_buffer", "what shows the oldest first holds whatever was chosen before",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_plane());
                   context->ItemClick("direction/##button");
                   stage.shell->preferences().open_panels["replay_buffer"] = false;
                   context->Yield(3);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_P);
                   context->Yield(3);
                   context->KeyChars("Oldest of the replay");
                   context->Yield(3);
                   context->KeyPress(ImGuiKey_Enter);
                   stage.wait(context, "the oldest first", [](const lab::Snapshot& s) {
                       return s.buffer && s.buffer->query.order == lab::BufferOrder::age &&
                              s.buffer->query.descending;
                   });
                   IM_CHECK(std::ranges::is_sorted(stage.now().buffer->age, std::greater()));
                   IM_CHECK(stage.shell->is_in_front("replay_buffer"));
                   context->ItemClick("direction/##button");
                   stage.wait(context, "the youngest first",
                              [](const lab::Snapshot& s) { return !s.buffer->query.descending; });
               });

    stage.test("replay_buffer", "sorting shows the lowest energies, turned round the highest",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_images());
                   context->ComboClick("##order/by energy");
                   const auto ordered = [](const lab::Snapshot& s, bool descending) {
                       const auto& e = s.buffer->energy;
                       return s.buffer->query.order == lab::BufferOrder::energy &&
                              s.buffer->query.descending == descending && e.size() > 10 &&
                              (descending ? e[0] > e[10] : e[0] < e[10]);
                   };
                   stage.wait(context, "the lowest first", [&](const auto& s) { return ordered(s, false); });
                   IM_CHECK_EQ(stage.count<lab::BrowseBuffer>(), 1);
                   context->ItemClick("**/direction/##button");
                   stage.wait(context, "the highest first", [&](const auto& s) { return ordered(s, true); });
                   context->ItemClick("**/direction/##button");
                   context->ComboClick("##order/by slot");
                   stage.wait(context, "by slot", [&](const lab::Snapshot& s) {
                       return s.buffer->query.order == lab::BufferOrder::slot;
                   });
               });

    stage.test("replay_buffer", "next page", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        context->ItemClick("**/next/##button");
        stage.wait(context, "page 2", [](const lab::Snapshot& s) { return s.buffer->query.page == 1; });
        context->ItemClick("**/previous/##button");
        stage.wait(context, "page 1", [](const lab::Snapshot& s) { return s.buffer->query.page == 0; });
    });

    stage.test("replay_buffer", "a click sends one to the chains, several are sent together",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_images());
                   stage.enter(context, "replay_buffer", "pictures");
                   const std::size_t elements = static_cast<std::size_t>(stage.now().kind.elements());
                   const std::vector<std::uint8_t> from = stage.now().buffer->pixels;
                   IM_CHECK(from.size() >= 7 * elements);
                   context->ItemClick("$$6/picture");
                   IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
                   IM_CHECK(stage.newest<lab::SendToChains>().slots == std::vector<std::int64_t>{6});
                   stage.show(context, "samples");
                   stage.wait(context, "chain 0 is that picture", [&](const lab::Snapshot& s) {
                       return s.chains.pixels.size() >= elements &&
                              std::equal(s.chains.pixels.begin(),
                                         s.chains.pixels.begin() + static_cast<std::ptrdiff_t>(elements),
                                         from.begin() + static_cast<std::ptrdiff_t>(6 * elements));
                   });
                   stage.show(context, "replay_buffer");
                   stage.enter(context, "replay_buffer", "pictures");
                   stage.sent.clear();
                   context->KeyDown(ImGuiMod_Ctrl);
                   context->ItemClick("$$1/picture");
                   context->ItemClick("$$3/picture");
                   context->KeyUp(ImGuiMod_Ctrl);
                   IM_CHECK_EQ(stage.count<lab::SendToChains>(), 0);
                   context->SetRef("//###replay_buffer");
                   context->ItemClick("**/###send");
                   IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
                   IM_CHECK(stage.newest<lab::SendToChains>().slots == (std::vector<std::int64_t>{1, 3}));
               });

    stage.test("replay_buffer", "a row of the plane is sent", [&stage, open](ImGuiTestContext* context) {
        open(context, small_plane());
        const std::int64_t slot = stage.now().buffer->slots[1];
        context->ItemClick(("**/$$" + std::to_string(slot) + "/##row").c_str());
        IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
        IM_CHECK(stage.newest<lab::SendToChains>().slots == std::vector<std::int64_t>{slot});
    });

    // What is lit is compared with the engine's record of slots, and that with what changed in the buffer.
    const auto follow = [&stage](ImGuiTestContext* context, lab::Scene scene) {
        scene.settings.buffer.reinit_share = 0.3;
        stage.open(context, scene);
        stage.train(context, 3);
        stage.show(context, "algorithm");
        stage.show(context, "replay_buffer");
        const auto everything = [&](lab::BufferFilter filter) {
            stage.send(lab::BrowseBuffer{{.filter = filter, .page_size = 1024}});
            stage.wait(context, "the page", [&](const lab::Snapshot& s) {
                return s.buffer && s.buffer->query.page_size == 1024 && s.buffer->query.filter == filter;
            });
        };
        const auto ages = [&stage] {
            std::map<std::int64_t, std::int64_t> found;
            const lab::BufferView& buffer = *stage.now().buffer;
            for (std::size_t i = 0; i < buffer.slots.size(); ++i)
                found[buffer.slots[i]] = buffer.age[i];
            return found;
        };
        const auto lit_of_record = [&stage] {
            std::map<std::int64_t, panels::LitSlots::Mark> lit;
            const lab::AlgorithmView& record = *stage.now().algorithm;
            for (std::size_t i = 0; i < record.slots.size(); ++i)
                lit[record.slots[i]] =
                    record.fresh[i] ? panels::LitSlots::Mark::fresh : panels::LitSlots::Mark::continued;
            return lit;
        };
        // The words at the entries that are on screen, each of which is lit.
        const auto words_are = [&](const char* continued) {
            const std::string text = stage.words(context);
            std::istringstream words(text.substr(text.find(panels::lit_slots(stage.now()).sentence())));
            std::map<std::string, int> seen;
            for (std::string word; words >> word;)
                ++seen[word];
            IM_CHECK_GT(seen[continued], 0);
            IM_CHECK_GT(seen["new"], 0);
            IM_CHECK_LE(seen[continued] + seen["new"], static_cast<int>(lit_of_record().size()));
        };

        everything(lab::BufferFilter::all);
        const auto before = ages();
        IM_CHECK(panels::lit_slots(stage.now()).event == panels::LitSlots::Event::none);
        stage.send(lab::StepAlgorithm{Stride::line});
        stage.wait(context, "data", [](const lab::Snapshot& s) {
            return s.algorithm && s.algorithm->progress.phase == Phase::start;
        });
        IM_CHECK(panels::lit_slots(stage.now()).event == panels::LitSlots::Event::none);
        stage.send(lab::StepAlgorithm{Stride::line});
        stage.wait(context, "negatives", [](const lab::Snapshot& s) {
            return s.algorithm && s.algorithm->progress.phase == Phase::sample;
        });
        panels::LitSlots lit = panels::lit_slots(stage.now());
        IM_CHECK(lit.event == panels::LitSlots::Event::drawn);
        IM_CHECK(lit.newest);
        IM_CHECK(lit.slots == lit_of_record());
        context->SetRef("//###replay_buffer");
        context->ItemClick("**/filter/Drawn");
        stage.wait(context, "the drawn ones", [&](const lab::Snapshot& s) {
            return s.buffer->query.filter == lab::BufferFilter::drawn &&
                   s.buffer->matching == static_cast<std::int64_t>(lit.slots.size());
        });
        for (const std::int64_t slot : stage.now().buffer->slots)
            IM_CHECK(lit.mark(slot) != panels::LitSlots::Mark::none);
        IM_CHECK(stage.words(context).find(lit.sentence()) != std::string::npos);
        words_are("drawn");
        stage.send(lab::StepAlgorithm{Stride::sampling_step});
        stage.wait(context, "a step", [](const lab::Snapshot& s) { return s.algorithm->progress.step == 1; });
        IM_CHECK(!panels::lit_slots(stage.now()).newest);
        IM_CHECK(panels::lit_slots(stage.now()).slots == lit.slots);
        stage.send(lab::StepAlgorithm{Stride::iteration});
        stage.wait(context, "the iteration", [](const lab::Snapshot& s) { return s.algorithm->whole; });
        lit = panels::lit_slots(stage.now());
        IM_CHECK(lit.event == panels::LitSlots::Event::put_back);
        IM_CHECK(lit.newest);
        IM_CHECK(lit.slots == lit_of_record());
        words_are("back");
        everything(lab::BufferFilter::all);
        stage.wait(context, "ages", [&](const lab::Snapshot&) { return ages() != before; });
        const std::int64_t steps = stage.now().in_force.sampler.steps;
        for (const auto& [slot, age] : ages()) {
            const panels::LitSlots::Mark mark = lit.mark(slot);
            const std::int64_t expected = mark == panels::LitSlots::Mark::none    ? before.at(slot)
                                          : mark == panels::LitSlots::Mark::fresh ? steps
                                                                                  : before.at(slot) + steps;
            IM_CHECK_EQ(age, expected);
        }
        stage.shell->preferences().open_panels["algorithm"] = false;
        stage.wait(context, "no record", [](const lab::Snapshot& s) { return !s.algorithm; });
        context->Yield(4);
        IM_CHECK(!context->ItemExists("//###replay_buffer/**/filter/Drawn"));
    };
    stage.test("replay_buffer", "slots of pictures light up with the lines of Algorithm 1",
               [follow](ImGuiTestContext* context) { follow(context, small_images()); });
    stage.test("replay_buffer", "slots of a plane light up with the lines of Algorithm 1",
               [follow](ImGuiTestContext* context) { follow(context, small_plane()); });
    stage.test(
        "replay_buffer",
        "slots that are taken in turn light up where negatives are drawn and where they are added",
        [&stage](ImGuiTestContext* context) {
            lab::Scene scene = small_plane();
            scene.settings.buffer.order = SlotOrder::fifo;
            scene.settings.buffer.reinit_share = 0.3;
            stage.open(context, scene);
            stage.train(context, 4);
            stage.show(context, "algorithm");
            stage.show(context, "replay_buffer");
            stage.send(lab::StepAlgorithm{Stride::line});
            stage.send(lab::StepAlgorithm{Stride::line});
            stage.wait(context, "negatives", [](const lab::Snapshot& s) {
                return s.algorithm && s.algorithm->progress.phase == Phase::sample;
            });
            const lab::AlgorithmView drawn = *stage.now().algorithm;
            panels::LitSlots lit = panels::lit_slots(stage.now());
            const auto count = static_cast<std::int64_t>(drawn.slots.size());
            IM_CHECK_EQ(lit.all, count);
            IM_CHECK_EQ(lit.fresh, drawn.fresh_count);
            IM_CHECK_GT(lit.fresh, 0);
            for (std::size_t i = 0; i < drawn.slots.size(); ++i)
                IM_CHECK(drawn.fresh[i] || lit.mark(drawn.slots[i]) == panels::LitSlots::Mark::continued);
            IM_CHECK(stage.words(context).find(lit.sentence()) != std::string::npos);
            stage.send(lab::StepAlgorithm{Stride::iteration});
            stage.wait(context, "the iteration",
                       [](const lab::Snapshot& s) { return s.algorithm && s.algorithm->whole; });
            lit = panels::lit_slots(stage.now());
            IM_CHECK_EQ(static_cast<std::int64_t>(lit.slots.size()), count);
            for (std::size_t i = 0; i < drawn.put.size(); ++i)
                IM_CHECK(lit.mark(drawn.put[i]) == (drawn.fresh[i] ? panels::LitSlots::Mark::fresh
                                                                   : panels::LitSlots::Mark::continued));
            IM_CHECK_EQ(drawn.put.front(), 4 * count % drawn.buffer_size);
        });
}

namespace {
const bool added_buffer = add_tests(add_buffer_tests);
}

} // namespace ebm::test
