#include "core/job_record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace deepfog {
namespace {

JobRecord record_of(const std::vector<std::string>& entries) {
  std::vector<const char*> environment;
  for (const std::string& entry : entries) environment.push_back(entry.c_str());
  environment.push_back(nullptr);
  return job_record(environment.data());
}

TEST(JobRecord, NamesTheBatchJob) {
  EXPECT_EQ(record_of({}).job, "");
  const JobRecord plain =
      record_of({"SLURM_JOB_ID=4711", "SLURM_JOB_NODELIST=n[1-4]", "SLURM_RESTART_COUNT=0"});
  EXPECT_EQ(plain.job, "slurm 4711");
  EXPECT_EQ(plain.nodes, "n[1-4]");
  EXPECT_EQ(record_of({"SLURM_JOB_ID=12", "SLURM_ARRAY_JOB_ID=10", "SLURM_ARRAY_TASK_ID=3",
                       "SLURM_RESTART_COUNT=2"})
                .job,
            "slurm 12 (array 10 task 3, restart 2)");
  EXPECT_EQ(record_of({"SLURM_JOB_ID=12", "SLURM_RESTART_COUNT=1"}).job, "slurm 12 (restart 1)");
  EXPECT_EQ(record_of({"PBS_JOBID=7.server"}).job, "pbs 7.server");
  EXPECT_EQ(record_of({"LSB_JOBID=8", "LSB_HOSTS=a b"}).nodes, "a b");
}

TEST(JobRecord, KeepsWhatMatteredByName) {
  const JobRecord record =
      record_of({"OMP_NUM_THREADS=2", "HOME=/home/somebody", "EBROOTHDF5=/sw/hdf5", "PATH=/bin", "PATHS=no",
                 "LOADEDMODULES=gcc/12:openmpi/4.1", "EMPTY", "OMPI_MCA_pml=ob1"});
  EXPECT_EQ(record.modules, "gcc/12:openmpi/4.1");
  EXPECT_EQ(record.environment,
            "LOADEDMODULES=gcc/12:openmpi/4.1\nOMPI_MCA_pml=ob1\nOMP_NUM_THREADS=2\nPATH=/bin\n");
}

// A variable outside the list is not kept, even if its prefix looks harmless.
TEST(JobRecord, KeepsNoVariableThatIsNotOnTheList) {
  for (const std::string name :
       {"SLURM_JWT", "SLURM_COMMENT", "DEEPFOG_API_KEY", "CUDA_Token", "SPACK_PASSWORD", "UCX_AUTH",
        "CONDA_CHANNEL", "SLACK_WEBHOOK", "TORCH_BEARER", "PMIX_PSK", "OMPI_MCA_orte_precondition_transports",
        "OMPI_COMMAND", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "PBS_O_PASSCODE"})
    EXPECT_EQ(record_of({name + "=abc"}).environment, "") << name;
}

TEST(JobRecord, MasksSecretsInTheValuesThatItKeeps) {
  const auto kept = [](const std::string& value) { return record_of({"PATH=" + value}).environment; };
  EXPECT_EQ(kept("https://me:abc@example.org/x"), "PATH=https://(masked)@example.org/x\n");
  EXPECT_EQ(kept("/bin:/x?token=abc"), "PATH=/bin:/x?token=(masked)\n");
  const std::string cut = kept(std::string(4085, 'x') + " https://me:abc@host");
  EXPECT_EQ(cut.find(":ab"), std::string::npos) << "cut in the middle of a password";
}

TEST(JobRecord, CutsNoCharacterInTwo) {
  const std::string environment = record_of({"PATH=" + std::string(4095, 'x') + "\u00e9\u00e9"}).environment;
  EXPECT_NE(environment.find("x...\n"), std::string::npos) << environment.substr(4080);
}

TEST(JobRecord, BoundsLongValuesAndLines) {
  const JobRecord record = record_of({"PATH=" + std::string(10000, 'x'), "LANG=a\nSLURM_FAKE=b"});
  EXPECT_LT(record.environment.size(), 4300U);
  EXPECT_NE(record.environment.find("LANG=a SLURM_FAKE=b\n"), std::string::npos);
}

}  // namespace
}  // namespace deepfog
