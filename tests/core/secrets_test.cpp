#include "core/secrets.hpp"

#include <gtest/gtest.h>

namespace deepfog {
namespace {

TEST(Secrets, ByTheirName) {
  for (const char* name :
       {"AWS_SECRET_ACCESS_KEY", "token", "HF_TOKEN", "DB_PASS", "DBPASS", "MYSQL_PWD", "PSK", "WIFI_PSK",
        "SLACK_WEBHOOK_URL", "BEARER", "--api-key", "X-Api-Key", "Authorization", "sig", "X-Amz-Signature",
        "SSH_PRIVATE", "sessionCookie", "ssh-passphrase", "OMPI_MCA_orte_precondition_transports"})
    EXPECT_TRUE(names_secret(name)) << name;
  for (const char* name : {"", "PATH", "output", "campaign.runs", "--config", "max_combinations", "epochs",
                           "author", "bypass_rate", "monkeys", "SLURM_JOB_ID", "compassion", "spin"})
    EXPECT_FALSE(names_secret(name)) << name;
}

TEST(Secrets, AreMaskedInText) {
  const auto expect = [](const std::string& text, const std::string& masked) {
    EXPECT_EQ(without_secrets(text), masked);
  };
  expect("AWS_SECRET_ACCESS_KEY=abc def", "AWS_SECRET_ACCESS_KEY=(masked)");
  expect("--env=GITHUB_TOKEN=abc", "--env=GITHUB_TOKEN=(masked)");
  expect("https://host/x?a=1&token=abc&b=2", "https://host/x?a=1&token=(masked)");
  expect("https://store/x?X-Amz-Signature=abc", "https://store/x?X-Amz-Signature=(masked)");
  expect("Authorization: Bearer abc", "Authorization: (masked)");
  expect("curl -H 'authorization: basic abc'", "curl -H 'authorization: (masked)");
  expect("use bearer abc", "use bearer (masked)");
  expect("https://u:p@ss@host/x ftp://a@b", "https://(masked)@host/x ftp://(masked)@b");
  expect("http://u:p/q@host", "http://(masked)@host");
  expect("me:abc@proxy:3128", "(masked)@proxy:3128");
  expect("x ghp_abcdefghijklmnopqrstuv y", "x (masked) y");
  expect("1859fe496640bf9f-9b1a8cdbad29a42b", "(masked)");
  expect("https://hooks.example.org/T0/B0/abc", "https(masked)");
  expect("{\"password\": \"abc\"}", "{\"password\": \"(masked)");
}

TEST(Secrets, OrdinaryTextStays) {
  for (const char* text :
       {"", "deepfog run --config a.ini --set campaign.runs=3", "reliability.often=near:.9 middle:.7",
        "results/skip-experiment-with-a-long-name.h5", "e1->f2 5ms", "http://host:8080/x",
        "crash e1 round 50", "/usr/bin:/opt/x", "ob1", "f1:2000h/8h f2:.95", "git@host:project.git"})
    EXPECT_EQ(without_secrets(text), text);
}

TEST(Secrets, OfACommandLineMayBeWordsOfTheirOwn) {
  const auto line = [](const std::vector<std::string>& words) { return without_secrets(words); };
  EXPECT_EQ(line({"deepfog", "run", "--config", "a b.ini"}), "deepfog run --config a b.ini");
  EXPECT_EQ(line({"mpirun", "-x", "AWS_SECRET_KEY=a b", "deepfog"}),
            "mpirun -x AWS_SECRET_KEY=(masked) deepfog");
  EXPECT_EQ(line({"x", "--password", "abc", "y"}), "x --password (masked) y");
  EXPECT_EQ(line({"-H", "Authorization:", "Bearer", "abc", "y"}).find("abc"), std::string::npos);
  EXPECT_EQ(line({"-H", "X-Api-Key:", "abc", "y"}), "-H X-Api-Key: (masked) y");
  EXPECT_EQ(line({"--mca", "orte_precondition_transports", "1859fe496640bf9f-9b1a8cdbad29a42b"}),
            "--mca orte_precondition_transports (masked)");
}

}  // namespace
}  // namespace deepfog
