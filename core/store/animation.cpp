#include "core/store/animation.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <gif_lib.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT

namespace ebm::store {
namespace {

namespace fs = std::filesystem;

void require_fitting(const Image& picture, const Image& first) {
    if (picture.channels < 3)
        throw Error("A picture of an animation needs three colour channels", "", "Draw it in colour.");
    if (first.width != 0 && (picture.width != first.width || picture.height != first.height))
        throw Error(fmt::format("A picture of {} × {} pixels does not fit an animation of {} × {}",
                                picture.width, picture.height, first.width, first.height),
                    "", "Keep the size while it is recorded.");
}

/// Before an hour is drawn: whether the file can be made at all.
void require_writable_folder(const fs::path& path) {
    fs::path folder = path.parent_path();
    if (folder.empty()) folder = ".";
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        throw Error(std::string("No file can be made there: ") + std::strerror(errno), path.string(),
                    "Choose a folder that is there and yours.");
}

[[noreturn]] void no_pictures(const fs::path& path) {
    throw Error("There is no picture to write", path.string(), "Record for longer.");
}

/// GIF89a by giflib. Pixels that are as in the picture before are transparent; the others get the 255 colours
/// that fit them best in each picture.
class Gif final : public Animation {
public:
    Gif(fs::path path, double frames_per_second)
        : path_(std::move(path)),
          delay_(static_cast<int>(std::lround(100 / frames_per_second))) { // hundredths of a second
        int error = 0;
        file_ = EGifOpen(
            &content_,
            [](GifFileType* file, const GifByteType* bytes, int count) {
                auto& content = *static_cast<files::Bytes*>(file->UserData);
                const auto* begin = reinterpret_cast<const std::byte*>(bytes);
                content.insert(content.end(), begin, begin + count);
                return count;
            },
            &error);
        if (!file_) fail(error);
    }
    ~Gif() override {
        int ignored = 0;
        if (file_) EGifCloseFile(file_, &ignored);
    }

    void add(const Image& picture) override {
        require_fitting(picture, before_);
        const bool first = before_.width == 0;
        if (first) {
            if (picture.width > 65535 || picture.height > 65535)
                throw Error("A GIF has at most 65535 pixels a side", path_.string(), "Make it smaller.");
            EGifSetGifVersion(file_, true);
            check(EGifPutScreenDesc(file_, picture.width, picture.height, 8, 0, nullptr));
            loop_for_ever();
        }
        quantise(picture, first);
        const GraphicsControlBlock control{DISPOSE_DO_NOT, false, delay_, transparent};
        GifByteType extension[4];
        EGifGCBToExtension(&control, extension);
        check(EGifPutExtension(file_, GRAPHICS_EXT_FUNC_CODE, sizeof(extension), extension));
        check(EGifPutImageDesc(file_, 0, 0, picture.width, picture.height, false, colors_.get()));
        check(EGifPutLine(file_, indices_.data(), static_cast<int>(indices_.size())));
        before_ = picture;
    }

    void finish() override {
        if (before_.width == 0) no_pictures(path_);
        int error = 0;
        GifFileType* file = std::exchange(file_, nullptr);
        if (EGifCloseFile(file, &error) != GIF_OK) fail(error);
        files::write_atomically(path_, content_);
    }

private:
    static constexpr int transparent = 255;

    void check(int result) {
        if (result != GIF_OK) fail(file_->Error);
    }
    [[noreturn]] void fail(int error) {
        const char* words = GifErrorString(error);
        throw Error(fmt::format("The GIF cannot be written: {}", words ? words : "unknown error"),
                    path_.string(), "Make it smaller, or shorter.");
    }
    /// The extension of Netscape that repeats an animation.
    void loop_for_ever() {
        const unsigned char repeat[] = {1, 0, 0};
        check(EGifPutExtensionLeader(file_, APPLICATION_EXT_FUNC_CODE));
        check(EGifPutExtensionBlock(file_, 11, "NETSCAPE2.0"));
        check(EGifPutExtensionBlock(file_, sizeof(repeat), repeat));
        check(EGifPutExtensionTrailer(file_));
    }

