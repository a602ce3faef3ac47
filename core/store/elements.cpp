#include "core/store/elements.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/memory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace ebm::store {

static_assert(std::endian::native == std::endian::little);

torch::Tensor allocate(const std::vector<std::int64_t>& shape, torch::ScalarType type,
                       const std::string& source) {
    std::uint64_t bytes = c10::elementSize(type);
    bool fits = true;
    for (const std::int64_t extent : shape)
        fits = fits && !__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes);
    const auto refusal = [&] {
        return Error(
            fits ? fmt::format("The file needs {} of memory, more than is free", files::size_in_words(bytes))
                 : std::string("The file needs more memory than there can be"),
            source, "Close other programs, or give a smaller file.");
    };
    if (!fits || bytes > available_memory()) throw refusal();
    try {
        return torch::empty(shape, type);
    } catch (const std::exception&) { // LibTorch has a type of its own for it
        throw refusal();
    }
}

namespace {

constexpr std::size_t numbers_at_a_time = 1 << 16; ///< numbers converted at a time

/// Calls `use(i, number)` for `count` elements stored as `Stored`.
template <class Stored, class Use>
void decode(const std::byte* bytes, std::size_t count, bool swap, Use&& use) {
    for (std::size_t i = 0; i < count; ++i) {
        std::byte one[sizeof(Stored)];
        std::memcpy(one, bytes + i * sizeof(Stored), sizeof(Stored));
        if (swap) std::reverse(one, one + sizeof(Stored));
        Stored value;
        std::memcpy(&value, one, sizeof(Stored));
        use(i, value);
    }
}

template <class Use>
void decode(const ElementType& type, const std::byte* bytes, std::size_t count, Use&& use) {
    const auto as = [&]<class Stored>(Stored) { decode<Stored>(bytes, count, type.big_endian, use); };
    using Kind = ElementType::Kind;
    switch (type.kind) {
    case Kind::boolean:
        return decode<std::uint8_t>(bytes, count, false,
                                    [&](std::size_t i, std::uint8_t v) { use(i, v != 0); });
    case Kind::integer:
        return type.size == 1   ? as(std::int8_t{})
               : type.size == 2 ? as(std::int16_t{})
               : type.size == 4 ? as(std::int32_t{})
                                : as(std::int64_t{});
    case Kind::natural:
        return type.size == 1   ? as(std::uint8_t{})
               : type.size == 2 ? as(std::uint16_t{})
               : type.size == 4 ? as(std::uint32_t{})
                                : as(std::uint64_t{});
    case Kind::real:
        return type.size == 2 ? as(c10::Half{}) : type.size == 4 ? as(float{}) : as(double{});
    }
}

torch::ScalarType held_as(const ElementType& type) {
    using Kind = ElementType::Kind;
    if (type.kind == Kind::boolean || (type.kind == Kind::natural && type.size == 1)) return torch::kByte;
    return type.size <= (type.kind == Kind::real ? 4 : 2) ? torch::kFloat : torch::kDouble;
}

} // namespace

torch::Tensor read_elements(Input& input, const ElementType& type, const std::vector<std::int64_t>& shape) {
    const auto cut_off = [&] {
        return Error("The file ends before its last number", input.name(),
                     "The file is cut off or damaged. Copy it again.");
    };
    std::uint64_t bytes = static_cast<std::uint64_t>(type.size);
    for (const std::int64_t extent : shape)
        if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes)) throw cut_off();
    if (bytes > input.most_remaining()) throw cut_off();
    torch::Tensor values = allocate(shape, held_as(type), input.name());
    const auto count = static_cast<std::size_t>(values.numel()), size = static_cast<std::size_t>(type.size);
    std::vector<std::byte> buffer(std::min(count, numbers_at_a_time) * size);
    for (std::size_t first = 0; first < count;) {
        const std::size_t part = std::min(count - first, numbers_at_a_time);
        if (input.read(std::span(buffer).first(part * size)) < part * size) throw cut_off();
        const auto put = [&](auto* to) {
            decode(type, buffer.data(), part, [&](std::size_t i, auto value) {
                to[first + i] = static_cast<std::remove_pointer_t<decltype(to)>>(value);
            });
        };
        if (values.scalar_type() == torch::kByte)
            put(values.data_ptr<std::uint8_t>());
        else if (values.scalar_type() == torch::kFloat)
            put(values.data_ptr<float>());
        else
            put(values.data_ptr<double>());
        first += part;
    }
    return values;
}

} // namespace ebm::store
