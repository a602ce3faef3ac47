#include "core/lab/dataset.h"
#include "core/lab/views.h"

namespace ebm::lab {

std::shared_ptr<const AlgorithmView> algorithm_view(const Account& account, const SampleKind& kind) {
    auto view = std::make_shared<AlgorithmView>();
    static_cast<Account&>(*view) = account;
    if (kind.plane) return view;
    const auto pixels = [&](const std::vector<float>& values) {
        if (values.empty()) return std::vector<std::uint8_t>();
        return to_pixels(to_tensor(Samples{account.shown, kind, values}));
    };
    view->positive_pixels = pixels(account.positives);
    view->negative_pixels = pixels(account.negatives);
    return view;
}

} // namespace ebm::lab
