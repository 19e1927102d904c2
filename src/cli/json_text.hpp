#pragma once

#include <string>

namespace deepfog {

/// Encodes `bytes` as a JSON string with quotes, which is valid for any bytes. Control characters, quotes and
/// backslashes are escaped; a byte that is not part of UTF-8 text becomes the escape \udc80 to \udcff, as
/// in Python's os.fsdecode (os.fsencode restores the byte).
std::string json_string(const std::string& bytes);

}  // namespace deepfog
