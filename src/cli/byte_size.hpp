#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace deepfog {

/// Bytes of "1000000", "512KiB", "64MiB" or "1GiB"; nullopt for any other text.
std::optional<std::int64_t> parse_bytes(const std::string& text);

/// Prints 536870912 as "512MiB": in the largest unit that keeps it whole.
std::string byte_text(std::int64_t bytes);

}  // namespace deepfog
