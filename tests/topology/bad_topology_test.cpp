#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

const std::vector<std::string> kGood = {"topology small",    // 1
                                        "source iot 5",      // 2
                                        "node a relu:4",     // 3
                                        "node b relu:4*2",   // 4
                                        "node c linear:3",   // 5
                                        "link iot -> a",     // 6
                                        "link a -> b",       // 7
                                        "link b -> c",       // 8
                                        "link a -> c skip",  // 9
                                        "fails b a"};        // 10

/// The good file with some lines replaced; lines 11 to 13 are added.
std::string with(const std::map<std::size_t, std::string>& changes) {
  std::string text;
  for (std::size_t line = 1; line <= kGood.size() + 3; ++line) {
    const auto change = changes.find(line);
    text += (change != changes.end() ? change->second : line <= kGood.size() ? kGood[line - 1] : "") + "\n";
  }
  return text;
}

std::string many(const std::string& word, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += " " + word + std::to_string(i);
  return result;
}

struct Row {
  std::map<std::size_t, std::string> changes;
  std::string message;
};

class BadTopology : public testing::TestWithParam<Row> {};

TEST_P(BadTopology, IsRefusedInOneLine) {
  try {
    parse_topology(with(GetParam().changes), "t");
    FAIL() << "accepted; expected: " << GetParam().message;
  } catch (const UserError& error) {
    EXPECT_EQ(error.what(), GetParam().message);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

const std::string kStatements = " (topology, let, source, node, stage, link, exit, summary, fails)";
const std::string kNameRule = " (up to 64 letters, digits, _ and -, a letter or digit first)";
const std::string kLayers =
    " (relu:WIDTH, linear:WIDTH, residual:WIDTH, dropout:RATE, norm-linear:WIDTH, binary-linear:WIDTH, "
    "conv:FILTERS, binary-conv:FILTERS, conv3:FILTERS[/STRIDE], separable:FILTERS[/STRIDE], "
    "residual-conv:FILTERS[/STRIDE], pool, gru:HIDDEN, last, each with *REPEATS; gather:WIDTH, part:WIDTH, "
    "product:WIDTH, decode:WIDTH in a cut network)";
const std::string kMillion = " (a whole number, 1 to 1000000)";
const std::string kOptions = " (skip, weight=NUMBER, expand=pad, expand=linear, expand=pool)";
const std::string kWeight = " (a finite number other than 0, such as weight=0.5)";
const std::string kLink =
    "t:7: malformed link statement (link FROM -> TO [skip] [weight=NUMBER] [expand=pad|linear|pool])";

// Errors that a single line shows.
const Row kLines[] = {
    {{{3, "nod a relu:4"}}, "t:3: unknown statement \"nod\", did you mean \"node\"?" + kStatements},
    {{{3, "Link a -> b"}}, "t:3: unknown statement \"Link\", did you mean \"link\"?" + kStatements},
    {{{3, "reliability 0.9"}}, "t:3: unknown statement \"reliability\"" + kStatements},
    {{{3, "\x1b[2J\xff"}}, "t:3: unknown statement \"?[2J?\"" + kStatements},
    {{{1, ""}}, "t: no topology statement (topology NAME)"},
    {{{1, "topology"}}, "t:1: malformed topology statement (topology NAME)"},
    {{{1, "topology a b"}}, "t:1: malformed topology statement (topology NAME)"},
    {{{11, "topology other"}}, "t:11: a second topology statement (one a file; the first is on line 1)"},
    {{{1, "topology a/b"}}, "t:1: \"a/b\" is no name" + kNameRule},
    {{{1, "topology -x"}}, "t:1: \"-x\" is no name" + kNameRule},
    {{{2, "source iot"}},
     "t:2: malformed source statement (source NAME WIDTH, or NAME CHANNELSxHEIGHTxWIDTH [channels-last])"},
    {{{2, "source iot 5 6"}},
     "t:2: malformed source statement (source NAME WIDTH, or NAME CHANNELSxHEIGHTxWIDTH [channels-last])"},
    {{{2, "source iot five"}}, "t:2: source width \"five\"" + kMillion},
    {{{2, "source iot 0"}}, "t:2: source width \"0\"" + kMillion},
    {{{2, "source iot -5"}}, "t:2: source width \"-5\"" + kMillion},
    {{{2, "source iot 5.0"}}, "t:2: source width \"5.0\"" + kMillion},
    {{{2, "source iot 1000001"}}, "t:2: source width \"1000001\"" + kMillion},
    {{{2, "source iot 99999999999999999999"}}, "t:2: source width \"99999999999999999999\"" + kMillion},
    {{{3, "node"}}, "t:3: malformed node statement (node NAME [AGGREGATION] [LAYER ...])"},
    {{{3, "node a.b relu:4"}}, "t:3: \"a.b\" is no name" + kNameRule},
    {{{3, "node " + std::string(65, 'a') + " relu:4"}},
     "t:3: \"" + std::string(64, 'a') + "...\" is no name" + kNameRule},
    {{{3, "node a rellu:4"}}, "t:3: unknown layer \"rellu:4\", did you mean \"relu\"?" + kLayers},
    {{{3, "node a sigmoid:4"}}, "t:3: unknown layer \"sigmoid:4\"" + kLayers},
    {{{3, "node a relu"}}, "t:3: layer width \"\"" + kMillion},
    {{{3, "node a relu:"}}, "t:3: layer width \"\"" + kMillion},
    {{{3, "node a relu:0"}}, "t:3: layer width \"0\"" + kMillion},
    {{{3, "node a relu:1000001"}}, "t:3: layer width \"1000001\"" + kMillion},
    {{{3, "node a relu:4*"}}, "t:3: layer repeats \"\" (a whole number, 1 to 1000)"},
    {{{3, "node a relu:4*0"}}, "t:3: layer repeats \"0\" (a whole number, 1 to 1000)"},
    {{{3, "node a relu:4*1001"}}, "t:3: layer repeats \"1001\" (a whole number, 1 to 1000)"},
    {{{3, "node a relu:4*2*2"}}, "t:3: layer repeats \"2*2\" (a whole number, 1 to 1000)"},
    {{{3, "node a relu:4*1000 relu:4"}}, "t:3: too many layers in one stage (at most 1000)"},
    {{{11, "stage d"}}, "t:11: malformed stage statement (stage NAME on NODE [AGGREGATION] [LAYER ...])"},
    {{{11, "stage d at a"}},
     "t:11: malformed stage statement (stage NAME on NODE [AGGREGATION] [LAYER ...])"},
    {{{7, "link a b"}}, kLink},
    {{{7, "link a -> "}}, kLink},
    {{{7, "link a => b"}}, kLink},
    {{{7, "link a -> b slip"}}, "t:7: unknown link option \"slip\", did you mean \"skip\"?" + kOptions},
    {{{7, "link a -> b weight"}}, "t:7: unknown link option \"weight\", did you mean \"weight\"?" + kOptions},
    {{{7, "link a -> b wieght=2"}},
     "t:7: unknown link option \"wieght=2\", did you mean \"weight\"?" + kOptions},
    {{{7, "link a -> b skip skip"}}, "t:7: link option skip given twice (once)"},
    {{{7, "link a -> b weight=1 weight=1"}}, "t:7: link option weight given twice (once)"},
    {{{7, "link a -> b weight=0"}}, "t:7: weight \"0\"" + kWeight},
    {{{7, "link a -> b weight="}}, "t:7: weight \"\"" + kWeight},
    {{{7, "link a -> b weight=inf"}}, "t:7: weight \"inf\"" + kWeight},
    {{{7, "link a -> b weight=nan"}}, "t:7: weight \"nan\"" + kWeight},
    {{{7, "link a -> b weight=1e39"}}, "t:7: weight \"1e39\"" + kWeight},
    {{{7, "link a -> b weight=1e-60"}}, "t:7: weight \"1e-60\"" + kWeight},
    {{{7, "link a -> b weight=0,5"}}, "t:7: weight \"0,5\"" + kWeight},
    {{{7, "link a -> b expand=padd"}},
     "t:7: expand \"padd\", did you mean \"pad\"? (expand=pad, expand=linear, expand=pool)"},
    {{{7, "link a -> b expand=zero"}}, "t:7: expand \"zero\" (expand=pad, expand=linear, expand=pool)"},
    {{{10, "fails"}}, "t:10: malformed fails statement (fails NODE ..., or no such line when nothing fails)"},
    {{{11, "fails a"}}, "t:11: a second fails statement (one a file; the first is on line 10)"},
    {{{10, "fails" + many("n", 65)}}, "t:10: 65 nodes that can fail (at most 64)"},
    {{{4, std::string("node b\0relu:4", 13)}}, "t:4: a zero byte (a topology file is plain text)"},
};
INSTANTIATE_TEST_SUITE_P(Lines, BadTopology, testing::ValuesIn(kLines));

// Layers other than dense ones: the source of the good file is an image of 2x4x6, which its stages read.
const std::map<std::size_t, std::string> kImages = {
    {2, "source iot 2x4x6"}, {3, "node a conv3:3"}, {4, "node b separable:3/2"}, {9, ""}};

Row image_with(const std::map<std::size_t, std::string>& changes, const std::string& message) {
  Row row{changes, message};
  row.changes.insert(kImages.begin(), kImages.end());
  return row;
}

const std::string kRate = " (a number between 0 and 1, such as 0.1)";
const std::string kStride = " (a whole number, 1 to 4)";
const std::string kSized = " (sources CHANNELSxHEIGHTxWIDTH, all of one height and width)";
const std::string kSeries = " (sources FEATURESx1xSTEPS, all of as many steps)";
const std::string kOthers = " (images of one height and width on its links without expand=pool)";
const std::string kMultiples = " (images whose height and width are whole multiples)";
const Row kImageRows[] = {
    image_with({{3, "node a dropout"}}, "t:3: dropout rate \"\"" + kRate),
    image_with({{3, "node a dropout:0"}}, "t:3: dropout rate \"0\"" + kRate),
    image_with({{3, "node a dropout:1"}}, "t:3: dropout rate \"1\"" + kRate),
    image_with({{3, "node a dropout:nan"}}, "t:3: dropout rate \"nan\"" + kRate),
    image_with({{3, "node a dropout:10%"}}, "t:3: dropout rate \"10%\"" + kRate),
    image_with({{3, "node a dropuot:0.1"}},
               "t:3: unknown layer \"dropuot:0.1\", did you mean \"dropout\"?" + kLayers),
    image_with({{3, "node a conv3"}}, "t:3: layer width \"\"" + kMillion),
    image_with({{3, "node a conv3:4/"}}, "t:3: layer stride \"\"" + kStride),
    image_with({{3, "node a conv3:4/0"}}, "t:3: layer stride \"0\"" + kStride),
    image_with({{3, "node a separable:4/5"}}, "t:3: layer stride \"5\"" + kStride),
    image_with({{3, "node a residual-conv:4/2/2"}}, "t:3: layer stride \"2/2\"" + kStride),
    image_with({{3, "node a relu:4/2"}}, "t:3: layer width \"4/2\"" + kMillion),
    image_with({{3, "node a pool:2"}}, "t:3: layer \"pool:2\" (pool)"),
    image_with({{3, "node a pool relu:4 last:2"}}, "t:3: layer \"last:2\" (last)"),
    image_with({{3, "node a pol relu:4"}}, "t:3: unknown layer \"pol\", did you mean \"pool\"?" + kLayers),
    image_with({{2, "source iot 5"}}, "t:3: stage \"a\" has a convolution of what is no image" + kSized),
    image_with({{3, "node a relu:4"}}, "t:4: stage \"b\" has a convolution of what is no image" + kSized),
    image_with({{4, "node b pool pool"}}, "t:4: stage \"b\" has a pool of what is no image" + kSized),
    image_with({{4, "node b pool residual-conv:3"}},
               "t:4: stage \"b\" has a convolution of what is no image" + kSized),
    image_with({{3, "node a gru:4"}}, "t:3: stage \"a\" has a gru of what is no series" + kSeries),
    image_with({{2, "source iot 2x1x6"}, {3, "node a last last"}, {4, "node b relu:3"}},
               "t:3: stage \"a\" has a last step of what is no series" + kSeries),
    image_with({{7, "link a -> b expand=pool"}},
               "t:4: stage \"b\" is given images to pool, but no height and width to pool them to" + kOthers),
    image_with({{5, "node c pool linear:3"},
                {8, "link b -> c"},
                {11, "link a -> c expand=pool"},
                {4, "node b relu:7"}},
               "t:5: stage \"c\" is given images to pool, but no height and width to pool them to" + kOthers),
    image_with({{2, "source iot 2x5x6"}, {11, "link a -> c expand=pool"}},
               "t:5: stage \"c\" is given an image of 3x5x6 to pool to 3x3x3" + kMultiples),
    image_with({{3, "node a pool relu:4"}, {7, "link a -> b expand=pool"}, {11, "link iot -> b skip"}},
               "t:4: stage \"b\" is given what is no image to pool to 2x4x6" + kMultiples),
    image_with(
        {{4, "node b conv3:3/4"}, {5, "node c max linear:3"}, {11, "link a -> c expand=pool"}},
        "t:5: stage \"c\" does not add, but a link into it has a weight or an expansion (neither, or the "
        "aggregation add or rescale)"),
    image_with({{3, "node a residual-conv:1000000*2"}},
               "t:3: stage \"a\" brings the network over 1000000000 parameters (narrower or fewer layers)"),
};
INSTANTIATE_TEST_SUITE_P(Images, BadTopology, testing::ValuesIn(kImageRows));

const std::string kTaken3 = " is taken (names are unique; the first is on line 3)";

// Errors that only the whole file shows.
const Row kWhole[] = {
    {{{2, ""}}, "t: no source (source NAME WIDTH)"},
    {{{3, ""}, {4, ""}, {5, ""}}, "t: no node (node NAME [AGGREGATION] [LAYER ...])"},
    {{{6, ""}, {7, ""}, {8, ""}, {9, ""}}, "t: no link (link FROM -> TO)"},
    {{{4, "node a relu:4"}}, "t:4: name \"a\"" + kTaken3},
    {{{4, "source a 5"}}, "t:4: name \"a\"" + kTaken3},
    {{{11, "stage a on b"}}, "t:11: name \"a\"" + kTaken3},
    {{{11, "stage a on a"}}, "t:11: name \"a\"" + kTaken3},
    {{{3, "node a"}, {11, "stage a on a"}, {12, "stage a on a"}},
     "t:12: name \"a\" is taken (names are unique; the first is on line 11)"},
    {{{11, "stage iot on a"}}, "t:11: name \"iot\" is taken (names are unique; the first is on line 2)"},
    {{{3, "node a"}}, "t:3: node \"a\" hosts no stage (layers on its line, or stage NAME on a)"},
    {{{11, "stage d on bb relu:2"}}, "t:11: no node \"bb\", did you mean \"b\"? (nodes: a, b, c)"},
    {{{11, "stage d on iot"}}, "t:11: no node \"iot\" (nodes: a, b, c)"},
    {{{10, "fails b aa"}}, "t:10: no node \"aa\", did you mean \"a\"? (nodes: a, b, c)"},
    {{{10, "fails b b"}}, "t:10: node \"b\" given twice (once)"},
    {{{10, "fails b iot"}}, "t:10: \"iot\" is a source (sources never fail; nodes: a, b, c)"},
    {{{7, "link aa -> b"}}, "t:7: no source or stage \"aa\", did you mean \"a\"? (iot, a, b, c)"},
    {{{7, "link a -> server"}}, "t:7: no source or stage \"server\" (iot, a, b, c)"},
    {{{3, "node a"}, {11, "stage a1 on a relu:4"}, {12, "stage a2 on a relu:4"}},
     "t:6: node \"a\" has no stage of that name (its stages: a1, a2)"},
    {{{7, "link a -> a"}}, "t:7: link a -> a joins a stage to itself (two different stages)"},
    {{{7, "link a -> iot"}}, "t:7: \"iot\" is a source (a link ends at a stage)"},
    {{{11, "link a -> b weight=2"}}, "t:11: link a -> b given twice (once)"},
    {{{11, "link b -> a"}}, "t:3: a cycle: a -> b -> a (links lead from the sources to the last stage)"},
    {{{11, "link c -> a"}}, "t:3: a cycle: a -> b -> c -> a (links lead from the sources to the last stage)"},
    {{{9, ""}, {11, "link c -> b"}},
     "t:4: a cycle: b -> c -> b (links lead from the sources to the last stage)"},
    {{{11, "source extra 2"}}, "t:11: source \"extra\" leads nowhere (link it to a stage)"},
    {{{11, "node d relu:2"}, {12, "link d -> c"}},
     "t:11: stage \"d\" is reached from no source (link to it)"},
    {{{11, "node d linear:3"}, {12, "link a -> d"}},
     "t:5: stages \"c\" and \"d\" both lead nowhere (only one stage, the last, has no outgoing link)"},
    {{{5, "node c relu:3"}},
     "t:5: last stage \"c\" does not end in a linear layer (linear:CLASSES as its last layer)"},
    {{{5, "node c linear:3 relu:3"}},
     "t:5: last stage \"c\" does not end in a linear layer (linear:CLASSES as its last layer)"},
    {{{5, "node c"}, {11, "stage c on c"}},
     "t:11: last stage \"c\" does not end in a linear layer (linear:CLASSES as its last layer)"},
    {{{4, "node b relu:1000000*2"}},
     "t:4: stage \"b\" brings the network over 1000000000 parameters (narrower or fewer layers)"},
};
INSTANTIATE_TEST_SUITE_P(Whole, BadTopology, testing::ValuesIn(kWhole));

// Cut networks: the stages of the good file have other layers.
const std::map<std::size_t, std::string> kCut = {
    {3, "node a gather:4"}, {4, "node b part:8"}, {5, "node c gather:3"}, {9, ""}};

Row cut_with(const std::map<std::size_t, std::string>& changes, const std::string& message) {
  Row row{changes, message};
  row.changes.insert(kCut.begin(), kCut.end());
  return row;
}

const std::string kAllOrNone = " (gather, part, product and decode in all stages or none)";
const Row kCutRows[] = {
    cut_with({{3, "node a gathers:4"}},
             "t:3: unknown layer \"gathers:4\", did you mean \"gather\"?" + kLayers),
    cut_with({{4, "node b part:8*2"}}, "t:4: layer width \"8*2\" (a whole number, 1 to 100000000)"),
    cut_with({{4, "node b part:100000001"}},
             "t:4: layer width \"100000001\" (a whole number, 1 to 100000000)"),
    cut_with({{4, "node b product:0"}}, "t:4: layer width \"0\" (a whole number, 1 to 100000000)"),
    cut_with({{4, "node b part:8 part:8"}},
             "t:4: layer \"part:8\" beside others (the only one of its stage)"),
    cut_with({{4, "node b relu:8 decode:8"}},
             "t:4: layer \"decode:8\" beside others (the only one of its stage)"),
    cut_with({{5, "node c part:3"}},
             "t:5: last stage \"c\" does not gather (gather:CLASSES or decode:CLASSES)"),
    cut_with({{4, "node b relu:8"}}, "t:4: stage \"b\" is not of a cut network, others are" + kAllOrNone),
    cut_with({{4, "node b"}, {11, "stage b on b"}},
             "t:11: stage \"b\" is not of a cut network, others are" + kAllOrNone),
    cut_with({{5, "node c linear:3"}}, "t:3: stage \"a\" is of a cut network, others are not" + kAllOrNone),
    cut_with({{7, "link a -> b weight=2"}},
             "t:7: link a -> b of a cut network has a weight or an expansion (neither)"),
    cut_with({{8, "link b -> c expand=linear"}},
             "t:8: link b -> c of a cut network has a weight or an expansion (neither)"),
};
INSTANTIATE_TEST_SUITE_P(Cut, BadTopology, testing::ValuesIn(kCutRows));

TEST(GoodTopology, TheCutFileBehindTheTableIsAccepted) {
  EXPECT_TRUE(parse_topology(with(kCut), "t").is_cut());
}

TEST(GoodTopology, TheFileOfImagesBehindTheTableIsAccepted) {
  EXPECT_EQ(parse_topology(with(kImages), "t").stages()[1].output_shape, (Shape{3, 2, 3}));
}

TEST(GoodTopology, TheFileBehindTheTableIsAccepted) {
  EXPECT_EQ(parse_topology(with({}), "t").failing(), 2);
}

TEST(GoodTopology, AnythingAtAllIsRefusedOrAcceptedButNeverBreaks) {
  const std::string good = with({});
  int refused = 0;
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (const char c : {'\0', '#', ' ', '-', '>', 'a', '9', '=', '\n', '\xff'}) {
      std::string text = good;
      text[place] = c;
      try {
        parse_topology(text, "t");
      } catch (const UserError&) {
        ++refused;
      }
      try {
        parse_topology(good.substr(0, place) + good.substr(place + 1), "t");
      } catch (const UserError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace deepfog
