#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "topology/stage_cost.hpp"
#include "topology/topology.hpp"

namespace deepfog {
namespace {

const std::string kFolder = std::string(DEEPFOG_SOURCE_DIR) + "/configs/topologies/";

Topology shipped(const std::string& name) {
  return load_topology(kFolder + name + ".topology");
}

/// "a->b" for each link, "a=>b" for a skip.
std::vector<std::string> links(const Topology& topology) {
  std::vector<std::string> names;
  for (const Hyperconnection& link : topology.hyperconnections()) {
    names.push_back(topology.vertex_name(link.from) + (link.skip ? "=>" : "->") +
                    topology.vertex_name(link.to));
  }
  return names;
}

/// The layers of each stage as "name:width,width,...".
std::vector<std::string> layers(const Topology& topology) {
  std::vector<std::string> texts;
  for (const Stage& stage : topology.stages()) {
    std::string text = stage.name + ":";
    for (const Layer& layer : stage.layers) {
      text += (layer.kind == LayerKind::relu ? "" : "linear ") + std::to_string(layer.width) + ",";
    }
    texts.push_back(text);
  }
  return texts;
}

using Words = std::vector<std::string>;

Words operator+(Words left, const Words& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const Words kHealthSimple = {"iot->e1", "e1->f2", "f2->f1", "f1->cloud"};
const Words kHealthSkips = {"iot=>f2", "e1=>f1", "f2=>cloud"};
const Words kCameraSimple = {"cam1->e1", "cam2->e1", "cam3->e2", "cam4->e3", "cam5->e3",
                             "cam6->e4", "e1->f3",   "e2->f4",   "e3->f4",   "e4->f4",
                             "f3->f2",   "f4->f2",   "f2->f1",   "f1->cloud"};
const Words kCameraSkips = {"e1=>f2", "e2=>f2", "e3=>f2", "e4=>f2", "f3=>f1", "f4=>f1", "f2=>cloud"};

TEST(ShippedTopologies, AllLoadAndBearTheNameOfTheirFile) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    EXPECT_EQ(file.path().extension(), ".topology");
    EXPECT_EQ(load_topology(file.path()).name(), file.path().stem());
    ++files;
  }
  EXPECT_GE(files, 9);
}

TEST(ShippedTopologies, HealthIsWiredAsInThePaper) {
  EXPECT_EQ(links(shipped("health-vanilla")), kHealthSimple);
  EXPECT_EQ(links(shipped("health-deepfogguard")), kHealthSimple + kHealthSkips);
  EXPECT_EQ(links(shipped("health-deepfogguard-trainable-link")), kHealthSimple + kHealthSkips);
  EXPECT_EQ(links(shipped("health-deepfogguard-without-iot-f2")),
            kHealthSimple + Words({"e1=>f1", "f2=>cloud"}));
  EXPECT_EQ(links(shipped("health-deepfogguard-skip-two")),
            kHealthSimple + kHealthSkips + Words({"iot=>f1", "e1=>cloud"}));
}

TEST(ShippedTopologies, HealthHasTenHiddenLayersAndTwelveClasses) {
  for (const char* name : {"health-vanilla", "health-deepfogguard", "health-deepfogguard-skip-two",
                           "health-deepfogguard-trainable-link", "health-deepfogguard-without-iot-f2"}) {
    const Topology topology = shipped(name);
    EXPECT_EQ(layers(topology),
              (Words{"e1:250,", "f2:250,250,", "f1:250,250,250,", "cloud:250,250,250,250,linear 12,"}));
    EXPECT_EQ(topology.failing_names(), (Words{"f1", "f2", "e1"}));
    ASSERT_EQ(topology.sources().size(), 1u);
    EXPECT_EQ(topology.sources()[0].width, 23);
  }
}

TEST(ShippedTopologies, HealthPadsTheSensorsUnlessAskedToTrainTheLink) {
  const Topology padded = shipped("health-deepfogguard"),
                 trained = shipped("health-deepfogguard-trainable-link");
  EXPECT_EQ(padded.stages()[1].expansion_width, 250);
  EXPECT_EQ(padded.hyperconnections()[4].width, 23);
  EXPECT_EQ(padded.hyperconnections()[4].expansion, Expansion::pad);
  EXPECT_EQ(trained.stages()[1].expansion_width, 250);
  EXPECT_EQ(trained.hyperconnections()[4].expansion, Expansion::linear);
  EXPECT_EQ(trained.hyperconnections()[5].expansion, Expansion::pad);
}

TEST(ShippedTopologies, CameraIsWiredAsInThePaper) {
  EXPECT_EQ(links(shipped("camera-vanilla")), kCameraSimple);
  EXPECT_EQ(links(shipped("camera-deepfogguard")), kCameraSimple + kCameraSkips);
  EXPECT_EQ(links(shipped("camera-deepfogguard-skip-two")),
            kCameraSimple + kCameraSkips +
                Words({"e1=>f1", "e2=>f1", "e3=>f1", "e4=>f1", "f3=>cloud", "f4=>cloud"}));
}

TEST(ShippedTopologies, FutureWorkBeginsAsDeepFogGuard) {
  for (const std::string name : {"health", "camera"}) {
    const Topology one = shipped(name + "-deepfogguard"), other = shipped(name + "-future-work");
    EXPECT_EQ(links(one), links(other));
    EXPECT_EQ(layers(one), layers(other));
    EXPECT_EQ(one.failing_names(), other.failing_names());
    const auto rescale = with_values(other.text(), {{"SUM", "rescale"}}, "lets");
    for (const Stage& stage : parse_topology(rescale, "lets").stages())
      EXPECT_EQ(stage.aggregation, Aggregation::rescale);
  }
}

TEST(ShippedTopologies, ImagesAndSeriesKeepTheirShapes) {
  const Topology images = shipped("mobilenet-skips"), series = shipped("gru-skips");
  const std::vector<Shape> outputs{{32, 16, 16}, {48, 8, 8}, {96, 4, 4}, {}};
  for (std::size_t s = 0; s < 4; ++s) {
    EXPECT_EQ(images.stages()[s].output_shape, outputs[s]);
    EXPECT_EQ(images.stages()[s].expansion_shape, s == 0 ? (Shape{3, 32, 32}) : outputs[s - 1]);
    EXPECT_EQ(series.stages()[s].output_shape, s == 3 ? Shape{} : (Shape{32, 1, 50}));
  }
  for (const std::string name : {"mobilenet", "gru"}) {
    const Topology vanilla = shipped(name + "-vanilla"), skips = shipped(name + "-skips");
    EXPECT_EQ(layers(vanilla), layers(skips));
    EXPECT_EQ(vanilla.failing_names(), (Words{"f1", "f2", "e1"}));
    EXPECT_EQ(skips.hyperconnections().size(), vanilla.hyperconnections().size() + 3);
    std::int64_t parameters = 0;
    for (const Stage& stage : skips.stages()) parameters += cost_of(skips, stage).parameters;
    EXPECT_EQ(parameters, name == "gru" ? 24876 : 36810) << name;
  }
}

TEST(ShippedTopologies, CameraHasFourteenHiddenLayersAndThreeClasses) {
  for (const char* name : {"camera-vanilla", "camera-deepfogguard", "camera-deepfogguard-skip-two"}) {
    const Topology topology = shipped(name);
    EXPECT_EQ(layers(topology), (Words{"e1:32,", "e2:32,", "e3:32,", "e4:32,", "f3:32,", "f4:32,32,",
                                       "f2:32,32,", "f1:32,32,", "cloud:32,32,32,linear 3,"}));
    EXPECT_EQ(topology.failing_names(), (Words{"f1", "f2", "f3", "f4", "e1", "e2", "e3", "e4"}));
    ASSERT_EQ(topology.sources().size(), 6u);
    for (const Source& source : topology.sources()) EXPECT_EQ(source.width, 3072);
  }
}

}  // namespace
}  // namespace deepfog
