# shellcheck shell=bash
# Sourced: the flags with which mpirun lets the others go on when a rank is killed, in the array mpi_recovery. With them
# mpirun 4 returns 0 whatever the ranks return: what counts is the results file.
case $(mpirun --version 2> /dev/null | sed -n '1s/.* \([0-9]*\)\..*/\1/p') in
  4)
    mpi_recovery=(--enable-recovery --mca pml ob1)
    if [ "${SLURM_JOB_NUM_NODES:-1}" = 1 ]; then
      # On one host, shared memory alone: a dead peer's socket is one trouble less.
      mpi_recovery+=(--mca btl "vader,self")
    else
      # Over TCP each survivor would send mpirun a help message about its dead peer, and mpirun 4.1 reads that message while another
      # of its threads frees it: now and then it crashes, and takes all ranks with it (tests/comm/mpirun_deaths.sh). So the ranks
      # send none. Where MPI does not start and its own words are wanted: export OMPI_MCA_orte_execute_quiet=0.
      mpi_recovery+=(-x "OMPI_MCA_orte_execute_quiet=${OMPI_MCA_orte_execute_quiet:-1}")
    fi ;;
  5)
    mpi_recovery=(--with-ft ulfm)
    if [ "${SLURM_JOB_NUM_NODES:-1}" = 1 ]; then mpi_recovery+=(--mca btl "sm,self"); fi ;;
  *) mpi_recovery=() ;;  # another library: a death ends the job
esac
