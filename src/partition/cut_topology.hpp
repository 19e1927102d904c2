#pragma once

#include <string>

#include "models/cut_network_layers.hpp"
#include "partition/partition.hpp"

namespace deepfog {

/// The topology of a network cut over devices (RobustDiCE, section 4: after each layer the devices exchange
/// their parts), as text for parse_topology(). Its nodes are the devices `d1` ... `dN`, which can fail in
/// that order, CDC's `spare`, and last the `host`, which puts the last layer together; these two never fail.
///
/// On every device each layer has two stages. `d1-in-features-0` gathers the layer's input: the image, or the
/// parts of the layer before, each neuron from the first device in order whose part is there, zeros where
/// there is none. `d1-features-0` computes the neurons the device has of the layer, from that alone and,
/// where the layer adds an earlier input, from the stage that gathered it. A device that has all neurons of
/// another does not hear from it, so with full replication nobody talks to anybody but the host.
///
/// With CDC the devices and the spare send products, before what is not linear, to all others; what gathers
/// is a `decode`, which needs the earlier input itself where the layer adds one.
///
/// The same arguments give the same text.
/// @param name    of the topology
/// @param source  of the data set that has the images
/// Throws UserError for a partition that does not fit the plan, and naming layer and device where a data
/// device has no neurons: it would have nothing to say; or for more devices than a topology's text holds.
std::string cut_topology_text(const CutPlan& plan, const Partition& partition, const std::string& name,
                              const std::string& source);

/// `d1`, `d2`, ... `spare`; and `host`.
std::string cut_node_name(const Partition& partition, int device);
inline const char* cut_host_name() {
  return "host";
}

/// `d1-in-features-0`, `d1-features-0`: of a node and the name of a layer.
std::string gather_stage_name(const std::string& node, const std::string& layer);
std::string part_stage_name(const std::string& node, const std::string& layer);

/// Values of one image: the gathered input of a layer, or, past the last layer, its output.
std::int64_t gathered_width(const CutPlan& plan, int layer);

/// Of one neuron and one image: before anything that is not linear, as CDC sends it.
std::int64_t product_values(const CutPlan& plan, int layer);

/// Of one image: what a device sends after a layer.
std::int64_t part_width(const CutPlan& plan, const Partition& partition, int layer, int device);

/// Throws as cut_topology_text().
void check_cut(const CutPlan& plan, const Partition& partition, const std::string& where);

}  // namespace deepfog
