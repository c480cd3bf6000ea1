#!/bin/bash
# FOLDER: starts a real Slurm of one node, this host, for test/sweep/slurm/slurm.test.ts: its own munged, slurmctld and slurmd,
# with all they write in the folder, so that neither /etc nor another Slurm is touched. SLURM_CONF=FOLDER/slurm.conf is what its
# clients need; FOLDER/*.pid is what to kill. Two partitions: `low`, whose jobs a job in `high` preempts and requeues.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
folder=$1
port=$2
mkdir -p "$folder"/{munge,spool,save}
chmod 755 "$folder" "$folder/munge"

mungekey --create --keyfile="$folder/munge/munge.key"
munged --key-file="$folder/munge/munge.key" --socket="$folder/munge/socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munge/munged.log" --seed-file="$folder/munge/seed" --force 2>"$folder/munge/start.log"

host=$(hostname -s)
export SLURM_CONF=$folder/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=gcnc
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=10
MinJobAge=600
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2,sched_min_interval=0
StateSaveLocation=$folder/save
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=low Nodes=$host Default=YES MaxTime=INFINITE PriorityTier=1 State=UP
PartitionName=high Nodes=$host MaxTime=INFINITE PriorityTier=10 State=UP
CONF

slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
for _ in $(seq 60); do
  [ -n "$(sinfo -h -t idle -o %n 2>/dev/null)" ] && exit 0
  sleep 0.5
done
echo "start-slurm: no idle node after 30 s" >&2
tail -n 5 "$folder"/slurm*.log "$folder"/munge/*.log >&2
exit 1
