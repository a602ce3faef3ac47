#pragma once

#include "core/lab/snapshot.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::lab {

/// A model under one score.
struct OodRow {
    std::string model; ///< as it was named
    ScoreKind score = ScoreKind::energy;
    std::string positive;
    std::int64_t positive_count = 0, fitted_on = 0;
    std::vector<ScoreSet> sets; ///< out-of-distribution sets, without histograms and curves
    std::string problem;        ///< why there are no numbers, in sentences; empty if there are
    bool opened = true;         ///< false: the model could not be opened, and `score` says nothing
};

/// What has been found so far of which models know which pictures.
struct OodTableView {
    OodTableSettings settings; ///< with the models that were taken where none were named
    std::vector<OodRow> rows;
    std::string model; ///< whose turn it is; empty once all had theirs
    double share = 0;  ///< of the work that is done
    bool paused = false, done = false;
};

/// The sets of all rows in the order in which they are met: the columns of the table.
std::vector<std::string> ood_set_names(const std::vector<OodRow>& rows);
/// "0.876 ± 0.012", or with both ends where the interval is not as long on both sides; a dash where the row
/// has no such number.
std::string ood_cell(const OodRow& row, const std::string& set);
/// What the numbers are, and of each model the positive class and what fits are on.
std::string ood_note(const std::vector<OodRow>& rows);
/// What a reader must know of single numbers, a sentence each: scores that a model cannot give, values that
/// are not finite.
std::vector<std::string> ood_remarks(const std::vector<OodRow>& rows);

/// The table for other programs: a line for each row and set, and one for each row without numbers. Cells are
/// as many as the columns; numbers have all their digits and are empty if they are not known.
const std::vector<std::string>& ood_columns();
std::vector<std::vector<std::string>> ood_lines(const std::vector<OodRow>& rows);

/// AUROC of models of CIFAR-10 by log p or −E, as Du & Mordatch (2019) print them.
struct PublishedOod {
    std::string_view set, pixelcnn, glow, ebm;
};
std::span<const PublishedOod> published_ood();
/// What stands above that table, and what it was measured on.
inline constexpr const char* published_ood_title =
    "As published, not measured here: AUROC of models of CIFAR-10 by log p or −E (Du & Mordatch 2019).";
inline constexpr const char* published_ood_protocol =
    "It scored the training split of SVHN and the top left 32 × 32 pixels of textures: where those sets are "
    "on disk, those are columns of the first table, 'SVHN, training split' and 'Textures, top left'; 'SVHN', its "
    "test split, and 'Textures', shrunk and cropped at the centre, are the protocol of later work.";

} // namespace ebm::lab
