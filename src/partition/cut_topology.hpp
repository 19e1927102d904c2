#pragma once

#include <string>

#include "models/cut_network_layers.hpp"
#include "partition/partition.hpp"

namespace deepfog {

/// The topology of a network that is cut over devices (RobustDiCE, section 4: after each layer the devices
/// exchange their parts), as text for parse_topology(). Its nodes are the devices `d1` ... `dN`, which can
/// fail, in that order; CDC's `spare`; and last the `host`, which assembles the output of the last layer. The
/// spare and the host never fail.
///
/// Every device has two stages per layer. `d1-in-features-0` gathers the layer's input: the image, or the
/// parts of the layer before, each neuron from the first device, in order, whose part has arrived, and zeros
/// for missing neurons. `d1-features-0` computes the device's neurons of the layer from that input only and,
/// if the layer adds an earlier input, from the stage that gathered it. A device that has all neurons of
/// another device receives nothing from it, so with full replication the devices send to the host only.
///
/// With CDC, the devices and the spare send products, before any non-linear operation, to all other devices.
/// The gathering stage is a `decode`, which itself needs the earlier input if the layer adds one.
///
/// The same arguments give the same text.
/// @param name    name of the topology
/// @param source  name of the source in the data set that has the images
/// Throws UserError for a partition that does not fit the plan, if a data device has no neurons of a layer
/// and so would have nothing to send (the message names both), or if there are more devices than the text of
/// a topology can hold.
std::string cut_topology_text(const CutPlan& plan, const Partition& partition, const std::string& name,
                              const std::string& source);

/// The name of a device's node, `d1`, `d2`, ... or `spare`; the name of the host's node is `host`.
std::string cut_node_name(const Partition& partition, int device);
inline const char* cut_host_name() {
  return "host";
}

/// Stage names such as `d1-in-features-0` and `d1-features-0`, from the names of a node and a layer.
std::string gather_stage_name(const std::string& node, const std::string& layer);
std::string part_stage_name(const std::string& node, const std::string& layer);

/// The number of values per image of a layer's gathered input or, past the last layer, of its output.
std::int64_t gathered_width(const CutPlan& plan, int layer);

/// The number of values per neuron and image before any non-linear operation, as CDC sends them.
std::int64_t product_values(const CutPlan& plan, int layer);

/// The number of values per image that a device sends after a layer.
std::int64_t part_width(const CutPlan& plan, const Partition& partition, int layer, int device);

/// Throws as cut_topology_text() does.
void check_cut(const CutPlan& plan, const Partition& partition, const std::string& where);

}  // namespace deepfog
