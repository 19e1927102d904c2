#include "cli/verb.hpp"

int main(int argc, char** argv) {
  return deepfog::run_program(
      argc, argv,
      {
          {"run", "train and sweep a campaign under all failure combinations", deepfog::run_verb, true},
          {"infer", "run a trained network for real, one rank a physical node, and let nodes fail",
           deepfog::infer_verb, true},
          {"partition", "cut a convolutional network over devices and see what their failures cost",
           deepfog::partition_verb, true},
          {"merge", "put the shares of a campaign, one a job, together", deepfog::merge_verb},
          {"status", "how far a campaign is, while its jobs write", deepfog::status_verb},
          {"analyze",
           "what a results file answers: any reliability setting, worst cases, which node to harden",
           deepfog::analyze_verb},
          {"verify", "check every invariant of a results file", deepfog::verify_verb},
          {"config", "values in force of a config file, for scripts", deepfog::config_verb},
          {"list", "topologies, data sets, configs and verbs there are", deepfog::list_verb},
      });
}
