"""The larger studies that the documents print, and what cannot be run here; see documented_commands.py."""
from documented_commands import BENCH, CAMERA, NO_TOOL, SAMPLES, SLURM, SUBSETS, WHOLE, Also, Not, Run

HEALTH = "--set campaign.runs=1 campaign.per_sample_mib=0 experiment.health.epochs=1"
RETRAINED = SUBSETS.format("deepfogguard").replace("runs=2", "runs=1")
DDNN = "--set campaign.runs=1 campaign.per_sample_mib=0 " + " ".join(f"experiment.{name}.epochs=1" for name in ("camera", "edge", "edges", "one", "one-edge", "cloud-only")) \
    + ' "experiment.camera.models=mp-cc without-d1" experiment.edges.models=ddnn model.camera.mp-cc.topology=configs/topologies/two-fail.topology' \
    + ' model.camera.without-d1.topology=configs/topologies/two-fail.topology' \
    + "".join(f' "experiment.camera.reliability.{setting}=d1:.9 d2:.9"' for setting in ("normal", "hazardous"))
MNIST = '--set campaign.runs=1 campaign.per_sample_mib=0 experiment.mnist.epochs=1 "experiment.mnist.models=mp-cc cc-cc_half"'
FUTURE = "--set campaign.runs=1 campaign.per_sample_mib=0 " + " ".join(f"experiment.{name}.epochs=1" for name in ("health", "camera", "cifar10", "mhealth-windows")) \
    + ' experiment.camera.models=residual experiment.cifar10.models=skips experiment.mhealth-windows.models=vanilla' \
    + ' "experiment.health.models=deepfogguard rescale reliability-weighted dropout"'
# Budgets of full replication, or near it, for which little is searched.
CUT = "--set partition.runs=1 partition.epochs=1 partition.network=alexnet_small partition.calibration=8 model.one_threshold.front=3 " \
    + " ".join(f"model.{name}.memory=100%" for name in ("s1", "s2", "s3", "s1s2", "s1s3", "s2s3", "s1s2s3")) + " model.robustdice.memory=95% model.one_threshold.memory=95%"
# Networks for 224x224 images need minutes and gigabytes: a small one on 32x32 images instead.
IMAGENET = "--set dataset=cifar10 network=alexnet_small weights=random partition.calibration=8"
CUT_WEIGHTS = "results/robustdice-cifar10.h5.partitions/d4.robustdice.run0.h5"
EXIT_WEIGHTS = "results/ddnn-camera.h5.weights/camera.mp-cc.run0.h5"
SENSORS = "data/make_synthetic.py any data/cache/sensors.h5 --sources left:4,right:6 --classes 3"
CHAIN = "data/make_synthetic.py any data/cache/chain20.h5 --sources sensor:32 --classes 3 --samples 20000"
TREE = "data/make_synthetic.py any data/cache/tree64.h5 --classes 3 --samples 10000 --sources " + ",".join(f"s{node}:8" for node in range(33, 65))
SEPARABLE = "data/make_synthetic.py any data/cache/separable20.h5 --sources image:1x8x8 --classes 3 --samples 2000"
DEVICES = ("data/make_synthetic.py any data/cache/ddnn20.h5 --classes 3 --samples 400 --sources "
           + ",".join(f"cam{device}:1x4x4" for device in range(1, 21)))
SEARCH = "jobs/skip_search.py configs/skip-search-camera.ini --experiment camera --model "

