#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "../comm/mpi_test.hpp"
#include "campaign/campaign.hpp"
#include "campaign/paths.hpp"
#include "tiny_campaign.hpp"

namespace deepfog {

/// A tiny campaign over the ranks of this job.
class CampaignTest : public testing::Test {
 protected:
  void SetUp() override {
    if (leads()) scratch_ = std::make_unique<test::Scratch>();
    const std::string shared = broadcast(world_, leads() ? scratch_->folder() : "");
    const std::string own = shared + "/rank" + std::to_string(world_.rank());  // a data set for each rank
    ASSERT_TRUE(std::filesystem::create_directory(own));
    spec_ = test::TinyCampaign(own).spec;
    spec_.output = shared + "/results.h5";
    options_.progress = ProgressMode::never;
    options_.command_line = "deepfog run --restart --config tiny.ini";
  }
  void TearDown() override { barrier(world_); }  // before rank 0 removes the folder

  bool leads() const { return world_.rank() == 0; }

  CampaignOutcome run() { return run_campaign(spec_, world_, options_); }

  /// The same campaign on rank 0 alone, in another file.
  Results reference() {
    CampaignSpec spec = spec_;
    spec.output = scratch_->path("reference.h5");
    Communicator alone = Communicator::self();
    return run_campaign(spec, alone, options_).results;
  }

  /// The file these results make when times and places are masked.
  std::string masked(Results results) {
    for (const char* name : {"created", "finished", "hosts"}) results.text[name] = "masked";
    results.integers["ranks"] = 0;
    results.sessions.clear();
    for (ExperimentResults& experiment : results.experiments) {
      for (ModelResults& model : experiment.models) {
        for (auto* seconds : {&model.train_seconds, &model.sweep_seconds})
          seconds->assign(seconds->size(), 0);
      }
    }
    const std::string path = scratch_->path("masked.h5");
    write_results(path, results);
    return test::read_file(path);
  }

  template <class Error>
  void expect_everywhere(const std::string& part) {
    const std::string text = test::message_of<Error>([&] { run(); });
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  Communicator& world_ = test_world();
  std::unique_ptr<test::Scratch> scratch_;
  CampaignSpec spec_;
  CampaignOptions options_;
};

}  // namespace deepfog
