#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <sstream>

#include "../storage/edit_hdf5.hpp"
#include "../storage/scratch.hpp"
#include "results/results_file.hpp"
#include "sample_exits.hpp"
#include "sample_inference.hpp"
#include "sample_partition.hpp"

namespace deepfog {
namespace {

using Lines = std::set<std::string>;

/// What a program prints; its exit code in `code`.
std::vector<std::string> output_of(const std::string& command, int& code) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw Failure(command + ": cannot be started");
  std::array<char, 4096> piece{};
  while (const std::size_t count = fread(piece.data(), 1, piece.size(), pipe))
    text.append(piece.data(), count);
  code = WEXITSTATUS(pclose(pipe));
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Schema, TheReadersInPythonListTheSame) {
  int code = 0;
  output_of("/usr/bin/python3 -c 'import numpy, h5py' 2>/dev/null", code);
  if (code != 0) GTEST_SKIP() << "no python3 with numpy and h5py";
  const std::string script = std::string(DEEPFOG_SOURCE_DIR) + "/postprocess/schema.py";
  const std::vector<std::string> listed = output_of("/usr/bin/python3 '" + script + "' --list", code);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(listed, results_schema());
}

/// "/experiments/sample/models/vanilla/flow" -> "/experiments/<experiment>/models/<model>/flow"
std::string with_placeholders(const std::string& path) {
  std::istringstream parts(path);
  std::string result, part, before;
  while (std::getline(parts, part, '/')) {
    if (part.empty()) continue;
    const bool averages = before.rfind("average_", 0) == 0;
    result += "/" + (before == "experiments"               ? "<experiment>"
                     : before == "sessions"                ? "<session>"
                     : before == "inference"               ? "<name>"
                     : before == "models"                  ? "<model>"
                     : averages || before == "reliability" ? "<setting>"
                                                           : part);
    before = part;
  }
  return result;
}

std::string kind_and_rank(const std::string& kind, hid_t type, hid_t space) {
  const hdf5::Type found = hdf5::type_of(type);
  const std::string word = found == hdf5::Type::string ? "string" : hdf5::type_name(found);
  return "|" + kind + "|" + word + "|" + std::to_string(H5Sget_simple_extent_ndims(space));
}

struct Visit {
  std::string object;
  Lines lines;
  time_t latest = 0;  ///< of all time stamps
};

herr_t visit_attribute(hid_t object, const char* name, const H5A_info_t*, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  const hid_t id = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(id), space = H5Aget_space(id);
  visit.lines.insert(with_placeholders(visit.object + "/" + name) + kind_and_rank("attribute", type, space));
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(id);
  return 0;
}

herr_t visit_object(hid_t file, const char* name, const H5O_info_t* info, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  visit.object = std::string(name) == "." ? "" : std::string("/") + name;
  visit.latest = std::max({visit.latest, info->atime, info->mtime, info->ctime, info->btime});
  const hid_t id = H5Oopen(file, name, H5P_DEFAULT);
  if (info->type == H5O_TYPE_DATASET) {
    const hid_t type = H5Dget_type(id), space = H5Dget_space(id);
    visit.lines.insert(with_placeholders(visit.object) + kind_and_rank("dataset", type, space));
    H5Sclose(space);
    H5Tclose(type);
  }
  const bool group = info->type == H5O_TYPE_GROUP;
  const herr_t status =
      group ? H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, nullptr, visit_attribute, data) : 0;
  H5Oclose(id);
  return status;
}

TEST(Schema, ListsWhatTheWriterMakes) {
  const test::Scratch scratch;
  Results results = test::sample_results_with_partitions();
  results.inference = test::sample_results_with_inference().inference;
  results.inference[0].numbers["exit_threshold"] = 0.5;
  results.inference[0].rounds.exit.assign(results.inference[0].rounds.prediction.size(), 1);
  results.experiments[0].models.push_back(test::sample_results_with_exits().experiments[0].models[2]);
  write_results(scratch.path("r.h5"), results);
  Visit visit;
  test::edit(scratch.path("r.h5"), [&](hid_t file) {
#if H5_VERSION_GE(1, 12, 0)
    const herr_t status =
        H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit_object, &visit, H5O_INFO_BASIC | H5O_INFO_TIME);
#else
    const herr_t status = H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit_object, &visit);
#endif
    ASSERT_GE(status, 0);
  });
  Lines listed, missing;
  for (const std::string& line : results_schema()) {
    const std::string entry = line.substr(0, line.rfind('|'));
    listed.insert(entry);
    const std::string need = line.substr(entry.size());
    const auto has = [&](const char* part) { return entry.find(part) != std::string::npos; };
    const bool of_group =
        has("/partition/") || has("/front/") || has("/exits/") || has("/exit_") || has("/trained_without");
    if ((need == "|required" || need == "|combinations" || of_group) && visit.lines.count(entry) == 0)
      missing.insert(entry);
  }
  EXPECT_EQ(missing, Lines{});
  for (const std::string& line : visit.lines) EXPECT_EQ(listed.count(line), 1U) << line << " is not listed";
  EXPECT_EQ(visit.lines.count("/experiments/<experiment>/models/<model>/confusion|dataset|int64|4"), 1U);
  EXPECT_EQ(visit.lines.count("/inference/<name>/phases/combination|dataset|uint64|1"), 1U);
  EXPECT_EQ(visit.lines.count("/inference/<name>/rounds/exit|dataset|int64|1"), 1U);
  EXPECT_EQ(visit.latest, 0) << "an object has a time stamp: the same values would not give the same bytes";
}

}  // namespace
}  // namespace deepfog
