#include "scheduler/hosts.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "core/error.hpp"

namespace deepfog {

Place this_place(const std::string& host) {
  Place place;
  place.host = host;
  place.cores = std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  cpu_set_t cores;
  place.cores_for_rank = place.cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return place;
  place.cores_for_rank = CPU_COUNT(&cores);
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &cores)) place.allowed.insert(core);
  }
  return place;
}

std::string encode(const Place& place) {
  std::string text =
      std::to_string(place.cores) + " " + std::to_string(place.cores_for_rank) + " " + place.host;
  for (const int core : place.allowed) text += " " + std::to_string(core);
  return text;
}

Place decode_place(const std::string& text) {
  std::istringstream words(text);
  Place place;
  if (!(words >> place.cores >> place.cores_for_rank >> place.host) || place.cores < 1 ||
      place.cores_for_rank < 1) {
    throw Failure("a rank described its host as '" + text + "'");
  }
  for (int core = 0; words >> core;) place.allowed.insert(core);
  if (!words.eof()) throw Failure("a rank described its host as '" + text + "'");
  return place;
}

std::string host_list(const std::vector<Place>& places) {
  std::vector<std::string> names;
  for (const Place& place : places) {
    if (std::find(names.begin(), names.end(), place.host) == names.end()) names.push_back(place.host);
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

namespace {

/// Of one host, that its ranks may use between them.
int usable_cores(const std::vector<Place>& places, const std::string& host) {
  std::set<int> allowed;
  int cores = 1;
  for (const Place& place : places) {
    if (place.host != host) continue;
    allowed.insert(place.allowed.begin(), place.allowed.end());
    cores = place.cores;
  }
  return allowed.empty() ? cores : std::min(cores, static_cast<int>(allowed.size()));
}

}  // namespace

int core_count(const std::vector<Place>& places) {
  std::set<std::string> hosts;
  int cores = 0;
  for (const Place& place : places) {
    if (hosts.insert(place.host).second) cores += usable_cores(places, place.host);
  }
  return cores;
}

std::vector<std::string> oversubscription(const std::vector<Place>& places, int threads_per_rank) {
  std::vector<std::string> lines;
  std::map<std::string, int> ranks;
  for (const Place& place : places) ++ranks[place.host];
  for (const auto& [host, count] : ranks) {
    const int cores = usable_cores(places, host);
    if (count * threads_per_rank <= cores) continue;
    lines.push_back(host + ": " + std::to_string(count) + " ranks x " + std::to_string(threads_per_rank) +
                    " threads on " + std::to_string(cores) + " cores: they will wait for each other");
  }
  for (std::size_t rank = 0; rank < places.size(); ++rank) {
    if (threads_per_rank <= places[rank].cores_for_rank) continue;
    lines.push_back("rank " + std::to_string(rank) + " has " + std::to_string(threads_per_rank) +
                    " threads but is bound to " + std::to_string(places[rank].cores_for_rank) +
                    " cores (mpirun --bind-to none)");
    break;  // the others are bound alike
  }
  return lines;
}

}  // namespace deepfog
