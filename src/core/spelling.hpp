#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace deepfog {

/// The candidate with the smallest edit distance to `word`; empty when none is near enough to be meant.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// "a, b, c": what is allowed, for messages. Of more than 30 names the first 30 "and N more",
/// "none" of no name.
std::string listing(const std::vector<std::string>& names);

/// Without control characters, each of which becomes '?': what a file holds neither breaks a line in two nor
/// reaches the terminal as a command.
std::string one_line(std::string text);

}  // namespace deepfog
