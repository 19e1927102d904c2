"""jobs/launch.sh and jobs/site.env: srun or mpirun, on how many ranks."""
import os
import subprocess
import unittest

from harness import LIMIT_S, ROOT
from scripts_harness import ScriptsTest

FAKE = """\
#!/bin/sh
case "NAME $*" in
  "nproc "*) [ -n "$OMP_NUM_THREADS" ] && echo 1 || echo 6 ;;
  "lscpu "*) for cpu in 0 1 2 3 4 5; do echo "$cpu,$((cpu % 3)),0"; done ;;
  "scontrol --oneliner show node n1") echo "NodeName=n1 CPUTot=$FAKE_CPUS CoresPerSocket=2 Sockets=1 ThreadsPerCore=2" ;;
  "srun --mpi=list") for type in $FAKE_TYPES; do echo "\t$type" >&2; done ;;
  "srun --mpi=$FAKE_WORKS --ntasks=2"*/dev/null/probe) echo "deepfog: error: /dev/null/probe: cannot be read: Not a directory" >&2; exit 2 ;;
  *probe) echo "not built with SLURM's PMI support" >&2; exit 1 ;;
  *) echo "NAME $*" ;;
esac
"""


class LaunchTest(ScriptsTest):
    def launch(self, *options, types="", works="", **environment):
        """jobs/launch.sh where srun and mpirun are stand-ins that print their arguments: this Slurm has MPI `types`, and with `works`
        the program's ranks see each other."""
        tools = self.path("fakes")
        if not os.path.exists(tools):
            os.makedirs(tools)
            for name in ("srun", "mpirun", "scontrol", "nproc", "lscpu"):
                with open(os.path.join(tools, name), "w", encoding="utf-8") as file:
                    file.write(FAKE.replace("NAME", name))
                os.chmod(os.path.join(tools, name), 0o755)
        done = subprocess.run([os.path.join(ROOT, "jobs", "launch.sh"), *options, "deepfog", "run"], capture_output=True, text=True, check=False,
                              timeout=LIMIT_S, cwd=self.folder, stdin=subprocess.DEVNULL, env={
                                  **self.environment, "PATH": tools + os.pathsep + os.environ["PATH"], "FAKE_TYPES": types,
                                  "FAKE_WORKS": works, **environment})
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def test_launcher_is_chosen_by_looking(self):
        job = {"SLURM_JOB_ID": "7", "SLURM_JOB_CPUS_PER_NODE": "2(x3),4", "SLURMD_NODENAME": "n1", "FAKE_CPUS": "2"}
        two_threads = ("--threads", "2")
        for options, world, started, reason in (
                ((), {"OMP_NUM_THREADS": "1"}, "mpirun -np 3 deepfog run", "not in a Slurm job"),  # six hardware threads of three cores
                ((), {"DEEPFOG_RANKS": "5"}, "mpirun -np 5 deepfog run", "not in a Slurm job"),
                ((), {**job, "types": "none pmi2 pmix_v4 pmix", "works": "pmix"},
                 "srun --mpi=pmix --nodes=4 --ntasks=10 --cpus-per-task=1 deepfog run", "--mpi=pmix makes one MPI world"),
                (("--ranks", "3"), {**job, "types": "none pmi2 pmix", "works": "pmi2"},
                 "srun --mpi=pmi2 --nodes=2 --ntasks=3 --cpus-per-task=1 deepfog run", "--mpi=pmi2 makes one MPI world"),
                (two_threads, {**job, "types": "pmix", "works": "pmix"},
                 "srun --mpi=pmix --nodes=4 --ntasks=5 --cpus-per-task=2 deepfog run", "--mpi=pmix makes one MPI world"),
                ((), {**job, "SLURM_NTASKS": "12", "types": "pmix", "works": "pmix", "DEEPFOG_SRUN_OPTIONS": "--cpu-bind=cores"},
                 "srun --mpi=pmix --nodes=4 --ntasks=12 --overcommit --cpu-bind=cores deepfog run", "--mpi=pmix makes one MPI world"),
                ((), {**job, "types": "none pmi2"}, "mpirun -np 10 deepfog run",
                 "no type of srun --mpi=list makes one MPI world (tried: pmi2)"),
                (two_threads, {**job, "SLURM_JOB_CPUS_PER_NODE": "4(x2)"}, "mpirun -np 4 --map-by ppr:2:node deepfog run",
                 "no type of srun --mpi=list makes one MPI world (tried: none)"),
                ((), {**job, "SLURM_JOB_CPUS_PER_NODE": "4(x2)", "FAKE_CPUS": "4"}, "mpirun -np 4 deepfog run",
                 "no type of srun --mpi=list makes one MPI world (tried: none)"),  # two hardware threads a core
                ((), {**job, "SLURM_NTASKS": "6", "DEEPFOG_LAUNCHER": "mpirun", "DEEPFOG_MPIRUN_OPTIONS": "--mca pml ucx"},
                 "mpirun -np 6 --mca pml ucx deepfog run", "DEEPFOG_LAUNCHER")):
            with self.subTest(world):
                code, said, told = self.launch(*options, **world)
                self.assertEqual((code, said), (0, started), told)
                self.assertTrue(told.startswith("launch: ") and told.endswith(f" by {started.split()[0]} ({reason})"), told)

    def test_launcher_that_cannot_be_is_refused(self):
        job = {"SLURM_JOB_ID": "7", "SLURM_JOB_CPUS_PER_NODE": "2", "SLURMD_NODENAME": "n1", "FAKE_CPUS": "2"}
        for world, message in (({"DEEPFOG_LAUNCHER": "ssh"}, 'DEEPFOG_LAUNCHER "ssh" (auto, srun, mpirun allowed)'),
                               ({"DEEPFOG_LAUNCHER": "srun"}, "DEEPFOG_LAUNCHER=srun outside a Slurm job (auto or mpirun allowed)"),
                               ({"DEEPFOG_RANKS": "none"}, 'DEEPFOG_RANKS "none" (a whole number from 1 allowed)'),
                               ({**job, "DEEPFOG_SRUN_MPI": "none", "types": "none pmix", "works": "pmix"},
                                "srun --mpi=none with 2 tasks: they do not see each other as 2 ranks of one MPI world"),
                               ({"DEEPFOG_SITE": "no.env"}, "DEEPFOG_SITE: no.env cannot be read")):
            with self.subTest(world):
                code, said, told = self.launch(**world)
                self.assertEqual((code, said, len(told.splitlines())), (2, "", 1), told)
                self.assertIn(message, told)

    def test_site_file_is_read_by_every_job(self):
        self.write("site.env", "DEEPFOG_LAUNCHER=mpirun\nDEEPFOG_RANKS=5\nOMPI_MCA_pml=ob1\n")
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("site.env"))[1], "mpirun -np 5 deepfog run")
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("site.env"), DEEPFOG_RANKS="2")[1], "mpirun -np 2 deepfog run")
        # As the job of a submitted script: what was given there is known, and the rest is read again.
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("site.env"), DEEPFOG_RANKS="2", DEEPFOG_LAUNCHER="srun", DEEPFOG_SITE_READ="x",
                                     DEEPFOG_SITE_GIVEN="DEEPFOG_RANKS")[1], "mpirun -np 2 deepfog run")
        self.write("loose.env", "module() { DEEPFOG_RANKS=3$nowhere_set; }\nDEEPFOG_MODULES=gcc$nowhere_set\n")
        self.assertEqual(self.launch(DEEPFOG_SITE=self.path("loose.env"), OMP_NUM_THREADS="1")[1:],
                         ("mpirun -np 3 deepfog run", "launch: 3 ranks (DEEPFOG_RANKS), 1 thread each, on 1 node, by mpirun (not in a Slurm job)"))
        self.write("modules.env", "DEEPFOG_MODULES='gcc/12'\n")
        code, _, told = self.launch(DEEPFOG_SITE=self.path("modules.env"))
        self.assertEqual(code, 2)
        self.assertIn('there is no command "module" here', told)


if __name__ == "__main__":
    unittest.main()
