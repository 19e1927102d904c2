"""How every command that the documents, comments and help texts print is run by test_documented_commands.py.

A command stands here as it is printed, in the order in which they run in one working folder: later ones use what earlier ones made.
    Run(text, add=, behind=, fill=, code=, why=)   run by bash; `add` follows what is printed (or the words `behind` inside it);
                                                   queued=True: sbatch takes it, and the script, which another line runs, is not begun
    Not(text, why, elsewhere=)                     not run: why, and in which file (path: words in it) it is tried instead
    Also(text)                                     not printed anywhere, but what a reader does next
`add` begins with --set, or `why` says what stands in for it: commands without --set are shrunk by their own options. `fill` replaces words
that stand for something (FILE, [--seed N]); a command without arguments to shrink by works on the small data of PREPARE.
"""
from dataclasses import dataclass, field

SMALL_HEALTH = "experiment.health.epochs=1 experiment.health.max_train_samples=500"
# Every failure combination over real ranks: of three nodes instead of eight.
FEWER_NODES = "experiment.camera.models=deepfogguard model.camera.deepfogguard.topology=configs/topologies/three-fail.topology " + " ".join(
    f'"experiment.camera.reliability.{setting}=f1:{alive} f2:{alive} e1:{alive}"' for setting, alive in (("no_failure", 1), ("normal", .99), ("poor", .95), ("hazardous", .8)))
QUICK = f"--set campaign.runs=1 {SMALL_HEALTH} experiment.camera.epochs=1 {FEWER_NODES}"
CAMERA = "--set campaign.runs=1 campaign.per_sample_mib=0 experiment.camera.epochs=1"
HEALTH_WEIGHTS = "results/quickstart.h5.weights/health.deepfogguard.run0.h5"
TIMEOUT = "--set samples=4 timeout=1ms,3ms"
SUBSETS = '--set campaign.runs=2 --set experiment.camera.epochs=1 --set "model.camera.{}.without_skips=e1->f2 e2->f2 e3->f2 e4->f2 f3->f1"'
SAMPLES = "fewer samples than its default; the script has no --set"
SLURM = "names a command of Slurm's; tests/slurm runs it on a real Slurm"
BENCH = "benchmarks take minutes on a quiet machine and have their own programs"
WHOLE = "the whole suite, of which this test is a part"
NO_TOOL = "packaging/README.md calls it untested: the tool is not on Debian"


@dataclass(frozen=True)
class Run:
    text: str
    add: str = ""
    behind: str = ""
    fill: dict = field(default_factory=dict)
    code: int = 0
    why: str = ""
    queued: bool = False
    printed = True

    def command(self):
        """What bash is given."""
        text = self.text
        if self.add:
            behind = self.behind or text.split(" && ", maxsplit=1)[0]
            text = text.replace(behind, f"{behind} {self.add}", 1)
        for word, value in self.fill.items():
            text = text.replace(word, value)
        return text


@dataclass(frozen=True)
class Also(Run):
    printed = False


@dataclass(frozen=True)
class Not:
    text: str
    why: str
    elsewhere: str = ""
    printed = True


# Small stand-ins of the data sets, found like those of a reader, and files that commands name as examples.
PREPARE = (
    "mkdir raw",
    "sed 's/^fails .*/fails f1 f2 e1/' configs/topologies/camera-deepfogguard.topology > configs/topologies/three-fail.topology",
    "data/make_synthetic.py mhealth data/cache/mhealth.synthetic.h5 --samples 6000",
    "data/make_synthetic.py camera data/cache/camera.synthetic.h5 --samples 200",
    "data/make_synthetic.py mnist-tiles data/cache/mnist-tiles.synthetic.h5 --samples 200",
)
PREPARE_STUDIES = (
    "data/make_synthetic.py mhealth data/cache/mhealth.synthetic.h5 --samples 1000",
    *PREPARE[-2:],
    "sed 's/^fails .*/fails d1 d2/' configs/topologies/ddnn-c.topology > configs/topologies/two-fail.topology",
    "data/make_synthetic.py mhealth-windows data/cache/mhealth-windows.synthetic.h5 --samples 3000",
    "data/make_synthetic.py cifar10 data/cache/cifar10.synthetic.h5 --samples 200",
)