    void quantise(const Image& picture, bool first) {
        const auto count = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
        const auto step = static_cast<std::size_t>(picture.channels),
                   old_step = static_cast<std::size_t>(before_.channels);
        for (auto* plane : {&red_, &green_, &blue_})
            plane->clear();
        changed_.clear();
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint8_t* pixel = &picture.pixels[i * step];
            if (!first && std::memcmp(pixel, &before_.pixels[i * old_step], 3) == 0) continue;
            changed_.push_back(i);
            red_.push_back(pixel[0]);
            green_.push_back(pixel[1]);
            blue_.push_back(pixel[2]);
        }
        indices_.assign(count, transparent);
        colors_.reset(GifMakeMapObject(256, nullptr));
        if (!colors_) fail(E_GIF_ERR_NOT_ENOUGH_MEM);
        std::memset(colors_->Colors, 0, 256 * sizeof(GifColorType));
        if (changed_.empty()) return;
        int size = transparent; // its own index is not among the colours
        chosen_.resize(changed_.size());
        if (GifQuantizeBuffer(static_cast<unsigned>(changed_.size()), 1, &size, red_.data(), green_.data(),
                              blue_.data(), chosen_.data(), colors_->Colors) != GIF_OK)
            fail(E_GIF_ERR_NOT_ENOUGH_MEM);
        for (std::size_t i = 0; i < changed_.size(); ++i)
            indices_[changed_[i]] = chosen_[i];
    }

    struct FreeColors {
        void operator()(ColorMapObject* colors) const { GifFreeMapObject(colors); }
    };
    fs::path path_;
    int delay_;
    files::Bytes content_;
    GifFileType* file_ = nullptr;
    Image before_;
    std::unique_ptr<ColorMapObject, FreeColors> colors_;
    std::vector<GifByteType> red_, green_, blue_, chosen_, indices_;
    std::vector<std::size_t> changed_;
};

class Folder final : public Animation {
public:
    explicit Folder(fs::path path) : path_(std::move(path)) {
        std::error_code problem;
        made_ = !fs::exists(path_, problem);
        fs::create_directories(path_, problem);
        if (problem)
            throw Error("The folder cannot be made: " + problem.message(), path_.string(),
                        "Choose another one.");
        if (!fs::is_empty(path_, problem) || problem)
            throw Error("The folder for the pictures is not empty", path_.string(),
                        "Name a new one; for one file end it in .gif.");
    }
    void add(const Image& picture) override {
        require_fitting(picture, first_);
        if (count_ == 0) first_ = {picture.width, picture.height, picture.channels, {}};
        write_png(file_of(++count_), picture);
    }
    void finish() override {
        if (count_ == 0) no_pictures(path_);
    }
    void discard() override {
        std::error_code ignored; // what cannot be removed stays
        for (int picture = 1; picture <= count_; ++picture)
            fs::remove(file_of(picture), ignored);
        if (made_) fs::remove(path_, ignored); // only if it is empty
        count_ = 0;
    }

private:
    fs::path file_of(int picture) const { return path_ / fmt::format("frame-{:04}.png", picture); }

    fs::path path_;
    Image first_;
    int count_ = 0;
    bool made_ = false; ///< the folder was not there before
};

/// A film by the program ffmpeg, which gets the pixels through a pipe.
class Film final : public Animation {
public:
    Film(fs::path path, double frames_per_second) : path_(std::move(path)), rate_(frames_per_second) {
        program_ = find_program();
        if (program_.empty())
            throw Error("Films need the program ffmpeg, which is not on the PATH", path_.string(),
                        "Install it, or write a .gif or a folder of pictures.");
        part_ = path_;
        part_ += fmt::format(".part-{}{}", ::getpid(), path_.extension().string());
    }
    ~Film() override {
        if (pipe_ >= 0) ::close(pipe_);
        if (process_ > 0) {
            ::kill(process_, SIGKILL); // nothing of an unfinished film is kept
            ::waitpid(process_, nullptr, 0);
        }
        std::error_code ignored;
        fs::remove(part_, ignored);
    }
    void add(const Image& picture) override {
        require_fitting(picture, first_);
        if (process_ < 0) start(picture);
        row_.clear();
        const auto step = static_cast<std::size_t>(picture.channels);
        for (std::size_t i = 0; i + step <= picture.pixels.size(); i += step)
            row_.insert(row_.end(), picture.pixels.begin() + static_cast<std::ptrdiff_t>(i),
                        picture.pixels.begin() + static_cast<std::ptrdiff_t>(i + 3));
        for (std::size_t sent = 0; sent < row_.size();) {
            const ssize_t written = ::write(pipe_, row_.data() + sent, row_.size() - sent);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) fail();
            sent += static_cast<std::size_t>(written);
        }
    }
    void finish() override {
        if (process_ < 0) no_pictures(path_);
        ::close(std::exchange(pipe_, -1));
        int status = 0;
        ::waitpid(std::exchange(process_, -1), &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail();
        std::error_code problem;
        fs::rename(part_, path_, problem);
        if (problem)
            throw Error("The film cannot be put in its place: " + problem.message(), path_.string(),
                        "Choose another folder.");
    }

private:
    /// The whole path, so that nothing is run from the working folder, which an empty entry of PATH means.
    static std::string find_program() {
        const char* path = std::getenv("PATH");
        const std::string folders = path ? path : "";
        for (std::size_t at = 0; at <= folders.size();) {
            const std::size_t end = std::min(folders.find(':', at), folders.size());
            const std::string folder = folders.substr(at, end - at), program = folder + "/ffmpeg";
            if (folder.starts_with('/') && ::access(program.c_str(), X_OK) == 0) return program;
            at = end + 1;
        }
        return {};
    }
    [[noreturn]] void fail() {
        throw Error("ffmpeg did not write the film", path_.string(),
                    "Try another ending, or write a .gif or a folder of pictures.");
    }
    void start(const Image& picture) {
        first_ = {picture.width, picture.height, picture.channels, {}};
        const std::string size = fmt::format("{}x{}", picture.width, picture.height),
                          rate = fmt::format("{}", rate_), out = "file:" + part_.string();
        const std::vector<std::string> words = {
            "ffmpeg",   "-y",       "-loglevel", "error",
            "-f",       "rawvideo", "-pix_fmt",  "rgb24",
            "-s",       size,       "-r",        rate,
            "-i",       "-",        "-vf",       "pad=ceil(iw/2)*2:ceil(ih/2)*2",
            "-pix_fmt", "yuv420p",  out};
        std::vector<char*> arguments;
        for (const std::string& word : words)
            arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) fail();
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
        const int result =
            posix_spawn(&process_, program_.c_str(), &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[0]);
        pipe_ = ends[1];
        if (result != 0) {
            process_ = -1;
            fail();
        }
        std::signal(SIGPIPE, SIG_IGN); // a film that ends early is an Error, not the end of the program
    }

