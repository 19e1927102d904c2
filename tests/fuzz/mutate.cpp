#include "mutate.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace deepfog::fuzz {
namespace {

using Lines = std::vector<std::string>;

std::size_t place(const std::string& bytes, RandomStream& draw) {
  return bytes.empty() ? 0 : static_cast<std::size_t>(draw.below(bytes.size()));
}

std::size_t length_from(const std::string& bytes, std::size_t at, RandomStream& draw) {
  const std::uint64_t most = std::uint64_t{1} << draw.below(13);
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(bytes.size() - std::min(at, bytes.size()), draw.below(most) + 1));
}

void change_bytes(std::string& bytes, RandomStream& draw) {
  const std::size_t at = place(bytes, draw), length = length_from(bytes, at, draw);
  switch (draw.below(9)) {
    case 0:
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << draw.below(8)));
      break;
    case 1:
      if (!bytes.empty()) bytes[at] = static_cast<char>(draw.below(256));
      break;
    case 2: {
      const std::uint64_t number = odd_number(draw);
      const std::size_t size = std::min(bytes.size() - at, std::size_t{1} << draw.below(4));
      if (!bytes.empty()) std::memcpy(&bytes[at], &number, size);
      break;
    }
    case 3:
      bytes.erase(at, length);
      break;
    case 4:
      bytes.insert(at, bytes.substr(at, length));
      break;
    case 5:
      bytes.replace(at, length, length, '\0');
      break;
    case 6:
      bytes.replace(at, length, length, '\xff');
      break;
    case 7: {
      const std::string part = bytes.substr(place(bytes, draw), length);
      bytes.replace(at, std::min(part.size(), bytes.size() - at), part);
      break;
    }
    default:
      if (draw.below(4) == 0) bytes.resize(at);
  }
}

Lines lines_of(const std::string& text) {
  Lines lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

std::string odd_word(const Lines& words, RandomStream& draw) {
  static const Lines odd = {"",
                            "0",
                            "-1",
                            "1e999",
                            "nan",
                            "inf",
                            "-inf",
                            "9223372036854775807",
                            "1e-400",
                            "18446744073709551616",
                            "0x10",
                            ".5",
                            "1..",
                            "%s%n",
                            "\xff\xfe",
                            "\xc3\xa9",
                            "\xef\xbb\xbf",
                            std::string(1, '\0'),
                            "\x1b[31m",
                            "\r",
                            "\t",
                            "=",
                            "[",
                            "]",
                            "#",
                            ";",
                            "->",
                            "a->b",
                            "\"",
                            "'",
                            "../..",
                            "/dev/null",
                            "4294967296"};
  switch (draw.below(5)) {
    case 0:
      return odd[draw.below(odd.size())];
    case 1:
      return std::to_string(static_cast<std::int64_t>(odd_number(draw)));
    case 2:
      return std::string(static_cast<std::size_t>(std::uint64_t{1} << draw.below(14)), 'x');
    default:
      return words.empty() ? "" : words[draw.below(words.size())];
  }
}

/// Replaces, removes, repeats or joins a word of the line.
void change_word(std::string& line, const Lines& words, RandomStream& draw) {
  std::size_t begin = place(line, draw);
  const auto inside = [&](std::size_t i) { return line[i] != ' ' && line[i] != '=' && line[i] != ':'; };
  while (begin > 0 && inside(begin - 1)) --begin;
  std::size_t end = begin;
  while (end < line.size() && inside(end)) ++end;
  switch (draw.below(4)) {
    case 0:
      line.erase(begin, end - begin);
      break;
    case 1:
      line.insert(begin, odd_word(words, draw) + (draw.below(2) == 0 ? " " : ""));
      break;
    default:
      line.replace(begin, end - begin, odd_word(words, draw));
  }
}

void change_lines(Lines& lines, const Lines& words, RandomStream& draw) {
  if (lines.empty()) lines.emplace_back();
  const std::size_t at = draw.below(lines.size()), other = draw.below(lines.size());
  switch (draw.below(10)) {
    case 0:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1: {
      const std::string line = lines[other];
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), draw.below(50) == 0 ? 1000 : 1, line);
      break;
    }
    case 2:
      std::swap(lines[at], lines[other]);
      break;
    case 3:
      lines[at] += (draw.below(2) == 0 ? " " : "") + lines[other];
      break;
    default:
      change_word(lines[at], words, draw);
  }
}

}  // namespace

std::uint64_t odd_number(RandomStream& draw) {
  static const std::uint64_t odd[] = {0,
                                      1,
                                      2,
                                      255,
                                      65535,
                                      0x7fffffff,
                                      0x80000000,
                                      0xffffffff,
                                      0x100000000,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      ~std::uint64_t{0},
                                      ~std::uint64_t{0} - 1,
                                      0x7ff0000000000000,   // infinity
                                      0x7ff8000000000000,   // NaN
                                      0xfff0000000000000,   // minus infinity
                                      0x7f8000007f800000,   // infinities as float32
                                      0x7fc000007fc00000};  // NaNs as float32
  if (draw.below(3) == 0) return draw.next() >> draw.below(64);
  return odd[draw.below(std::size(odd))];
}

std::string mutate_bytes(std::string bytes, RandomStream& draw) {
  for (std::uint64_t changes = 1 + draw.below(4) * draw.below(4); changes > 0; --changes)
    change_bytes(bytes, draw);
  return bytes;
}

std::string mutate_text(const std::string& text, const std::vector<std::string>& words, RandomStream& draw) {
  Lines lines = lines_of(text);
  for (std::uint64_t changes = 1 + draw.below(6); changes > 0; --changes) change_lines(lines, words, draw);
  std::string result;
  for (const std::string& line : lines) result += line + '\n';
  return draw.below(10) == 0 ? mutate_bytes(result, draw) : result;
}

}  // namespace deepfog::fuzz
