# shellcheck shell=bash
# Sourced: a Slurm of one's own on this machine, loopback only, everything below one folder, ended by the pids in its own files.
#   cluster_up FOLDER NODES CPUS     virtual nodes n1..nN; exports SLURM_CONF; 1 when it does not come up
#   cluster_down FOLDER

cluster_up() {
  local base=$1 nodes=$2 cpus=$3 host user node port
  host=$(hostname -s)
  user=$(id -un)
  port=$((20000 + $$ % 1000 * 12))  # below the ports that the kernel hands out; two clusters seldom meet
  mkdir -p "$base"/{state,log,run,key,socket,spool}
  chmod 755 "$base" "$base/socket"
  dd if=/dev/urandom of="$base/key/key" bs=1 count=1024 status=none
  chmod 700 "$base/key"
  chmod 400 "$base/key/key"
  # munged wants to be nobody else than the owner of its key, and not root.
  local as=()
  if [ "$user" = root ]; then
    chown -R munge:munge "$base/key" "$base/socket"
    as=(setpriv --reuid munge --regid munge --clear-groups)
  fi
  "${as[@]}" munged --force --socket="$base/socket/munge" --key-file="$base/key/key" --log-file="$base/key/log" \
    --pid-file="$base/key/pid" --seed-file="$base/key/seed" --num-threads=2 || return 1
  cat > "$base/slurm.conf" << CONF
ClusterName=deepfog
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
AuthType=auth/munge
# A requeued job waits until its old credential has run out: 120 s by default.
AuthInfo=socket=$base/socket/munge,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=$user
SlurmdUser=$user
SlurmctldPidFile=$base/run/slurmctld.pid
SlurmdPidFile=$base/run/slurmd-%n.pid
StateSaveLocation=$base/state
SlurmdSpoolDir=$base/spool/%n
# PMIx keeps its files there, and the nodes must not share them.
TmpFS=$base/tmp/%n
SlurmctldLogFile=$base/log/slurmctld.log
SlurmdLogFile=$base/log/slurmd-%n.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$base/log/jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=0
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=30
KillWait=3
MinJobAge=3600
JobRequeue=1
CONF
  for node in $(seq 1 "$nodes"); do
    mkdir -p "$base/spool/n$node" "$base/tmp/n$node"
    chmod 1777 "$base/tmp/n$node"
    echo "NodeName=n$node NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + node)) CPUs=$cpus Boards=1 SocketsPerBoard=1 CoresPerSocket=$cpus ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN"
  done >> "$base/slurm.conf"
  echo "PartitionName=main Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO" >> "$base/slurm.conf"
  export SLURM_CONF=$base/slurm.conf
  slurmctld -i || return 1
  for node in $(seq 1 "$nodes"); do slurmd -N "n$node" || return 1; done
  local deadline=$((SECONDS + 30))
  until [ "$(sinfo -h -t idle -o %D 2> /dev/null | awk '{sum += $1} END {print sum + 0}')" = "$nodes" ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.1
  done
}

cluster_pids() {
  local file
  for file in "$1"/run/*.pid "$1/key/pid"; do
    if [ -s "$file" ]; then cat "$file"; fi
  done
}

cluster_down() {
  local base=$1 pid deadline
  local -a pids
  if [ ! -e "$base/slurm.conf" ]; then return; fi
  export SLURM_CONF=$base/slurm.conf
  mapfile -t pids < <(cluster_pids "$base")
  if squeue -h > /dev/null 2>&1; then
    scancel --user="$(id -un)" > /dev/null 2>&1 || true
    deadline=$((SECONDS + 10))
    while [ "$SECONDS" -lt "$deadline" ] && [ -n "$(squeue -h 2> /dev/null)" ]; do sleep 0.2; done
  fi
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  deadline=$((SECONDS + 10))
  for pid in "${pids[@]}"; do
    while [ "$SECONDS" -lt "$deadline" ] && kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
    kill -KILL "$pid" 2> /dev/null || true
  done
}