STUDIES = (
    Run(SENSORS),
    Run("jobs/local.sh configs/three-nodes.ini", "--set campaign.runs=1 experiment.sensors.epochs=1"),
    Run("jobs/local.sh configs/paper-camera.ini", CAMERA),
    Run("--set experiment.camera.guess=class_frequency", fill={"--set": f"build/deepfog run --config configs/paper-camera.ini --restart {CAMERA} --set"}),
    Run("--set experiment.camera.learning_rate=0.1", fill={"--set": f"build/deepfog run --config configs/paper-camera.ini --restart {CAMERA} --set"}),
    Run("--set section.key=value", fill={"--set": "build/deepfog run --config configs/paper-camera.ini --dry-run --set", "section.key=value": "campaign.runs=2"}),
    Run("jobs/local.sh configs/paper-camera.ini --set campaign.trainer=fused", f"--restart {CAMERA}", why="--restart: another trainer's campaign stands in the same file"),
    Run("jobs/local.sh configs/paper-health.ini --set campaign.runs=3", HEALTH),
    Run("jobs/local.sh configs/poster-camera.ini", CAMERA),
    Run("jobs/local.sh configs/skip-subsets.ini", HEALTH),
    Run("deepfog analyze results/skip-subsets.h5 --model all --setting hazardous"),
    Run("jobs/local.sh configs/failout-rates.ini", CAMERA),
    Run("jobs/local.sh configs/future-work.ini", FUTURE),
    # Which skips.
    Run(f"{SEARCH}deepfogguard -o results/skips-camera", SUBSETS.format("deepfogguard")),
    Run(f"{SEARCH}deepfogguard --setting hazardous -o results/skips-camera", SUBSETS.format("deepfogguard")),
    Run("postprocess/skips.py results/skips-camera --out results/skips-camera-report"),
    Run("postprocess/skips.py results/skips-camera --setting hazardous"),
    Run("postprocess/skips.py results/skips-camera --out results/skips-camera/report"),
    Run(f"{SEARCH}deepfogguard_failout --setting hazardous -o results/skips-camera-failout", SUBSETS.format("deepfogguard_failout").replace("runs=2", "runs=1")),
    Run(f"{SEARCH}deepfogguard --setting hazardous --weights retrained --search add -o results/skips-camera-retrained", RETRAINED),
    Run(f"{SEARCH}deepfogguard --setting hazardous --weights retrained --search remove -o results/skips-camera-retrained", RETRAINED),
    Also("rm -r results/skips-camera results/skips-camera-retrained"),
    Run(f"{SEARCH}deepfogguard --weights retrained --search remove --runs 5 -o results/skips-camera-retrained", RETRAINED),
    Also("rm -r results/skips-camera-retrained"),
    Run("jobs/skip_search.py configs/paper-camera.ini --experiment camera --model deepfogguard --setting hazardous -o results/skips-camera", RETRAINED),
    Also("rm -r results/skips-camera"),
    Run("jobs/skip_search.py configs/paper-camera.ini --experiment camera --model deepfogguard -o results/skips-camera", RETRAINED),
    Run("jobs/skip_search.py configs/paper-camera.ini --experiment camera --model deepfogguard --setting hazardous --weights retrained --search remove --runs 5"
        " --set campaign.trainer=fused -o results/skips-camera-retrained", RETRAINED),
    Run("jobs/skip_search.py configs/skip-subsets.ini --experiment health --model all --runs 10 -o results/skips-health", "--set experiment.health.epochs=1"),
    Run("deepfog analyze results/skips-health/subsets-001.h5 --model all"),
    # Early exits.
    Run("jobs/local.sh configs/ddnn-camera.ini", DDNN),
    Run(f"jobs/infer.sh --weights {EXIT_WEIGHTS} --batch 32 --check"),
    Run(f"jobs/infer.sh --weights {EXIT_WEIGHTS} --batch 32 --failures all --check"),
    Run("jobs/infer.sh --weights FILE --failures all --batch 41 --check", fill={"FILE": "results/three-nodes.h5.weights/sensors.plain.run0.h5"}),
    Run("mpirun -n 2 build/deepfog run --config configs/ddnn-mnist.ini", MNIST),
    Run("jobs/local.sh configs/ddnn-mnist.ini", MNIST),
    # Cut networks.
    Run("jobs/local.sh configs/robustdice-cifar10.ini", CUT),
    Run("mpirun -n 2 deepfog partition --config configs/robustdice-cifar10.ini --set partition.runs=1", CUT),
    Run(f"jobs/infer.sh --weights {CUT_WEIGHTS} --batch 16 --failures all --check"),
    Run(f"jobs/infer.sh --weights {CUT_WEIGHTS} --timeout 10us..30ms --variants none,d1 --samples 60", fill={"--samples 60": "--samples 2"}, why="--samples wins over --set"),
    Run("data/make_synthetic.py imagenet data/cache/imagenet.synthetic.h5", "--samples 2", why=SAMPLES),
    Run("build/deepfog partition --config configs/robustdice-imagenet.ini --set weights=random", IMAGENET),
    Run("sbatch jobs/run.sbatch configs/robustdice-imagenet.ini", IMAGENET),
    Run('build/deepfog partition --config configs/robustdice-imagenet.ini --set weights=random network=vgg16_bn "model.robustdice.memory=62.3% 68.8% 76.5%"', IMAGENET),
    Run("jobs/infer.sh --weights results/robustdice-imagenet.h5.partitions/d4.METHOD.run0.h5 --samples 24 --timeout 5s --check", fill={"METHOD": "lop"}),
    # More nodes than 2^n can list.
    Run(CHAIN, "--samples 500", why=SAMPLES),
    Run("mpirun -n 2 build/deepfog run --config configs/chain20.ini", "--set campaign.runs=1 experiment.chain.epochs=1"),
    Run(TREE, "--samples 500", why=SAMPLES),
    Run(SEPARABLE, "--samples 500", why=SAMPLES),
    Run(DEVICES, "--samples 100", why=SAMPLES),
    Run("mpirun -n 2 build/deepfog run --config configs/tree64.ini", "--set campaign.runs=1 experiment.tree.epochs=1 campaign.max_combinations=2000 campaign.sampling_draws=1000"),
    # What others run.
    Run("tests/bench/run.sh --help"),
)

