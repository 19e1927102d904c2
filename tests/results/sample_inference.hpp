#pragma once

#include "results/results_file.hpp"

namespace deepfog::test {

/// A complete and valid distributed run: three nodes in a row with a skip over the middle one, two groups,
/// four phases (no failure, a dead node, messages lost by script, a dead first node), eight rounds of two
/// samples, a node that died, transitions of two observers. Links: iot->a, a->b, b->c, a->c.
InferenceResults sample_inference();

/// A valid file of a campaign and a distributed run.
Results sample_results_with_inference();

/// A valid file of a distributed run alone.
Results sample_results_of_inference_alone();

}  // namespace deepfog::test
