#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/round_driver.hpp"

namespace deepfog {

/// A distributed run as requested by the user. Times are in microseconds.
struct DistributedSpec {
  std::string name = "inference";  ///< name of the group in the results file
  std::string output;              ///< results file
  std::string weights;             ///< weights file; it contains topology, normalisation and data set
  std::string dataset;             ///< name or file; empty: the one on which the weights were trained
  std::string command_line;

  Scenario scenario = Scenario::single_stream;
  double rate = 0;           ///< for the server scenario: frames per second
  std::int64_t samples = 0;  ///< of the test split, per phase; 0: all
  std::int64_t batch = 1;    ///< samples per frame
  int depth = 0;             ///< frames in flight; 0: 1 in single stream, otherwise 8
  std::uint64_t seed = 1;
  int threads = 1;

  std::string failures = "none";           ///< none | all | names of nodes that are always silent: "f2,e1"
  std::string script, script_where;        ///< text of the failure script, and its origin
  std::vector<std::int64_t> timeouts_us;   ///< per hop; more than one: the timeout study
  std::vector<std::string> variants;       ///< of the timeout study: none, script, or nodes as in `failures`
  std::vector<std::string> link_timeouts;  ///< "e1->f2 5ms": hyperconnections with their own timeout
  bool adaptive = false;
  std::int64_t heartbeat_us = 20'000, limit_us = 200'000;
  std::int64_t run_limit_us = 0;  ///< the run ends after this time in any case; 0: an hour
  std::string kernels = "float";  ///< float | packed: binary blocks as bits, see models/packed_node.hpp
  double exit_threshold = -1;     ///< of every exit but the last; below 0: the thresholds in the weights
  bool check = false;             ///< every answer is compared with the simulated network
};

std::string scenario_word(Scenario scenario);

}  // namespace deepfog
