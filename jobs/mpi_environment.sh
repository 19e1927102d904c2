# shellcheck shell=bash
# Sourced: what mpirun and the ranks need on one machine, for Open MPI 4 and 5 alike (unknown variables are ignored).
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# More ranks than cores are allowed, and then a waiting rank must give its core away.
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_MCA_mpi_yield_when_idle=1
# Containers forbid the kernel's copy between processes; without this Open MPI 4 warns and falls back on every message.
export OMPI_MCA_btl_vader_single_copy_mechanism=none
# Ranks with several threads must not all be tied to one core.
export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none
# The config's `threads` decides; this is for libraries that look before the program does.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
