#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// With so many digits after the point.
std::string fixed(double value, int digits);

/// Rows as lines, columns padded to their widest cell as the screen shows it (UTF-8). No row has more cells
/// than the first.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace deepfog
