#include "core/measure/complexity.h"

#include "core/base/error.h"

#include <vector>

#include <zlib.h>

namespace ebm::measure {

std::int64_t deflate_bits(std::span<const std::uint8_t> bytes) {
    z_stream stream{};
    constexpr int raw = -15;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, raw, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw Error("A picture could not be compressed", "zlib", "Free some memory.");
    std::vector<std::uint8_t> out(deflateBound(&stream, static_cast<uLong>(bytes.size())));
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    const auto size = static_cast<std::int64_t>(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw Error("A picture could not be compressed", "zlib", "Free some memory.");
    return 8 * size;
}

} // namespace ebm::measure
