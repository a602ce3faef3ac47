#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ebm::store {

/// The bytes of a file, of standard input or of memory: read once, from front to back, and unpacked on the
/// way if they are gzip (RFC 1952), so that a reader can look at the beginning and stop. Memory does not grow
/// with the content.
class Input {
public:
    /// Opens what `path` names, see expanded_path; "-" is standard input. Pipes are read too. Throws Error.
    explicit Input(const std::string& path);
    /// Reads `content`, which must outlive the input. `name` stands in messages.
    Input(std::span<const std::byte> content, std::string name);
    /// Reads what `source` puts into its argument (it returns how much, 0 = the end), `size` bytes in all.
    Input(std::function<std::size_t(std::span<std::byte>)> source, std::uint64_t size, std::string name);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    const std::string& name() const { return name_; }
    bool packed() const { return inflate_ != nullptr; }
    /// Where other libraries can open the same content; empty unless it is an ordinary file that is not
    /// packed.
    const std::string& ordinary_path() const { return ordinary_path_; }

    /// The next bytes, without taking them: `count` or more, fewer only where the content ends. Valid until
    /// the next call. Throws Error if gzip is damaged or a read fails.
    std::span<const std::byte> peek(std::size_t count);
    /// Takes `count` bytes that peek has shown.
    void skip(std::size_t count) { begin_ += count; }
    /// Takes bytes until `to` is full; returns how many, fewer only where the content ends.
    std::size_t read(std::span<std::byte> to);
    bool at_end() { return peek(1).empty(); }

    /// How many bytes are left; nothing if only the end can tell (a pipe, gzip).
    std::optional<std::uint64_t> remaining() const;
    /// How many bytes can be left at most: gzip packs no more than 1032 to 1.
    std::uint64_t most_remaining() const;

private:
    struct Inflate;
    void open_packed();
    /// Appends to the buffer; false at the end.
    bool fill();
    std::size_t read_raw(std::span<std::byte> to);
    std::size_t unpack(std::span<std::byte> to);

    std::string name_, ordinary_path_;
    std::function<std::size_t(std::span<std::byte>)> source_;
    int descriptor_ = -1;
    std::optional<std::uint64_t> raw_size_; ///< of ordinary files and memory
    std::uint64_t raw_read_ = 0;            ///< taken from the file or the memory
    std::span<const std::byte> memory_;     ///< what is left of it
    std::vector<std::byte> buffer_;         ///< [begin_, end_) is unread
    std::size_t begin_ = 0, end_ = 0;
    std::unique_ptr<Inflate> inflate_;
};

/// `~` and `~name` at the beginning replaced by the home folder.
std::string expanded_path(const std::string& path);

} // namespace ebm::store
