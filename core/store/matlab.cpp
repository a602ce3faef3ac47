#include "core/store/matlab.h"

#include "core/base/error.h"
#include "core/store/elements.h"
#include "core/store/input.h"

#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <matio.h>

namespace ebm::store {

/// The functions of matio that are called here. EBM_MATIO is the name under which the loader finds it.
struct MatlabFile::Library {
    decltype(&::Mat_Open) open = nullptr;
    decltype(&::Mat_Close) close = nullptr;
    decltype(&::Mat_VarReadInfo) info = nullptr;
    decltype(&::Mat_VarReadDataLinear) read = nullptr;
    decltype(&::Mat_VarFree) free = nullptr;

    static const Library& get() {
        static const Library library;
        return library;
    }

private:
    Library() {
        void* matio = ::dlopen(EBM_MATIO, RTLD_NOW | RTLD_LOCAL);
        if (!matio) throw missing(::dlerror());
        const auto find = [&](auto& function, const char* name) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(matio, name));
            if (!function) throw missing(name);
        };
        find(open, "Mat_Open");
        find(close, "Mat_Close");
        find(info, "Mat_VarReadInfo");
        find(read, "Mat_VarReadDataLinear");
        find(free, "Mat_VarFree");
    }
    static Error missing(const char* what) {
        return Error(fmt::format("MATLAB files are read by the library matio, which cannot be loaded: {}",
                                 what ? what : "unknown reason"),
                     EBM_MATIO, "Install it with: apt-get install libmatio11");
    }
};

struct MatlabFile::Handle {
    const Library& library;
    mat_t* file;
    std::uint64_t most_bytes; ///< that the file can unpack to

    ~Handle() { library.close(file); }

    using Variable = std::unique_ptr<matvar_t, decltype(&::Mat_VarFree)>;
    Variable variable(const std::string& name, const std::string& path) const {
        Variable variable(library.info(file, name.c_str()), library.free);
        if (!variable)
            throw Error(fmt::format("The MATLAB file has no array {}, or it is damaged", name), path,
                        "Give the file as it is published, or download it again.");
        const bool numbers = variable->class_type >= MAT_C_DOUBLE && variable->class_type <= MAT_C_UINT64;
        if (!numbers || variable->isComplex || variable->rank < 1 || variable->rank > 8 || !variable->dims)
            throw Error(fmt::format("The array {} does not hold plain numbers", name), path,
                        "Give the file as it is published.");
        return variable;
    }
};

MatlabFile::MatlabFile(const std::string& path) : path_(path) {
    const std::string expanded = expanded_path(path);
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(expanded, error);
    if (error) throw Error("The file cannot be read: " + error.message(), path, "Check the path.");
    const Library& library = Library::get();
    mat_t* file = library.open(expanded.c_str(), MAT_ACC_RDONLY);
    if (!file)
        throw Error("The file is not a MATLAB file, or it is damaged", path, "Copy or download it again.");
    // zlib packs no more than 1032 to 1.
    handle_ = std::unique_ptr<Handle>(new Handle{library, file, size * 1032});
}

MatlabFile::~MatlabFile() = default;

std::vector<std::int64_t> MatlabFile::shape(const std::string& name) const {
    const Handle::Variable variable = handle_->variable(name, path_);
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 1;
    bool plausible = true;
    for (int i = 0; i < variable->rank; ++i) {
        const std::size_t extent = variable->dims[i];
        plausible = plausible && !__builtin_mul_overflow(bytes, extent, &bytes);
        shape.push_back(static_cast<std::int64_t>(extent));
    }
    if (!plausible || bytes > handle_->most_bytes || bytes > 0x7FFFFFFF)
        throw Error(fmt::format("The array {} is larger than the file can hold", name), path_,
                    "The file is damaged. Download it again.");
    return shape;
}

torch::Tensor MatlabFile::read(const std::string& name) const {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape(name))
        count *= extent;
    const Handle::Variable variable = handle_->variable(name, path_);
    const auto type = [&] {
        switch (variable->class_type) {
        case MAT_C_UINT8:
            return torch::kByte;
        case MAT_C_INT8:
            return torch::kChar;
        case MAT_C_INT16:
            return torch::kShort;
        case MAT_C_INT32:
            return torch::kInt;
        case MAT_C_INT64:
            return torch::kLong;
        case MAT_C_SINGLE:
            return torch::kFloat;
        case MAT_C_DOUBLE:
            return torch::kDouble;
        default:
            throw Error(fmt::format("The array {} holds unsigned numbers of more than 8 bits", name), path_,
                        "Give the file as it is published.");
        }
    }();
    const torch::Tensor values = allocate({count}, type, path_);
    if (count > 0 && handle_->library.read(handle_->file, variable.get(), values.data_ptr(), 0, 1,
                                           static_cast<int>(count)) != 0)
        throw Error(fmt::format("The array {} cannot be unpacked", name), path_,
                    "The file is cut off or damaged. Download it again.");
    return type == torch::kByte ? values : values.to(torch::kDouble);
}

} // namespace ebm::store
