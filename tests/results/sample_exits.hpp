#pragma once

#include "results/results_file.hpp"

namespace deepfog::test {

/// A valid file: sample_results() with a third model, `ddnn`, whose samples may leave at three exits: two
/// devices `a` and `b` with class summaries, a gateway with the exit `local`, an edge `c` with the exit
/// `c-exit`, and the cloud; gateway and cloud never fail. Its counts come from a rule that gives every sample
/// an entropy and a right or a wrong answer at every head.
Results sample_results_with_exits();

}  // namespace deepfog::test
