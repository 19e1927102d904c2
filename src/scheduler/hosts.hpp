#pragma once

#include <set>
#include <string>
#include <vector>

namespace deepfog {

/// One rank's place: host name and the cores of that host.
struct Place {
  std::string host;
  int cores = 1;            ///< of the host
  int cores_for_rank = 1;   ///< that this rank may run on (binding)
  std::set<int> allowed{};  ///< which these are; empty: not known
};
Place this_place(const std::string& host);

std::string encode(const Place& place);
Place decode_place(const std::string& text);  ///< throws Failure

/// Names of the hosts, comma separated, each once, in rank order.
std::string host_list(const std::vector<Place>& places);

/// Cores of all hosts that the ranks may use, each once: of a batch job those it was given.
int core_count(const std::vector<Place>& places);

/// What the user should know when the threads of the ranks do not fit the cores; one line each.
std::vector<std::string> oversubscription(const std::vector<Place>& places, int threads_per_rank);

}  // namespace deepfog