STUDY = "jobs/infer.sh --config configs/timeout-study.ini && postprocess/report.py results/timeout-study.h5"
NOT_HERE = (
    Not("jobs/infer.sh --groups N", "an option, for any weights", 'tests/programs/test_infer_jobs.py: "--weights", THREE, "--groups", "2"'),
    *(Not(half, "half of a command that runs", f"README.md: {STUDY}") for half in STUDY.split(" && ")),
    Not("tests/run.sh", WHOLE),
    Not("tests/run.sh -R campaign", WHOLE),
    Not("ctest -R packaging_install", WHOLE),
    Not("/usr/bin/python3 -m unittest discover -s tests/data", "an entry of the suite by itself", "tests/data/CMakeLists.txt: unittest discover -s"),
    Not("/usr/bin/python3 -m unittest discover -s tests/postprocess", "an entry of the suite by itself", "tests/postprocess/CMakeLists.txt: unittest discover -s"),
    Not("tests/fuzz.sh --from N 1 R", "repeats what the fuzzing of a build with sanitizers has found", "tests/fuzz.sh: --from"),
    Not("tests/portability.sh --keep /tmp/trixie -R infer", "builds everything in a root folder of Debian 13, half an hour"),
    Not("tests/comm/mpirun_deaths.sh 500 talkative", "kills 500 runs, which takes an hour"),
    Not("deepfog infer --recover OUTPUT.group0.rounds", "needs a run whose ranks were killed", 'tests/programs/test_infer_recovery.py: "infer", "--recover", log'),
    Not("tests/packaging/install.sh BUILD_FOLDER", "an entry of the suite by itself", "tests/packaging/CMakeLists.txt: install.sh"),
    Not("cmake --install build --prefix P", "needs every target built; an entry of the suite does it", "tests/packaging/install.sh: cmake --install"),
    Not("cd build && cpack -G DEB", "writes into the build folder", "tests/packaging/deb.sh: cpack"),
    Not("apt install ./deepfog_*.deb", "changes the machine", "tests/packaging/deb.sh: apt-get install"),
    Not("apt-get install python3-numpy python3-h5py python3-matplotlib", "changes the machine"),
    Not("spack -e packaging/spack/environment install", NO_TOOL),
    Not("spack repo add packaging/spack && spack install deepfog", NO_TOOL),
    Not("apptainer build deepfog.sif packaging/apptainer/deepfog.def", NO_TOOL),
    *(Not(f"tests/bench/run.sh{names}", BENCH) for names in ("", " binary_kernels", " train_fused", " train_health", " sweep_camera tree64", " rejoin", " sampling_coverage")),
    Not("BENCH_REALTIME=1 tests/bench/run.sh hop_latency dead_node_latency offline_throughput", BENCH),
    *(Not(name, SLURM) for name in ("srun --mpi=list", "srun --mpi=none", "sbatch -n", "scontrol requeue")),
    Not("mpirun --with-ft ulfm", "an option of Open MPI 5", "jobs/mpi_recovery.sh: --with-ft ulfm"),
    *(Not(f"data/export_torchvision.py {words}", "needs TorchVision, and the internet for published weights", "tests/data/test_export.py: export_torchvision.export(")
      for words in ("alexnet data/cache/alexnet.weights.h5", "vgg16_bn data/cache/vgg16_bn.weights.h5 [--random SEED]", "vgg16_bn vgg16_bn.weights.h5",
                    "vgg16_bn vgg16_bn.weights.h5 --random 1")),
)
