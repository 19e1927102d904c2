#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/cnn_plan.hpp"

namespace deepfog {

/// Appends the steps of a network one by one and tracks the shape.
class CnnBuilder {
 public:
  explicit CnnBuilder(const CnnSpec& spec) : spec_(spec), shape_(spec.image) {}

  /// Throws UserError if the image is too small, so that no pixel would be left.
  void convolution(const std::string& name, std::int64_t channels, std::int64_t kernel, std::int64_t stride,
                   std::int64_t padding);
  void depthwise(const std::string& name, std::int64_t kernel, std::int64_t padding);
  void max_pool(std::int64_t kernel, std::int64_t stride);
  void adaptive_average_pool(std::int64_t size);
  void linear(const std::string& name, std::int64_t features);
  void batch_norm(const std::string& name);
  void layer_norm(const std::string& name);
  void layer_scale(const std::string& tensor, double initial);
  void flatten();
  void dropout(double rate);
  void add(double rate);
  void plain(StepKind kind) { append(kind, "", shape_); }  ///< relu, gelu, keep

  const CnnSpec& spec() const { return spec_; }
  const std::vector<Step>& steps() const { return steps_; }

 private:
  Step& append(StepKind kind, const std::string& name, const ImageShape& out);
  Step& window(StepKind kind, const std::string& name, std::int64_t channels, std::int64_t kernel,
               std::int64_t stride, std::int64_t padding);

  CnnSpec spec_;
  ImageShape shape_;
  std::vector<Step> steps_;
};

/// A network's name and the function that builds it.
struct CnnRecipe {
  std::string name;
  std::function<void(CnnBuilder&)> build;
};
const std::vector<CnnRecipe>& cnn_recipes();

}  // namespace deepfog
