#include "results/session_file.hpp"

namespace deepfog::session_file {
namespace {

constexpr const char* group = "/sessions";
constexpr const char* text_names[] = {"began", "ended", "command_line", "hosts",
                                      "job",   "nodes", "modules",      "share"};
constexpr const char* integer_names[] = {"ranks", "threads_per_rank", "cores"};

}  // namespace

void write(hdf5::Writer& file, const std::vector<SessionResults>& sessions) {
  if (sessions.empty()) return;  // absent, as in older files
  file.group(group);
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const std::string base = std::string(group) + "/" + std::to_string(i);
    file.group(base);
    for (const auto& [name, value] : sessions[i].text) file.text(base, name, value);
    for (const auto& [name, value] : sessions[i].integers) file.value(base, name, value);
    file.text_table(base + "/environment", sessions[i].environment);
    file.text(base + "/environment", "units", "1");
    file.text(base + "/environment", "long_name", "environment variables, NAME=value a line, secrets masked");
  }
}

std::vector<SessionResults> read(const hdf5::Reader& file) {
  std::vector<SessionResults> sessions;
  if (!file.has(group)) return sessions;
  for (const std::string& name : file.children(group)) {
    const std::string base = std::string(group) + "/" + name;
    SessionResults session;
    for (const char* one : text_names) session.text[one] = file.text(base, one);
    for (const char* one : integer_names) session.integers[one] = file.value<std::int64_t>(base, one);
    session.environment = hdf5::Reader::read_strings(file.open(base + "/environment"), {}).front();
    sessions.push_back(std::move(session));
  }
  return sessions;
}

std::vector<std::string> schema() {
  const std::string base = std::string(group) + "/<session>/";
  std::vector<std::string> lines;
  for (const char* name : text_names) lines.push_back(base + name + "|attribute|string|0|required");
  for (const char* name : integer_names) lines.push_back(base + name + "|attribute|int64|0|required");
  lines.push_back(base + "environment|dataset|string|0|required");
  return lines;
}

}  // namespace deepfog::session_file
