#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace deepfog {

/// `automatic`: a bar on a terminal, otherwise one line every 30 s and a final line, but nothing if all is
/// done before the first line is due. `always`: without a terminal, also an initial and a final line.
/// `never`: nothing.
enum class ProgressMode { automatic, always, never };

/// Reports the progress of long work with the remaining time: as a bar on a terminal, otherwise as one line
/// every 30 s. Only one rank creates one. Writes to `out` (stderr).
class Progress {
 public:
  /// @param total      work in units of the caller's choice (estimated costs give a better estimate of the
  /// remaining time than counts)
  /// @param terminal   whether `out` is a terminal
  /// @param line_interval_s  time between two lines if there is no terminal
  Progress(std::string title, double total, ProgressMode mode, std::ostream& out, bool terminal,
           double line_interval_s = 30);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// @param done  work done so far
  /// @param skipped work that was done before this session; it does not enter the estimate of the remaining
  /// time
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

/// "1 h 02 min", "3 min 10 s" or "12 s".
std::string format_duration(double seconds);

}  // namespace deepfog
