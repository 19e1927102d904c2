#pragma once

#include <torch/torch.h>

#include "models/exit_outcome.hpp"
#include "topology/topology.hpp"

namespace deepfog {

// Rows that leave at exits (DDNN, section III-D). Behind an exit a row that has left is absent: all its
// values are NaN, which no live one is. So [rows, width] stays what stages exchange, whoever has left.

/// [rows] of bool.
torch::Tensor present(const torch::Tensor& x);

/// -sum p ln p / ln |C| of the softmax of each row: [rows], 0 (sure) to 1.
torch::Tensor normalised_entropy(const torch::Tensor& scores);

/// An exit's output: the scores, and in a last column 1 where the normalised entropy is below the threshold.
/// @param scores [rows, classes]
torch::Tensor with_verdict(const torch::Tensor& scores, double threshold);

/// What an exit says of every row: sureness and label. Empty for undefined scores, which may be on any
/// device.
ExitOutcome outcome_of(const torch::Tensor& scores);

/// @param x         [rows, width] or undefined
/// @param verdicts  outputs of exits, undefined for dead ones: these let all rows pass
torch::Tensor gate(const torch::Tensor& x, c10::ArrayRef<torch::Tensor> verdicts);

/// For every row the scores of the first exit that lets it leave, else of the last exit that it has reached,
/// and in a last column that exit's number; -1 for a row that is absent in all (its exit's scores were lost
/// on the way): its class is guessed. Undefined when all exits are.
/// @param exits  outputs of exits, [rows, classes + 1] or undefined
torch::Tensor answers(c10::ArrayRef<torch::Tensor> exits);

/// MP, AP and CC of what is there.
/// @param inputs  undefined: Φ; a row may be absent in one and present in another: it is Φ then
/// @param widths  of the inputs, which those that are Φ take in a concatenation
/// @param partial whether rows may be absent at all: where none may, a NaN is one
/// @return undefined when all are Φ
torch::Tensor aggregate(Aggregation how, c10::ArrayRef<torch::Tensor> inputs,
                        c10::ArrayRef<std::int64_t> widths, bool partial = true);

}  // namespace deepfog
