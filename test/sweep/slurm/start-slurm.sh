#!/bin/bash
# Starts a real Slurm with this host as controller and only node, for test/sweep/slurm/slurm.test.ts. Needs root and
# Debian's packages slurm-wlm and munge. Two partitions: `low`, whose jobs a job in `high` preempts and requeues.
# A second call finds it running. An /etc/slurm/slurm.conf that is not from here is left alone: its Slurm is used.
set -euo pipefail

conf=/etc/slurm/slurm.conf
state=/var/lib/gcnc-slurm
if [ -e "$conf" ] && ! grep -q 'gcnc test' "$conf"; then
  echo "start-slurm: $conf is another Slurm's" >&2
  exit 1
fi
if sinfo -h >/dev/null 2>&1 && [ -n "$(sinfo -h -t idle,mix,alloc -o %n)" ]; then exit 0; fi

mkdir -p /etc/munge /run/munge /var/log/munge /var/lib/munge "$state/spool" "$state/save" /etc/slurm
[ -s /etc/munge/munge.key ] || mungekey -c -k /etc/munge/munge.key
chown -R munge: /etc/munge /run/munge /var/log/munge /var/lib/munge
chmod 755 /run/munge
pgrep -x munged >/dev/null || su -s /bin/sh munge -c /usr/sbin/munged

host=$(hostname -s)
grep -qE "[[:space:]]$host([[:space:]]|\$)" /etc/hosts || echo "127.0.0.1 $host" >>/etc/hosts
cat >"$conf" <<CONF
# gcnc test: one node, two partitions
ClusterName=gcnc
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=10
MinJobAge=600
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2,sched_min_interval=0
StateSaveLocation=$state/save
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=low Nodes=$host Default=YES MaxTime=INFINITE PriorityTier=1 GraceTime=10 State=UP
PartitionName=high Nodes=$host MaxTime=INFINITE PriorityTier=10 State=UP
CONF

pgrep -x slurmctld >/dev/null || slurmctld
pgrep -x slurmd >/dev/null || slurmd
for _ in $(seq 60); do
  [ -n "$(sinfo -h -t idle -o %n 2>/dev/null)" ] && exit 0
  sleep 0.5
done
echo "start-slurm: no idle node after 30 s; see $state/*.log" >&2
exit 1
