#include "inference/adaptive_timeout.hpp"

#include <algorithm>
#include <cmath>

namespace deepfog {
namespace {

// Gains of Jacobson, "Congestion avoidance and control", SIGCOMM 1988, appendix A.
constexpr double kSmooth = 1.0 / 8, kDeviate = 1.0 / 4, kDeviations = 4;

}  // namespace

std::int64_t AdaptiveTimeout::fixed_us(std::size_t input) const {
  const std::int64_t own_us = links_[input].own_us;
  return own_us > 0 ? own_us : timeout_us_ * std::max(1, hops_[input]);
}

std::int64_t AdaptiveTimeout::limit_us(std::size_t input) const {
  const std::int64_t fixed = fixed_us(input);
  const Link& link = links_[input];
  if (!adaptive_ || !link.known) return fixed;
  const auto learnt = static_cast<std::int64_t>(std::ceil(link.smooth_us + kDeviations * link.deviation_us));
  return std::min(fixed, std::max(least_us_, learnt));
}

void AdaptiveTimeout::arrived(std::size_t input, std::int64_t after_us) {
  Link& link = links_[input];
  const auto sample = static_cast<double>(std::max<std::int64_t>(0, after_us));
  if (!link.known) {
    link.known = true;
    link.smooth_us = sample;
    link.deviation_us = sample / 2;
    return;
  }
  const double error = sample - link.smooth_us;
  link.smooth_us += kSmooth * error;
  link.deviation_us += kDeviate * (std::abs(error) - link.deviation_us);
}

void AdaptiveTimeout::too_late(std::size_t input) {
  Link& link = links_[input];
  if (!link.known) return;
  link.smooth_us = std::min(2 * link.smooth_us + 1, static_cast<double>(fixed_us(input)));
}

}  // namespace deepfog
