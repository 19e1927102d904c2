#pragma once

#include <ATen/core/Tensor.h>

#include <list>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "models/cut_network_layers.hpp"

namespace deepfog {

/// Caches the most recently used selections of weights, up to a number of bytes. Thread-safe.
class SelectionCache {
 public:
  using Key = std::tuple<int, Neurons, Neurons>;  ///< layer, neurons, live

  void limit(std::int64_t bytes);

  /// Returns the cached result of select(), or calls it and caches the result if there is room.
  template <class Select>
  at::Tensor get(const Key& key, const Select& select) {
    at::Tensor tensor = find(key);
    if (tensor.defined()) return tensor;
    tensor = select();
    keep(key, tensor);
    return tensor;
  }

 private:
  using Entry = std::pair<Key, at::Tensor>;
  at::Tensor find(const Key& key);
  void keep(const Key& key, const at::Tensor& tensor);
  void shrink(std::int64_t bytes);

  std::mutex mutex_;
  std::int64_t limit_ = std::int64_t{256} << 20, bytes_ = 0;
  std::list<Entry> entries_;  ///< the most recent first
  std::map<Key, std::list<Entry>::iterator> by_key_;
};

}  // namespace deepfog
