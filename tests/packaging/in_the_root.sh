#!/usr/bin/env bash
# What deb.sh does inside the root, as an ordinary user, with the installed program alone.
#   in_the_root.sh STEP ...      campaign, report, infer, consumer
set -euo pipefail
home=/usr/share/deepfog
cd ~
fail() { echo "in_the_root.sh: error: $*" >&2; exit 1; }

campaign() {
  deepfog list environment
  mkdir -p data/cache
  "$home/data/make_synthetic.py" any data/cache/sensors.h5 --sources left:4,right:6 --classes 3 --samples 2000
  cat > small.ini << END
[campaign]
name = small
output = results/small.h5
runs = 4
[experiment.sensors]
dataset = sensors
reliability.often = near:.9 middle:.7
epochs = 10
[model.sensors.plain]
topology = $home/configs/topologies/three-nodes.topology
END
  # shellcheck source=jobs/mpi_environment.sh
  . "$home/jobs/mpi_environment.sh"
  mpirun -np 2 deepfog run --config small.ini
  deepfog verify results/small.h5
  "$home/postprocess/report.py" results/small.h5 --formats '' > report.txt || fail "the report"
  grep -q Plain report.txt || fail "the report does not name the model: $(cat report.txt)"
}

report() {
  rm -r results
  "$home/jobs/local.sh" small.ini --ranks 2
  [ -n "$(find results -name '*.png')" ] || fail "no figures"
  deepfog list environment | grep '^blas: .*openblas'
  "$home/data/prepare.sh" camera
  deepfog list datasets > datasets.txt
  grep -q '^data/cache/camera.synthetic.h5: ' datasets.txt || fail "the data set made here is not found: $(cat datasets.txt)"
}

infer() {
  "$home/jobs/infer.sh" --weights results/small.h5.weights/sensors.plain.run0.h5 --samples 200 --fail "crash middle round 50" --output results/infer.h5
  deepfog verify results/infer.h5
}

consumer() {
  cmake -S /srv/consumer -B consumer > /dev/null
  cmake --build consumer > /dev/null
  (cd consumer && ctest)
}

for step in "$@"; do
  echo "-- $step"
  "$step"
done
