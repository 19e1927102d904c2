#!/usr/bin/env bash
# Runs the benchmarks, a line each or a line a case: RESULT bench=NAME key=value ... Ratios are taken in one run, in turns.
#   tests/bench/run.sh [NAME ...]        default: all
# BENCH_REALTIME=1: ranks of distributed runs outrank all other work on the machine while rounds go by (needs root).
# shellcheck source=jobs/preamble.sh
POSIXLY_CORRECT=1; unset -f readlink; own=$(readlink -f -- "${BASH_SOURCE[0]}"); . "${own%/*}/../../jobs/preamble.sh"
set -e
here=$root/tests/bench
all=(sweep_camera sweep_health sgemm_share scaling_n tree64 sampling_coverage two_ranks train_health train_fused kernels binary_kernels hop_latency
  dead_node_latency offline_throughput rejoin partition_vgg16 campaign_efficiency claim_overhead)
case ${1:-} in -h | --help) (usage); echo "benchmarks: ${all[*]}"; exit 0 ;; esac
for name in "$@"; do
  case " ${all[*]} " in *" $name "*) ;; *) fail "no benchmark \"$name\" (allowed: ${all[*]})" ;; esac
done
[ $# -gt 0 ] || set -- "${all[@]}"

"$root/jobs/setup.sh" --test --packages="$here/packages.txt"

build=${DEEPFOG_BUILD_DIR:-$root/build}
if grep -qs '^benchmark_DIR:PATH=benchmark_DIR-NOTFOUND' "$build/CMakeCache.txt"; then cmake "$build" > /dev/null; fi
"$root/jobs/build.sh" "${@/#/bench_}"
programs=$build/tests/bench
data=$build/bench-data
topologies=configs/topologies
python=$("$root/jobs/python.sh")
export OMP_NUM_THREADS=1
cd "$root"
mkdir -p "$data"

dataset() {  # SHAPE SET: the benchmark's data-set file, made anew when its source is newer
  local source
  source=$(data/prepare.sh "$2" | tail -n 1)
  [ "$data/$1.h5" -nt "$source" ] || "$python" "$here/sweep_data.py" "$1" "$source" "$data/$1.h5" > /dev/null
}
synthetic() {  # SHAPE SOURCES: a data-set file for a network of our own, 2,000 test samples
  [ -e "$data/$1.h5" ] || "$python" data/make_synthetic.py any "$data/$1.h5" --sources "$2" --classes 3 --samples 20000 > /dev/null
}
trained() {  # TOPOLOGY SHAPE EPOCHS BATCH: weights of a network, trained anew when its data or topology are newer
  local weights=$data/$1.weights.h5 topology=$topologies/$1.topology
  if [ "$weights" -nt "$data/$2.h5" ] && [ "$weights" -nt "$topology" ]; then return; fi
  "$programs/bench_weights" "$topology" "$data/$2.h5" "$3" "$4" "$weights"
}
chain_case() {  # N
  synthetic chain sensor:32
  trained "chain-with-skips-$1" chain 3 256
  chain=("$topologies/chain-with-skips-$1.topology" "$data/chain.h5" "$data/chain-with-skips-$1.weights.h5")
}
tree_case() {
  synthetic tree64 "$(awk '/^source /{printf "%s%s:%s", comma, $2, $3; comma = ","}' "$topologies/tree64.topology")"
  trained tree64 tree64 5 256
  tree=("$topologies/tree64.topology" "$data/tree64.h5" "$data/tree64.weights.h5")
}
compare() {
  "$python" "$here/compare_sweeps.py" "$name" "$programs/bench_sweep" "$@"
}
camera_case() {
  dataset camera camera
  trained camera-deepfogguard camera 12 64
  camera=("$topologies/camera-deepfogguard.topology" "$data/camera.h5" "$data/camera-deepfogguard.weights.h5")
}
health_case() {
  dataset health mhealth
  trained health-deepfogguard health 3 1024
  health=("$topologies/health-deepfogguard.topology" "$data/health.h5" "$data/health-deepfogguard.weights.h5")
}
device_case() {  # the objects as they are, or the stand-in where the real ones are not at hand
  local source
  source=$(data/prepare.sh camera | tail -n 1)
  ln -sf "$(realpath "$source")" "$data/objects.h5"
  trained ddnn-c objects 5 32
  device=("$topologies/ddnn-c.topology" "$data/objects.h5" "$data/ddnn-c.weights.h5")
}
two_node_case() {  # WIDTH
  health_case
  local topologies=$here/topologies
  trained "two-nodes-$1" health 1 4096
  two_nodes=$data/two-nodes-$1.weights.h5
}
distributed() {  # WEIGHTS ...: a benchmark that runs `deepfog infer`, with the flags of jobs/infer.sh
  (
    # shellcheck source=jobs/mpi_environment.sh
    . "$root/jobs/mpi_environment.sh"
    # shellcheck source=jobs/mpi_recovery.sh
    . "$root/jobs/mpi_recovery.sh"
    realtime=${BENCH_REALTIME:+--realtime}
    if [ "$name" = rejoin ]; then realtime=; fi  # its rounds go by for seconds
    exec "$python" "$here/$name.py" --program "$build/deepfog" --dataset "$data/health.h5" \
      --launch "mpirun ${mpi_recovery[*]} -np" ${realtime:+"$realtime"} "$@"
  )
}
on_ranks() {  # N PROGRAM ...
  # shellcheck source=jobs/mpi_environment.sh
  (. "$root/jobs/mpi_environment.sh" && exec mpirun -n "$@")
}
campaign() {  # RANKS: over made-up Health data, results beside them
  [ -e "$data/campaign.h5" ] || "$python" data/make_synthetic.py mhealth "$data/campaign.h5" --samples 20000 > /dev/null
  on_ranks "$1" "$programs/bench_$name" "$data/campaign.h5" "$topologies" "$data/$name.h5"
}

for name in "$@"; do
  if [ -r /proc/loadavg ]; then echo "bench: $name, load $(cut -d ' ' -f 1 /proc/loadavg) on $(nproc --all) cores" >&2; fi
  case $name in
    sweep_camera)
      camera_case
      compare "${camera[@]}"
      ;;
    sweep_health)
      health_case
      compare "${health[@]}"
      ;;
    sgemm_share)
      health_case
      camera_case
      "$programs/bench_sgemm_share" "${health[@]}"
      "$programs/bench_sgemm_share" "${camera[@]}"
      ;;
    scaling_n)
      for n in 4 8 12 16 20 24; do
        chain_case "$n"
        "$programs/bench_scaling_n" "${chain[@]}"
      done
      ;;
    tree64)
      tree_case
      "$programs/bench_tree64" "${tree[@]}"
      ;;
    sampling_coverage)
      "$programs/bench_sampling_coverage"
      ;;
    two_ranks)
      camera_case
      health_case
      on_ranks 2 "$programs/bench_two_ranks" "${camera[@]}"
      on_ranks 2 "$programs/bench_two_ranks" "${health[@]}"
      ;;
    kernels)
      if [ -x "$programs/bench_kernels" ]; then
        "$programs/bench_kernels"
      else
        echo "bench: kernels left out: no Google Benchmark (libbenchmark-dev)" >&2
      fi
      ;;
    binary_kernels)
      device_case
      "$programs/bench_binary_kernels" "${device[@]}"
      ;;
    hop_latency)
      two_node_case 250
      distributed "$two_nodes" "${health[2]}"
      ;;
    dead_node_latency | rejoin)
      health_case
      distributed "${health[2]}"
      ;;
    offline_throughput)
      two_node_case 500
      wide=$two_nodes
      two_node_case 250
      distributed "$two_nodes" "$wide"
      ;;
    campaign_efficiency)
      campaign 2
      ;;
    claim_overhead)
      campaign 64
      ;;
    partition_vgg16)
      "$programs/bench_partition_vgg16"
      ;;
    train_health)
      data/prepare.sh mhealth > /dev/null
      "$programs/bench_train_health" "$topologies/health-deepfogguard.topology"
      ;;
    train_fused)
      data/prepare.sh camera > /dev/null
      data/prepare.sh mhealth > /dev/null
      "$programs/bench_train_fused" "$topologies"
      ;;
  esac
done
