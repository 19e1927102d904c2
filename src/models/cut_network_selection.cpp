#include "models/cut_network_selection.hpp"

namespace deepfog {

void SelectionCache::limit(std::int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  limit_ = bytes;
  shrink(limit_);
}

at::Tensor SelectionCache::find(const Key& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return {};
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void SelectionCache::keep(const Key& key, const at::Tensor& tensor) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto bytes = static_cast<std::int64_t>(tensor.nbytes());
  if (bytes > limit_ || by_key_.count(key) > 0) return;  // another thread has added it meanwhile
  shrink(limit_ - bytes);
  entries_.emplace_front(key, tensor);
  by_key_[key] = entries_.begin();
  bytes_ += bytes;
}

void SelectionCache::shrink(std::int64_t bytes) {
  while (bytes_ > bytes) {
    bytes_ -= static_cast<std::int64_t>(entries_.back().second.nbytes());
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

}  // namespace deepfog
