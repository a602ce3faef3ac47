#include "core/store/safetensors_header.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

namespace ebm::store {
namespace {

/// Receives the events of nlohmann::json's parser. The place in the document is `state_`; every event that
/// does not fit it is an error.
class HeaderReader {
public:
    using json = nlohmann::json;

    explicit HeaderReader(const std::string& source) : source_(source) {}

    SafetensorsHeader header;

    bool start_object(std::size_t) {
        switch (state_) {
        case State::start:
            return enter(State::document);
        case State::tensor_value:
            return enter(State::tensor);
        case State::metadata_value:
            return enter(State::metadata);
        default:
            return refuse();
        }
    }

    bool key(std::string& name) {
        switch (state_) {
        case State::document:
            if (!names_.insert(name).second) fail(fmt::format("The name {} occurs twice", shown_name(name)));
            if (name == "__metadata__") return enter(State::metadata_value);
            entry_ = {};
            entry_.name = name;
            has_dtype_ = has_shape_ = has_offsets_ = false;
            return enter(State::tensor_value);
        case State::metadata:
            if (header.metadata.contains(name))
                fail(fmt::format("The metadata entry {} occurs twice", shown_name(name)));
            metadata_key_ = name;
            return enter(State::metadata_text);
        case State::tensor:
            if (name == "dtype" && !std::exchange(has_dtype_, true)) return enter(State::dtype);
            if (name == "shape" && !std::exchange(has_shape_, true)) return enter(State::shape_start);
            if (name == "data_offsets" && !std::exchange(has_offsets_, true))
                return enter(State::offsets_start);
            fail(fmt::format("The entry {} of the tensor {} is unknown or occurs twice", shown_name(name),
                             shown_name(entry_.name)));
        default:
            return refuse();
        }
    }

    bool end_object() {
        switch (state_) {
        case State::tensor:
            if (!has_dtype_ || !has_shape_ || !has_offsets_ || offsets_.size() != 2)
                fail(fmt::format("The description of the tensor {} is incomplete", shown_name(entry_.name)));
            entry_.begin = offsets_[0];
            entry_.end = offsets_[1];
            header.entries.push_back(std::move(entry_));
            return enter(State::document);
        case State::metadata:
            return enter(State::document);
        case State::document:
            return enter(State::finished);
        default:
            return refuse();
        }
    }

    bool start_array(std::size_t) {
        if (state_ == State::shape_start) return enter(State::shape);
        if (state_ != State::offsets_start) return refuse();
        offsets_.clear();
        return enter(State::offsets);
    }

    bool end_array() {
        return state_ == State::shape || state_ == State::offsets ? enter(State::tensor) : refuse();
    }

    bool string(std::string& text) {
        if (state_ == State::metadata_text) {
            header.metadata[metadata_key_] = text;
            return enter(State::metadata);
        }
        if (state_ != State::dtype) return refuse();
        entry_.dtype = text;
        return enter(State::tensor);
    }

    bool number_unsigned(std::uint64_t value) {
        if (state_ == State::offsets && offsets_.size() < 2) {
            offsets_.push_back(value);
            return true;
        }
        if (state_ != State::shape) return refuse();
        if (entry_.shape.size() == most_dimensions ||
            value > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
            fail(fmt::format("The shape of the tensor {} is implausible", shown_name(entry_.name)));
        entry_.shape.push_back(static_cast<std::int64_t>(value));
        return true;
    }

    bool number_integer(std::int64_t) { return refuse(); } // only called for negative numbers
    bool number_float(double, const std::string&) { return refuse(); }
    bool boolean(bool) { return refuse(); }
    bool null() { return refuse(); }
    bool binary(json::binary_t&) { return refuse(); }

    bool parse_error(std::size_t position, const std::string&, const json::exception&) {
        fail(fmt::format("The header is not valid JSON at byte {}", position));
    }

private:
    enum class State {
        start,
        document,
        tensor_value,
        tensor,
        dtype,
        shape_start,
        shape,
        offsets_start,
        offsets,
        metadata_value,
        metadata,
        metadata_text,
        finished
    };

    bool enter(State state) {
        state_ = state;
        return true;
    }

    [[noreturn]] void fail(const std::string& what_happened) const {
        throw Error(what_happened, source_,
                    "The file is not safetensors or is damaged. Give another copy of it.");
    }

    [[noreturn]] bool refuse() const { fail("The header has another form than safetensors prescribes"); }

    const std::string& source_;
    State state_ = State::start;
    std::unordered_set<std::string> names_;
    SafetensorsEntry entry_;
    std::vector<std::uint64_t> offsets_;
    std::string metadata_key_;
    bool has_dtype_ = false, has_shape_ = false, has_offsets_ = false;
};

} // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& source) {
    HeaderReader reader(source);
    nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
    return std::move(reader.header);
}

std::string shown_name(std::string_view name) {
    std::string text;
    for (const char c : name.substr(0, 60))
        text += c >= 0x20 && c < 0x7F ? c : '?';
    return name.size() > 60 ? text + "…" : text;
}

} // namespace ebm::store