FIRST_LOOK = (
    # Both papers' networks at once, and what is asked of them.
    Run("jobs/local.sh", QUICK),
    Run("jobs/setup.sh && jobs/build.sh"),
    Run("for name in mhealth camera mnist-tiles; do data/prepare.sh $name; done"),
    Run("README.md: python 1"),
    Run(". jobs/mpi_environment.sh"),
    Run("mpirun -n 4 build/deepfog run --config configs/paper-camera.ini", CAMERA),
    Run("build/deepfog run --config configs/quickstart.ini --print-config"),
    Run("build/deepfog run --config configs/quickstart.ini --dry-run"),
    Run("build/deepfog status results/paper-camera.h5 --watch 5"),
    Run("build/deepfog verify results/paper-camera.h5"),
    Run("build/deepfog list"),
    Run("postprocess/report.py results/paper-camera.h5"),
    Also("cp results/paper-camera.h5 A.h5; for name in B one-rank five-ranks mine theirs results; do cp A.h5 $name.h5; done"),
    Run("postprocess/compare.py A.h5 B.h5 --tolerance 0.005"),
    Run("postprocess/compare.py one-rank.h5 five-ranks.h5"),
    Run("postprocess/compare.py mine.h5 theirs.h5 --tolerance 0.005 --table accuracy average_accuracy"),
    Run("postprocess/schema.py results.h5"),
    Run("postprocess/schema.py --list"),
    Run("postprocess/schema.py results/quickstart.h5"),
    Run("deepfog verify results/quickstart.h5"),
    Run("deepfog list topologies"),
    Run("build/deepfog list environment"),
    Run("deepfog list environment"),
    Run("deepfog config get campaign.output --config configs/quickstart.ini"),
    Run("build/deepfog config get campaign.output --config configs/quickstart.ini"),
    Run("build/deepfog infer --help"),
    Run("build/deepfog partition --help"),
    Run("build/deepfog run --config configs/paper-camera.ini --print-config"),
    Run("build/deepfog analyze results/quickstart.h5 --experiment health --setting poor"),
    Run("deepfog analyze results/quickstart.h5 --experiment health --setting poor --against vanilla"),
    Run('build/deepfog analyze results/quickstart.h5 --experiment health --reliability "f1:2000h/8h f2:.95 *:.9" --group "rack f1,f2:.99"'),
    Run('deepfog analyze results/quickstart.h5 --experiment health --reliability "f1:2000h/8h f2:.95 e1:.9" --group "rack f1,f2:.99"'),
    Run("postprocess/report.py results/quickstart.h5 --out figures --formats png"),
    Run("postprocess/report.py results/quickstart.h5"),
    # One rank a physical node.
    Run(f'jobs/infer.sh --weights {HEALTH_WEIGHTS} --fail "crash f2 round 500"'),
    Also("postprocess/report.py results/inference.h5"),
    Run(f'mpirun -n 4 deepfog infer --weights {HEALTH_WEIGHTS} --fail "silence e1 rounds 100..199"', "--set samples=300"),
    Run(f"jobs/infer.sh --weights {HEALTH_WEIGHTS} --failures all --batch 512 --check"),
    Run("jobs/infer.sh --weights results/quickstart.h5.weights/camera.deepfogguard.run0.h5 --failures all --batch 32 --check"),
    Run("jobs/infer.sh --config configs/timeout-study.ini && postprocess/report.py results/timeout-study.h5", TIMEOUT),
    # Shares of a campaign.
    Also("rm -r results/quickstart.h5"),
    Run("build/deepfog run --config configs/quickstart.ini --share 1/4", QUICK),
    Run("for k in 1 2 3 4; do deepfog run --config configs/quickstart.ini --share $k/4 & done; wait", QUICK, behind="$k/4"),
    Run("deepfog merge --config configs/quickstart.ini", QUICK),
    Run("mpirun -n 4 deepfog run --config configs/quickstart.ini --set campaign.runs=5 model.health.vanilla.epochs=20",
        QUICK.replace("--set", "--restart --set model.health.vanilla.epochs=1"),
        why="--restart: the campaign of jobs/local.sh, to which its values do not belong, stands in the same file"),
    # On a cluster: a stand-in for sbatch runs the script, or every task of the array, with plain bash.
    Run("jobs/build.sh && data/prepare.sh mhealth"),
    Run("cp jobs/site.env.example jobs/site.env"),
    Run("jobs/submit.sh --nodes=4 jobs/run.sbatch configs/paper-health.ini", f"--set campaign.runs=1 {SMALL_HEALTH}"),
    Run("deepfog status results/paper-health.h5 --watch 5"),
    Run("bash jobs/run.sbatch CONFIG", f"--set campaign.runs=1 {SMALL_HEALTH}", fill={"CONFIG": "configs/paper-health.ini"}),
    Also("rm -r results/paper-health.h5*"),
    Run("DEEPFOG_SHARE=3 bash jobs/array.sbatch CONFIG --shares 8", f"--set campaign.runs=2 {SMALL_HEALTH}", fill={"CONFIG": "configs/paper-health.ini"}),
    Run("bash jobs/merge.sbatch CONFIG", f"--set campaign.runs=2 {SMALL_HEALTH}", fill={"CONFIG": "configs/paper-health.ini"}, code=75),
    Run("jobs/submit_array.sh configs/paper-health.ini --shares 8", f"-- --set campaign.runs=2 {SMALL_HEALTH}",
        why="options of deepfog run, --set among them, follow --"),
    Run("jobs/submit.sh jobs/infer.sbatch --weights FILE --batch 32", fill={"FILE": HEALTH_WEIGHTS}),
    Run("jobs/submit.sh --nodes=9 --ntasks-per-node=1 jobs/infer.sbatch --weights FILE", fill={"FILE": HEALTH_WEIGHTS}, queued=True),
    Run("jobs/submit.sh jobs/timeout.sbatch", TIMEOUT),
    Run("jobs/submit.sh --nodes=2 jobs/scaling.sbatch configs/paper-health.ini", f"--set campaign.runs=1 {SMALL_HEALTH} experiment.health.models=vanilla"),
    Run("jobs/launch.sh --explain PROGRAM", fill={"PROGRAM": "build/deepfog"}),
    # Data.
    Run("data/get.sh mhealth", code=1),  # there is no network here: it says what to fetch and where to put it
    Run("data/get.sh NAME", fill={"NAME": "camera"}, code=1),
    Run("data/prepare.sh mhealth"),
    Run("data/prepare.sh camera"),
    Run("data/prepare.sh NAME", fill={"NAME": "camera"}),
    Run("data/dataset.py FILE", fill={"FILE": "data/cache/camera.synthetic.h5"}),
    Run("data/README.md: python 1"),
    Run("data/dataset.py data/cache/porch.h5"),
    Run("data/make_synthetic.py mhealth OUTPUT [--samples 60000] [--seed 1]", fill={"OUTPUT": "raw/1.h5", "[--samples 60000] [--seed 1]": "--samples 1000 --seed 1"}),
    Run("data/make_synthetic.py camera OUTPUT [--samples 1379] [--seed 1]", fill={"OUTPUT": "raw/2.h5", "[--samples 1379] [--seed 1]": "--samples 200 --seed 1"}),
    Run("data/make_synthetic.py cifar10 OUTPUT [--samples 12000] [--seed 1]", fill={"OUTPUT": "raw/3.h5", "[--samples 12000] [--seed 1]": "--samples 200 --seed 1"}),
    Run("data/make_synthetic.py imagenet OUTPUT [--samples 64] [--seed 1]", fill={"OUTPUT": "raw/4.h5", "[--samples 64] [--seed 1]": "--samples 2 --seed 1"}),
    Run("data/make_synthetic.py any mine.h5 --sources door:8,window:4 --classes 3 [--samples 10000] [--seed 1]", fill={"[--samples 10000] [--seed 1]": "--seed 1"}),
    Run("data/make_synthetic.py any mine.h5 --sources door:8,window:4 --classes 3 --samples 5000"),
    Run("data/make_synthetic.py any mine.h5 --sources camera:3x16x16 --classes 3"),
    Run("data/make_synthetic.py mhealth data/cache/mhealth.synthetic.h5", "--samples 1000", why=SAMPLES),
    # Raw data in miniature (Checkout.lay_raw_data).
    Run("data/import_mhealth.py SOURCE OUTPUT [--seed 1] [--allow-missing]",
        fill={"SOURCE OUTPUT [--seed 1] [--allow-missing]": "raw/mhealth raw/mhealth.h5 --seed 1 --allow-missing"}),
    Run("data/import_mhealth_windows.py SOURCE OUTPUT [--allow-missing]", fill={"SOURCE OUTPUT [--allow-missing]": "raw/mhealth raw/windows.h5 --allow-missing"}),
    Run("data/import_camera.py SOURCE OUTPUT [--seed 1]", fill={"SOURCE OUTPUT [--seed 1]": "raw/camera raw/camera.h5 --seed 1"}),
    Run("data/import_cifar10.py SOURCE ... OUTPUT [--seed 1]", fill={"SOURCE ... OUTPUT [--seed 1]": "cifar10_train_10000.bin.xz cifar10_test_10000.bin.xz raw/cifar10.h5 --seed 1"}),
    Run("data/import_cifar10.py cifar10_train_10000.bin.xz cifar10_test_10000.bin.xz data/cache/cifar10.h5"),
    Run("data/import_cifar10.py cifar-10-binary.tar.gz data/cache/cifar10.h5"),
    Run("data/import_mnist.py SOURCE ... OUTPUT [--seed 1]", fill={"SOURCE ... OUTPUT [--seed 1]": "raw/mnist raw/mnist.h5 --seed 1"}),
    Run("data/import_mnist.py FOLDER data/cache/mnist.h5", fill={"FOLDER": "raw/mnist"}),
    Run("data/import_mnist_tiles.py FOLDER data/cache/mnist-tiles.h5", fill={"FOLDER": "raw/mnist"}),
    Run("data/import_images.py val data/cache/imagenet.h5 --preset alexnet"),
    Run("data/import_images.py flat data/cache/imagenet.h5 --truth val.txt --class-names synsets.txt"),
    Run("data/import_images.py val imagenet.h5 --preset alexnet"),
    Run("data/import_images.py flat imagenet.h5 --truth val.txt --class-names synsets.txt"),
    Run("data/import_images.py VALIDATION_FOLDER data/cache/imagenet.h5 --preset alexnet", fill={"VALIDATION_FOLDER": "val"}),
)
