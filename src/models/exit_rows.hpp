#pragma once

#include <torch/torch.h>

#include "models/exit_outcome.hpp"
#include "topology/topology.hpp"

namespace deepfog {

// Rows that leave at exits (DDNN, section III-D). Behind an exit, a row that has left is absent: all its
// values are NaN, and no value of a live row is. The tensors between stages therefore keep the shape [rows,
// width].

/// @return [rows] of bool: whether each row is present
torch::Tensor present(const torch::Tensor& x);

/// -sum p ln p / ln |C| of the softmax of each row: [rows], from 0 (sure) to 1.
torch::Tensor normalised_entropy(const torch::Tensor& scores);

/// The output of an exit: the scores, and a last column that is 1 if the normalised entropy is below the
/// threshold.
/// @param scores [rows, classes]
torch::Tensor with_verdict(const torch::Tensor& scores, double threshold);

/// The entropy and the label of every row. Empty for undefined scores. The scores may be on any device.
ExitOutcome outcome_of(const torch::Tensor& scores);

/// @param x         [rows, width] or undefined
/// @param verdicts  outputs of exits; an undefined one (a dead exit) lets all rows pass
torch::Tensor gate(const torch::Tensor& x, c10::ArrayRef<torch::Tensor> verdicts);

/// For every row, the scores of the first exit that lets it leave, otherwise of the last exit that it has
/// reached, and in a last column the index of that exit. The index is -1, and the class is guessed, for a row
/// that is absent in all exits because the scores of its exit were lost. Undefined if all exits are
/// undefined.
/// @param exits  outputs of exits, [rows, classes + 1] or undefined
torch::Tensor answers(c10::ArrayRef<torch::Tensor> exits);

/// The aggregations MP, AP and CC of the inputs that arrived.
/// @param inputs  undefined for Φ; a row that is absent in one input and present in another counts as Φ in
///                the first
/// @param widths  widths of the inputs, which an input that is Φ occupies in a concatenation
/// @param partial whether rows may be absent; if not, a NaN is an ordinary value
/// @return undefined if all inputs are Φ
torch::Tensor aggregate(Aggregation how, c10::ArrayRef<torch::Tensor> inputs,
                        c10::ArrayRef<std::int64_t> widths, bool partial = true);

}  // namespace deepfog
