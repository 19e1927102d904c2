#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace deepfog {

/// The candidate with the smallest edit distance to `word`; empty if none is close enough.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// "a, b, c": a list of allowed names for messages. Of more than 30 names it gives the first 30 "and N more";
/// it is "none" if there are no names.
std::string listing(const std::vector<std::string>& names);

/// Replaces each control character by '?', so that text from a file can neither break a line nor send
/// commands to the terminal.
std::string one_line(std::string text);

}  // namespace deepfog
