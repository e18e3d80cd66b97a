#!/bin/sh
# Collects what kmemscope needs to know of a running Linux kernel, and packs it into one file:
#
#   sh capture.sh [NAME]       writes NAME.tar.gz, NAME.tar where there is no gzip, or the folder NAME where there is no tar
#
# NAME is capture-RELEASE if it is not given. Nothing is changed on the machine and no module is loaded; as root more can be read
# (the addresses in iomem, slabinfo, pagetypeinfo, the kernel log). What cannot be read is named at the end and left out.
#
# A shell and cat, ls, mkdir, rm, uname, dmesg and tar are enough, as busybox has them.
#
#   ROOT      put before /proc, /sys, /boot and /var, for a try with copies

ROOT=${ROOT:-}
release=$(uname -r)
name=${1:-capture-$release}
case $name in
  -*)
    echo "usage: sh capture.sh [NAME]" >&2
    exit 2
    ;;
esac
if [ -e "$name" ] || [ -e "$name.tar" ] || [ -e "$name.tar.gz" ]; then
  echo "capture.sh: $name is already there; give another name or remove it" >&2
  exit 1
fi
mkdir "$name" || exit 1
missing=

# drops a file that has nothing in it
keep() {
  [ -s "$1" ] && return 0
  rm -f "$1"
  return 1
}

# copy FROM TO: a file of /proc has no size before it is read, so cp will not do everywhere
copy() {
  if [ -r "$ROOT$1" ]; then
    cat "$ROOT$1" > "$name/$2" 2>/dev/null
    keep "$name/$2" && return 0
  fi
  missing="$missing $1"
  return 1
}

# Free lists first, and close to each other: everything that runs changes them a little.
copy /proc/buddyinfo proc-buddyinfo.txt
copy /proc/pagetypeinfo proc-pagetypeinfo.txt
copy /proc/zoneinfo proc-zoneinfo.txt
for file in slabinfo vmallocinfo vmstat meminfo iomem version cmdline cpuinfo; do
  copy /proc/$file proc-$file.txt
done
uname -a > "$name/uname.txt"

# One line each. Those that do something when they are read or can only be written are left alone. The shell's own read will not do
# here: it takes byte by byte, and the kernel tells a tunable to its first reader in one go only.
for file in "$ROOT"/proc/sys/vm/*; do
  case ${file##*/} in
    compact_memory | drop_caches | stat_refresh) continue ;;
  esac
  if [ -f "$file" ] && value=$(cat "$file" 2>/dev/null); then
    echo "${file##*/}: $value"
  fi
done > "$name/proc-sys-vm.txt"
keep "$name/proc-sys-vm.txt" || missing="$missing /proc/sys/vm"

# One line a cache: its name, the cache it was merged into, its attributes.
if [ -d "$ROOT/sys/kernel/slab" ]; then
  for cache in "$ROOT"/sys/kernel/slab/*; do
    [ -d "$cache" ] || continue
    line=${cache##*/}
    if [ -h "$cache" ]; then
      link=$(ls -l "$cache")
      line="$line link=${link##* -> }"
    fi
    for attribute in object_size slab_size order objs_per_slab align min_partial cpu_partial hwcache_align cache_dma \
      reclaim_account aliases objects total_objects slabs partial cpu_slabs objects_partial slabs_cpu_partial \
      destroy_by_rcu usersize sanity_checks red_zone poison store_user; do
      value=
      if [ -r "$cache/$attribute" ] && { read -r value < "$cache/$attribute"; } 2>/dev/null; then
        line="$line $attribute=$value"
      fi
    done
    echo "$line"
  done > "$name/sys-kernel-slab.txt"
  # a kernel with SLAB has no such folder, so it is not missed
  keep "$name/sys-kernel-slab.txt"
fi

# The kernel forgets its first messages when many have followed. A log daemon may have kept them.
dmesg > "$name/dmesg.txt" 2>/dev/null
keep "$name/dmesg.txt" || missing="$missing dmesg"
says_boot() {
  while read -r line; do
    case $line in
      *"Linux version "*) return 0 ;;
    esac
  done < "$1"
  return 1
}
if ! { [ -f "$name/dmesg.txt" ] && says_boot "$name/dmesg.txt"; }; then
  for log in /var/log/dmesg /var/log/boot.dmesg /var/log/kern.log /var/log/messages; do
    if [ -r "$ROOT$log" ] && says_boot "$ROOT$log"; then
      cat "$ROOT$log" > "$name/dmesg-boot.txt"
      break
    fi
  done
fi

if [ -r "$ROOT/proc/config.gz" ]; then
  cat "$ROOT/proc/config.gz" > "$name/config.gz"
elif [ -r "$ROOT/boot/config-$release" ]; then
  cat "$ROOT/boot/config-$release" > "$name/config.txt"
else
  missing="$missing /proc/config.gz"
fi

result=$name
if tar cf "$name.tar" "$name" 2>/dev/null; then
  rm -rf "$name"
  result=$name.tar
  if gzip "$name.tar" 2>/dev/null; then
    result=$name.tar.gz
  fi
else
  rm -f "$name.tar"
fi
[ -n "$missing" ] && echo "could not be read:$missing" >&2
echo "$result"
