// Layers and expansions of a topology file.
#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/error.hpp"
#include "core/spelling.hpp"
#include "topology/syntax_tree_words.hpp"

namespace deepfog {
namespace {

constexpr std::int64_t kMostWidth = 1000000;
constexpr std::int64_t kMostCutWidth = 100000000;  // activations of a large image, not a row of weights
constexpr std::int64_t kMostRepeats = 1000, kMostStride = 4;
constexpr std::size_t kMostLayers = 1000;

/// What follows the colon.
enum class Size { width, width_and_stride, rate, none };
struct LayerWord {
  std::string name;
  LayerKind kind;
  Size size = Size::width;
};

const std::vector<LayerWord>& layer_words() {
  static const std::vector<LayerWord> words{
      {"relu", LayerKind::relu},
      {"linear", LayerKind::linear},
      {"residual", LayerKind::residual},
      {"dropout", LayerKind::dropout, Size::rate},
      {"norm-linear", LayerKind::norm_linear},
      {"binary-linear", LayerKind::binary_linear},
      {"conv", LayerKind::conv},
      {"binary-conv", LayerKind::binary_conv},
      {"conv3", LayerKind::conv3, Size::width_and_stride},
      {"separable", LayerKind::separable, Size::width_and_stride},
      {"residual-conv", LayerKind::residual_conv, Size::width_and_stride},
      {"pool", LayerKind::pool, Size::none},
      {"gru", LayerKind::gru},
      {"last", LayerKind::last, Size::none},
      {"gather", LayerKind::gather},
      {"part", LayerKind::part},
      {"product", LayerKind::product},
      {"decode", LayerKind::decode}};
  return words;
}

const char kForms[] =
    "relu:WIDTH, linear:WIDTH, residual:WIDTH, dropout:RATE, norm-linear:WIDTH, binary-linear:WIDTH, "
    "conv:FILTERS, binary-conv:FILTERS, conv3:FILTERS[/STRIDE], separable:FILTERS[/STRIDE], "
    "residual-conv:FILTERS[/STRIDE], pool, gru:HIDDEN, last, each with *REPEATS; gather:WIDTH, part:WIDTH, "
    "product:WIDTH, decode:WIDTH in a cut network";

const LayerWord& read_kind(const Statement& statement, std::string_view word, std::string_view kind) {
  std::vector<std::string> names;
  for (const LayerWord& known : layer_words()) {
    if (known.name == kind) return known;
    names.push_back(known.name);
  }
  throw UserError(statement.where, "unknown layer " + quoted(word) + suggestion(kind, names), kForms);
}

double read_rate(const Statement& statement, std::string_view word) {
  double rate = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), rate);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  if (!whole || !(rate > 0 && rate < 1)) {
    throw UserError(statement.where, "dropout rate " + quoted(word), "a number between 0 and 1, such as 0.1");
  }
  return rate;
}

/// @param size  the text behind the colon, without *REPEATS
void read_size(const Statement& statement, std::string_view word, Size how, std::string_view size,
               Layer& layer) {
  if (how == Size::none) {
    if (word.find(':') == std::string_view::npos) return;
    throw UserError(statement.where, "layer " + quoted(word), std::string(word.substr(0, word.find(':'))));
  }
  if (how == Size::rate) {
    layer.rate = read_rate(statement, size);
    return;
  }
  const std::size_t slash = how == Size::width_and_stride ? size.find('/') : std::string_view::npos;
  const std::int64_t most = is_cut(layer.kind) ? kMostCutWidth : kMostWidth;
  layer.width = read_count(statement, size.substr(0, slash), most, "layer width");
  if (slash == std::string_view::npos) return;
  layer.stride = read_count(statement, size.substr(slash + 1), kMostStride, "layer stride");
}

}  // namespace

bool is_layer_without_size(std::string_view word) {
  const auto& words = layer_words();
  const std::string_view name = word.substr(0, word.find('*'));
  return std::any_of(words.begin(), words.end(),
                     [&](const LayerWord& known) { return known.size == Size::none && known.name == name; });
}

std::vector<Layer> read_layers(const Statement& statement, std::size_t first) {
  std::vector<Layer> layers;
  for (std::size_t i = first; i < statement.words.size(); ++i) {
    const std::string_view word = statement.words[i];
    const std::size_t colon = word.find(':');
    const bool alone = colon == std::string_view::npos && is_layer_without_size(word);
    const LayerWord& known = read_kind(statement, word, word.substr(0, alone ? word.find('*') : colon));
    Layer layer{known.kind};
    const std::string_view size = alone                             ? word
                                  : colon == std::string_view::npos ? ""
                                                                    : word.substr(colon + 1);
    const bool cut = is_cut(layer.kind);
    const std::size_t star = cut ? std::string_view::npos : size.find('*');
    read_size(statement, word, known.size, size.substr(0, star), layer);
    if (cut && statement.words.size() > first + 1) {
      throw UserError(statement.where, "layer " + quoted(word) + " beside others",
                      "the only one of its stage");
    }
    std::int64_t repeats = 1;
    if (star != std::string_view::npos) {
      repeats = read_count(statement, size.substr(star + 1), kMostRepeats, "layer repeats");
    }
    layers.insert(layers.end(), static_cast<std::size_t>(repeats), layer);
    if (layers.size() > kMostLayers) {
      throw UserError(statement.where, "too many layers in one stage",
                      "at most " + std::to_string(kMostLayers));
    }
  }
  return layers;
}

Expansion read_expansion(const Statement& statement, const std::string& word) {
  static const std::vector<std::string> names{"pad", "linear", "pool"};
  static const std::vector<Expansion> kinds{Expansion::pad, Expansion::linear, Expansion::pool};
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return kinds[static_cast<std::size_t>(found - names.begin())];
  throw UserError(statement.where, "expand " + quoted(word) + suggestion(word, names),
                  "expand=pad, expand=linear, expand=pool");
}

}  // namespace deepfog
