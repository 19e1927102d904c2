#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// With this number of digits after the point.
std::string fixed(double value, int digits);

/// Rows as lines, with columns padded to the displayed width of their widest cell (UTF-8). No row may have
/// more cells than the first.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace deepfog
