#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace deepfog {

/// `automatic`: a bar on a terminal, else one line every 30 s and a last one, nothing if all is done before
/// the first. `always`: also a first and a last line where there is no terminal. `never`: nothing.
enum class ProgressMode { automatic, always, never };

/// A sign of life for long work: a bar on a terminal, else one line every 30 s, with the time still needed.
/// Only one rank makes one. Writes to `out` (stderr).
class Progress {
 public:
  /// @param total      work in units of the caller's choice (estimated cost, not only count, so that the ETA
  /// is fair)
  /// @param terminal   whether `out` is a terminal
  /// @param line_interval_s  between two lines where there is no terminal
  Progress(std::string title, double total, ProgressMode mode, std::ostream& out, bool terminal,
           double line_interval_s = 30);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// @param done  work done so far; @param skipped work that was done before this session (kept out of the
  /// ETA)
  void update(double done, double skipped, const std::string& note);
  void finish();

 private:
  void draw(bool final);
  std::string title_;
  double total_, done_ = 0, skipped_ = 0;
  std::string note_;
  bool silent_, bar_, eager_, drawn_ = false;
  double line_interval_s_;
  std::ostream& out_;
  std::chrono::steady_clock::time_point start_, last_;
};

/// "1 h 02 min", "3 min 10 s", "12 s"
std::string format_duration(double seconds);

}  // namespace deepfog
