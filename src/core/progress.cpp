#include "core/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace deepfog {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr double kBarInterval_s = 0.1;
constexpr int kBarCells = 24;
constexpr std::size_t kNoteLength = 30;  // keeps the bar within 80 columns

double share(double done, double total) {
  return total > 0 ? std::min(1.0, std::max(0.0, done / total)) : 1.0;
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%3.0f %%", std::floor(100 * share));
  return text;
}

std::string bar(double share) {
  const int full = static_cast<int>(share * kBarCells);
  return "[" + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(kBarCells - full), '.') + "]";
}

}  // namespace

Progress::Progress(std::string title, double total, ProgressMode mode, std::ostream& out, bool terminal,
                   double line_interval_s)
    : title_(std::move(title)),
      total_(total),
      silent_(mode == ProgressMode::never),
      bar_(terminal),
      eager_(mode == ProgressMode::always),
      line_interval_s_(line_interval_s),
      out_(out),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (drawn_ && bar_) out_ << '\n' << std::flush;  // so that an error message begins on its own line
}

void Progress::update(double done, double skipped, const std::string& note) {
  done_ = done;
  skipped_ = skipped;
  note_ = note;
  if (silent_) return;
  const double since_last_s = Seconds(std::chrono::steady_clock::now() - last_).count();
  const bool first = !drawn_ && (bar_ || eager_);
  if (first || since_last_s >= (bar_ ? kBarInterval_s : line_interval_s_)) draw(false);
}

void Progress::finish() {
  if (silent_) return;
  if (bar_ || eager_ || drawn_) draw(true);
  silent_ = true;
  drawn_ = false;
}

void Progress::draw(bool final) {
  const double elapsed_s = Seconds(std::chrono::steady_clock::now() - start_).count();
  const double portion = share(done_, total_);
  const double fresh = done_ - skipped_;
  std::string time = "done in " + format_duration(elapsed_s);
  if (!final) {
    const double left_s = std::max(0.0, total_ - done_) / fresh * elapsed_s;
    time = fresh > 0 ? format_duration(left_s) + " left" : "time left unknown";
  }
  if (bar_) {
    std::string note = note_;
    if (note.size() > kNoteLength) note = note.substr(0, kNoteLength - 3) + "...";
    out_ << '\r' << title_ << ' ' << bar(portion) << ' ' << percent(portion) << ", " << time
         << (note.empty() ? "" : "  " + note) << "\x1b[K";
    if (final) out_ << '\n';
  } else {
    out_ << title_ << ": " << percent(portion) << ", " << time << (note_.empty() ? "" : "; " + note_) << '\n';
  }
  out_ << std::flush;
  drawn_ = true;
  last_ = std::chrono::steady_clock::now();
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds >= 1e9) return "over 30 years";
  const long long whole = std::llround(seconds);
  char text[64];
  if (whole < 60) {
    std::snprintf(text, sizeof text, "%lld s", whole);
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%lld min %lld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld h %02lld min", whole / 3600, whole % 3600 / 60);
  }
  return text;
}

}  // namespace deepfog