    fs::path path_, part_;
    std::string program_;
    double rate_;
    Image first_;
    pid_t process_ = -1;
    int pipe_ = -1;
    std::vector<std::uint8_t> row_;
};

class Background final : public Animation {
public:
    explicit Background(std::unique_ptr<Animation> animation)
        : animation_(std::move(animation)), thread_([this] { work(); }) {}
    ~Background() override { abandon(); }
    void add(const Image& picture) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return problem_ || waiting_bytes_ < most_bytes; });
        if (problem_) std::rethrow_exception(problem_);
        waiting_bytes_ += picture.pixels.size();
        waiting_.push_back(picture);
        changed_.notify_all();
    }
    void finish() override {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();
        thread_.join();
        if (problem_) std::rethrow_exception(problem_);
    }
    void discard() override {
        abandon();
        animation_->discard();
    }
    std::size_t waiting() const override {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }

private:
    static constexpr std::size_t most_bytes = std::size_t{256} << 20;

    /// Pictures that wait are dropped.
    void abandon() {
        {
            const std::lock_guard lock(mutex_);
            abandoned_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }
    void work() {
        try {
            while (true) {
                Image picture;
                {
                    std::unique_lock lock(mutex_);
                    changed_.wait(lock, [&] { return abandoned_ || ended_ || !waiting_.empty(); });
                    if (abandoned_) return;
                    if (waiting_.empty()) break;
                    picture = std::move(waiting_.front());
                    waiting_.pop_front();
                    waiting_bytes_ -= picture.pixels.size();
                }
                changed_.notify_all();
                animation_->add(picture);
            }
            animation_->finish();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            problem_ = std::current_exception();
        }
        changed_.notify_all();
    }

    std::unique_ptr<Animation> animation_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Image> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool ended_ = false, abandoned_ = false;
    std::exception_ptr problem_;
    std::thread thread_;
};

} // namespace

std::unique_ptr<Animation> open_animation(const fs::path& path, double frames_per_second) {
    if (!(frames_per_second >= 1 && frames_per_second <= 50))
        throw Error(fmt::format("{} pictures a second are not possible", frames_per_second), path.string(),
                    "Choose 1 to 50.");
    if (files::is_stream(path))
        throw Error("An animation cannot be written to a stream", path.string(), "Name a file or a folder.");
    std::string ending = path.extension().string();
    for (char& letter : ending)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    if (!ending.empty()) require_writable_folder(path);
    if (ending == ".gif") return std::make_unique<Gif>(path, frames_per_second);
    if (ending == ".mp4" || ending == ".webm") return std::make_unique<Film>(path, frames_per_second);
    if (ending.empty()) return std::make_unique<Folder>(path);
    throw Error("An animation cannot end in " + ending, path.string(),
                "End it in .gif, .mp4 or .webm, or name a folder for single pictures.");
}

std::unique_ptr<Animation> in_background(std::unique_ptr<Animation> animation) {
    return std::make_unique<Background>(std::move(animation));
}

} // namespace ebm::store
