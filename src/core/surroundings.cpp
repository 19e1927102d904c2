#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/launch.hpp"

namespace deepfog {
namespace {

constexpr int most_generations = 64, timeout_ms = 2000;

/// Parses "NAMESPACE.RANK;tcp4://127.0.0.1:40371" or "...;tcp6://[::1]:40371". Returns false for any other
/// form.
bool parse_address(const std::string& uri, sockaddr_storage& address, socklen_t& bytes) {
  const auto scheme = uri.find("tcp");
  const auto slashes = uri.find("://", scheme == std::string::npos ? 0 : scheme);
  const auto colon = uri.rfind(':');
  if (scheme == std::string::npos || slashes == std::string::npos || colon <= slashes) return false;
  std::string host = uri.substr(slashes + 3, colon - slashes - 3);
  if (!host.empty() && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port = htons(static_cast<std::uint16_t>(std::atoi(uri.c_str() + colon + 1)));
  std::memset(&address, 0, sizeof address);
  auto* four = reinterpret_cast<sockaddr_in*>(&address);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address);
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = port;
    bytes = sizeof *four;
    return true;
  }
  std::memset(&address, 0, sizeof address);
  if (inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) != 1) return false;
  six->sin6_family = AF_INET6;
  six->sin6_port = port;
  bytes = sizeof *six;
  return true;
}

/// Whether a server listens at the address. For an address of another form, or if there is no answer in time,
/// the result is true: the MPI library will find out.
bool answers(const std::string& uri) {
  sockaddr_storage address;
  socklen_t bytes = 0;
  if (!parse_address(uri, address, bytes)) return true;
  const int descriptor = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return true;
  int status = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), bytes) == 0 ? 0 : errno;
  if (status == EINPROGRESS) {
    pollfd waiting{descriptor, POLLOUT, 0};
    socklen_t size = sizeof status;
    if (::poll(&waiting, 1, timeout_ms) != 1 ||
        ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size) != 0) {
      status = 0;
    }
  }
  ::close(descriptor);
  return status != ECONNREFUSED;
}

/// This process and its ancestors, as far as /proc shows them.
std::vector<Surroundings::Process> line_of_descent() {
  std::vector<Surroundings::Process> line;
  long process = ::getpid();
  for (int i = 0; i < most_generations && process > 0; ++i) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    if (!std::getline(file, text)) break;
    // "27 (a name) S 1 ...": the name may contain anything.
    const auto begin = text.find('('), end = text.rfind(") ");
    if (begin == std::string::npos || end == std::string::npos || end + 4 >= text.size()) break;
    line.push_back({process, text.substr(begin + 1, end - begin - 1)});
    process = std::atol(text.c_str() + end + 4);
  }
  return line;
}

}  // namespace

Surroundings surroundings() {
  Surroundings seen;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) seen.variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  seen.line = line_of_descent();
  seen.answers = answers;
  seen.is_open = [](int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; };
  return seen;
}

}  // namespace deepfog
