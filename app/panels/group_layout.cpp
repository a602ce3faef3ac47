#include "app/panels/group_layout.h"

#include <algorithm>

namespace ebm::panels {
namespace {

struct Form {
    GroupLayout layout;
    bool wide_enough = false, fits = false;
};

Form columns_at(int zoom, std::span<const int> counts, const GroupRoom& room) {
    Form form;
    const auto groups = static_cast<float>(counts.size());
    const float width = std::max(room.picture.x * static_cast<float>(zoom), room.column_heading.x);
    const float cell = room.picture.y * static_cast<float>(zoom) + room.caption + room.gap.y;
    const auto longest = static_cast<float>(counts.empty() ? 0 : std::ranges::max(counts));
    form.layout = {true, zoom, 1, width + room.gap.x};
    form.wide_enough = groups * form.layout.pitch - room.gap.x <= room.area.x;
    form.fits = form.wide_enough && room.column_heading.y + longest * cell - room.gap.y <= room.area.y;
    return form;
}

Form rows_at(int zoom, std::span<const int> counts, const GroupRoom& room) {
    Form form;
    const float pitch = room.picture.x * static_cast<float>(zoom) + room.gap.x;
    const float cell = room.picture.y * static_cast<float>(zoom) + room.caption + room.gap.y;
    const int per_row = static_cast<int>((room.area.x - room.row_heading + room.gap.x) / pitch);
    form.layout = {false, zoom, std::max(1, per_row), pitch};
    form.wide_enough = per_row >= 1;
    int lines = 0;
    for (const int count : counts)
        lines += (count + form.layout.per_row - 1) / form.layout.per_row;
    form.fits = form.wide_enough && static_cast<float>(lines) * cell - room.gap.y <= room.area.y;
    return form;
}

} // namespace

GroupLayout group_layout(std::span<const int> counts, const GroupRoom& room, int smallest, int zoom) {
    const auto either = [&](int at) {
        const Form columns = columns_at(at, counts, room);
        return columns.wide_enough ? columns.layout : rows_at(at, counts, room).layout;
    };
    if (zoom > 0) return either(zoom);
    for (int at = 8; at > smallest; --at) {
        const Form columns = columns_at(at, counts, room), rows = rows_at(at, counts, room);
        if (columns.fits) return columns.layout;
        if (rows.fits) return rows.layout;
    }
    return either(smallest);
}

} // namespace ebm::panels
