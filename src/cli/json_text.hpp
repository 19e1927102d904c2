#pragma once

#include <string>

namespace deepfog {

/// `bytes` as a JSON string with its quotes, valid whatever the bytes are: control characters, quotes and
/// backslashes are escaped, and a byte that is not part of UTF-8 text becomes the escape \udc80 to \udcff, as
/// Python's os.fsdecode does (os.fsencode gives the byte back).
std::string json_string(const std::string& bytes);

}  // namespace deepfog
