# shellcheck shell=bash
# Sourced: bare Debian systems in root folders, and commands inside them. A command gets namespaces of its own: its mounts
# and all its processes are gone when it ends, however it ends, so a root never has anything mounted when it is deleted.

# Prints why no root can be made here; silent where one can.
why_no_root() {
  if [ "$(uname -s)" != Linux ]; then echo "no Linux"; return; fi
  if [ "$(id -u)" != 0 ]; then echo "needs root (chroot, mounts)"; return; fi
  if ! command -v mmdebstrap > /dev/null && ! command -v debootstrap > /dev/null; then
    echo "needs mmdebstrap or debootstrap (apt-get install mmdebstrap)"; return
  fi
  if ! unshare --mount --pid --fork --kill-child true 2> /dev/null; then echo "no namespaces of mounts and processes here"; fi
}

# make_root SUITE FOLDER: what Debian calls essential, and apt. Left alone where it is made already.
make_root() {
  local suite=$1 folder=$2
  if [ -f "$folder/etc/deepfog-root" ]; then return; fi
  if command -v mmdebstrap > /dev/null; then
    mmdebstrap --quiet --variant=apt "$suite" "$folder" ${DEEPFOG_DEBIAN_MIRROR:+"$DEEPFOG_DEBIAN_MIRROR"}
  else
    debootstrap --variant=minbase "$suite" "$folder" ${DEEPFOG_DEBIAN_MIRROR:+"$DEEPFOG_DEBIAN_MIRROR"} > /dev/null
  fi
  cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
  echo "$suite" > "$folder/etc/deepfog-root"
}

# in_root FOLDER COMMAND ...: with /proc, /sys, /dev and a /dev/shm of its own, and a plain environment. It ends with the
# script that called it.
inside=''
in_root() {
  local code=0 own earlier
  # Process ids begin anew: what killed launchers of an earlier call left under theirs must not be in the way. What a script left
  # that was killed itself goes, too.
  for earlier in "$1"/var/tmp/in_root.*; do
    if [ "${earlier##*.}" = $$ ] || [ ! -e "/proc/${earlier##*.}" ]; then rm -rf --one-file-system "$earlier"; fi
  done
  own=$1/var/tmp/in_root.$$
  mkdir -m 1777 "$own"
  # The first process collects the orphans' exit statuses: it must be a shell that waits, not the command itself. It is deaf
  # to all signals but KILL.
  # shellcheck disable=SC2016
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child bash -c '
    set -e
    own=$1
    root=$2
    shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount --bind "$own" "$root/tmp"
    code=0
    env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      chroot "$root" "$@" || code=$?
    exit "$code"' in_root "$own" "$@" &
  inside=$!
  wait "$inside" || code=$?
  inside=''
  rm -rf --one-file-system "$own"
  return "$code"
}

# delete_root FOLDER: refuses where something is mounted below.
delete_root() {
  local folder
  folder=$(realpath "$1")
  if [ -n "$inside" ]; then
    kill -KILL "$inside"
    wait "$inside" || true
  fi
  if awk -v folder="$folder/" 'index($2 "/", folder) == 1 { found = 1 } END { exit !found }' /proc/self/mounts; then
    echo "debian_root: $folder is left where it is: something is mounted there" >&2
    return 1
  fi
  rm -rf --one-file-system "$folder"
}
