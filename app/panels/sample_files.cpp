#include "app/panels/sample_files.h"

#include "app/window/shell.h"

namespace ebm::panels {

using namespace window;

std::vector<FileFilter> sample_filters() {
    return {{"Samples",
             {"*.csv", "*.tsv", "*.txt", "*.npy", "*.npz", "*.idx", "*ubyte", "*.gz", "*.png", "*.jpg",
              "*.jpeg"}},
            {"All files", {"*"}}};
}

void save_picture(Context& context, std::vector<std::uint8_t> pixels, const lab::SampleKind& kind,
                  const std::string& name) {
    Pixels picture;
    picture.width = kind.width;
    picture.height = kind.height;
    const int plane = kind.width * kind.height;
    for (int at = 0; at < plane; ++at) {
        for (int channel = 0; channel < 3; ++channel)
            picture.rgba.push_back(
                pixels[static_cast<std::size_t>(at + (kind.channels >= 3 ? channel * plane : 0))]);
        picture.rgba.push_back(255);
    }
    Shell& shell = context.shell;
    shell.dialogs().save_file("Save picture", name, {{"Pictures", {"*.png"}}},
                              [&shell, picture = std::move(picture)](const std::string& path) {
                                  shell.save_picture(path, picture);
                              });
}

} // namespace ebm::panels
