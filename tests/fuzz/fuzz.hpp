#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/seed.hpp"

namespace deepfog::fuzz {

/// A kind of input that the program reads: how to make a damaged one, and everything that reads it.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Writes an input. The same stream gives the same bytes.
  virtual void make(RandomStream& draw, const std::string& path) = 0;
  /// Calls all that reads such inputs. UserError and Failure are right answers; anything else is a finding.
  virtual void read(const std::string& path) = 0;
};

struct NamedReader {
  std::string name;
  /// @param folder  of its own, for seeds and whatever else stands beside an input
  std::function<std::unique_ptr<Reader>(const std::string& folder)> open;
};

std::vector<NamedReader> hdf5_readers();  ///< results, weights, datasets, networks
std::vector<NamedReader> log_readers();   ///< journals, rounds
std::vector<NamedReader> text_readers();  ///< topologies, configs, scripts

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::string& bytes);

/// Calls and takes UserError and Failure for an answer, so that several readers see the same input.
/// @return whether nothing was thrown
bool answered(const std::function<void()>& call);

/// What a finding of verify() must be: a line of text. Throws std::logic_error.
void check_line(const std::string& message);

}  // namespace deepfog::fuzz
