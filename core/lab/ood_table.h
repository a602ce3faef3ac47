#pragma once

#include "core/lab/ood_table_view.h"
#include "core/lab/scene_run.h"
#include "core/lab/scores_task.h"
#include "core/lab/trained_model.h"

#include <utility>

namespace ebm::lab {

/// Asks models of pictures, one after the other, which pictures they know, a piece at a time. `ebmlab table
/// ood` and the window both run this.
class OodTable {
public:
    /// Samples that are looked at at a time.
    struct Pieces {
        std::int64_t of_energy, of_density; ///< a density takes longer over each
    };
    static constexpr Pieces alone{256, 256}, beside_the_window{16, 4};

    /// Looks at every model, score, set and change of a setting, and throws Error for the first that cannot
    /// be had; nothing is scored yet. Keeps a reference to `device`.
    OodTable(const OodTableSettings& settings, ComputeDevice& device, const Pieces& pieces);

    bool left() const { return next_ < view_.settings.models.size(); }
    /// Opens the next model or goes on with it. One that cannot be opened after all gets a row that says so.
    void advance();
    double done() const;
    /// Whose turn it is; empty if nothing is left.
    std::string model() const;
    OodTableView view(bool paused) const;
    /// Whether there are rows that were not there when this was asked last.
    bool take_news() { return std::exchange(told_rows_, view_.rows.size()) != view_.rows.size(); }

private:
    void look_at_sets(const std::vector<TrainedModel>& models);
    void open(const std::string& model);
    void add_sets();
    std::vector<ScoreKind> scores() const;
    void begin_task();
    void add_rows(bool of_fits);

    ComputeDevice& device_;
    Pieces pieces_;
    OodTableView view_;              ///< rows and settings
    std::size_t next_ = 0;           ///< of the models
    std::unique_ptr<SceneRun> run_;  ///< the model that was opened last; lends its data to the next
    std::optional<Dataset> data_;    ///< of it, without training data
    std::vector<ScoreSet> left_out_; ///< sets that it cannot take
    std::vector<ScoreKind> asked_;   ///< of the model, in the order of its rows
    /// The same in groups that are computed one after the other, what costs least first; the front one by
    /// task_.
    std::vector<std::vector<ScoreKind>> groups_;
    std::unique_ptr<ScoresTask> task_; ///< null between two models
    std::size_t told_rows_ = 0;        ///< see take_news
    std::ptrdiff_t first_row_ = 0;     ///< of the model
    bool told_ = false;                ///< the rows of task_ that need no fit are there
};

/// The built-in scenes that come with a trained model of how likely a picture of Fashion-MNIST is; a
/// classifier is none.
std::vector<std::string> shipped_picture_models();

} // namespace ebm::lab
