# The boot loader of a test host, for run-host.sh: reads systemd-boot's files, else GRUB's, on the disk below root/.
#
# load_system sets `init` to the first process of the system that the host boots. It returns only with a system that
# comes up: a kernel that panics resets the host, and a loader without a bootable entry waits for somebody at its menu.

loader=root/boot/loader
grub=root/boot/grub

load_system() {
  while :; do
    kernel='' init=''
    if [ -e "$loader/loader.conf" ]; then
      run_systemd_boot
    elif [ -e "$grub/grub.cfg" ]; then
      run_grub
    else
      wait_for_somebody "no bootable device"
    fi
    read -r about <"root$kernel" || true
    case $about in *panics*) ;; *) return ;; esac
    echo "testbed: $about"
    echo "testbed: Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b"
    echo "testbed: Rebooting in 1 seconds.."
    sleep 1
  done
}

wait_for_somebody() {
  echo "testbed: $1"
  exec sleep infinity
}

# EFI variables are files here: oneshot and default, written by bootctl, selected and counted (the entry that was
# booted, and its file when that has boot counters), written by the loader.
run_systemd_boot() {
  once=$(cat "$loader/oneshot" 2>/dev/null) || true
  chosen=$(cat "$loader/default" 2>/dev/null) || true
  rm -f "$loader/oneshot" "$loader/counted"
  entries=$(list_entries)
  file=$(
    find_entry "$once" || find_entry "$chosen" || find_entry "$(loader_setting preferred)" good ||
      find_entry "$(loader_setting default)" || find_entry '*'
  ) || wait_for_somebody "systemd-boot: no entry whose kernel is there"
  echo "${file%%+*}" | sed '/\.conf$/!s/$/.conf/' >"$loader/selected"
  count_attempt
  kernel=/boot$(entry_setting linux)
  init=$(entry_setting options | sed -n 's/^\(.*[[:space:]]\)\{0,1\}init=\([^[:space:]]*\).*/\2/p')
}

# Files of entries whose kernel is there, as the menu shows them: those without tries left last, else the newest first.
list_entries() {
  for path in "$loader"/entries/*.conf; do
    file=${path##*/}
    [ -f "root/boot$(entry_setting linux)" ] || continue
    case $file in *+0-*.conf | *+0.conf) bad=1 ;; *) bad=0 ;; esac
    printf '%s\t%s\t%s\t%s\n' "$bad" "$(entry_setting sort-key | sed 's/^$/~/')" "$(entry_setting version)" "$file"
  done | sort -t "$(printf '\t')" -k 1,1n -k 2,2 -k 3,3Vr -k 4,4Vr | cut -f 4
}

# find_entry PATTERN [good]: the first entry whose id, its file's name without boot counters, matches; a good one has
# tries left.
find_entry() {
  for file in $entries; do
    case ${2-}$file in good*+0-*.conf | good*+0.conf) continue ;; esac
    case ${file%%+*} in *.conf) id=$file ;; *) id=${file%%+*}.conf ;; esac
    # Not quoted: a pattern.
    case $id in $1) echo "$file" && return ;; esac
  done
  return 1
}

# NAME+LEFT-DONE.conf, where -DONE is missing at first.
count_attempt() {
  case $file in *+*.conf) ;; *) return 0 ;; esac
  counters=${file##*+}
  counters=${counters%.conf}
  left=${counters%-*} tried=0
  case $counters in *-*) tried=${counters#*-} ;; esac
  [ "$left" -eq 0 ] || left=$((left - 1))
  counted=${file%+*}+$left-$((tried + 1)).conf
  mv "$loader/entries/$file" "$loader/entries/$counted"
  file=$counted
  echo "$file" >"$loader/counted"
}

loader_setting() { sed -n "s/^$1[[:space:]][[:space:]]*//p" "$loader/loader.conf"; }
entry_setting() { sed -n "s/^$1[[:space:]][[:space:]]*//p" "$loader/entries/$file"; }

# The entry for one boot from grub-reboot, where grub.cfg looks for one, else the default one.
run_grub() {
  rm -f "$loader/selected"
  wanted=
  if grep -q next_entry "$grub/grub.cfg"; then wanted=$(grub_variable next_entry); fi
  if [ -n "$wanted" ]; then
    chroot root grub-editenv /boot/grub/grubenv set next_entry=
  else
    wanted=$(sed -n '/next_entry/d; s/^[[:space:]]*set default="\{0,1\}\([^"]*\).*/\1/p' "$grub/grub.cfg" | tail -n 1)
    # shellcheck disable=SC2016 # GRUB's variable.
    [ "$wanted" != '${saved_entry}' ] || wanted=$(grub_variable saved_entry)
  fi
  found=$(find_grub_entry "$wanted")
  [ -n "$found" ] || found=$(find_grub_entry 0)
  kernel=$(echo "${found%% *}" | sed 's/^([^)]*)//; s|//*|/|g')
  init=${found#* }
  # GRUB shows its menu then, without a countdown.
  [ -f "root$kernel" ] || wait_for_somebody "GRUB: error: file \`$kernel' not found."
}

grub_variable() {
  [ ! -e "$grub/grubenv" ] || chroot root grub-editenv /boot/grub/grubenv list | sed -n "s/^$1=//p"
}

# find_grub_entry WANTED: kernel and init of a menu entry, named by number or title, below its submenu as in `1>2`.
find_grub_entry() {
  awk -v wanted="$1" '
    BEGIN { level = 0; levels = split(wanted, names, ">") }
    $1 == "menuentry" || $1 == "submenu" {
      quote = substr($2, 1, 1)
      split($0, parts, quote)
      name = names[level + 1]
      chosen[level] = (level == 0 || chosen[level - 1]) && (level >= levels || name == numbers[level] + 0 || name == parts[2])
      numbers[level]++
      if ($1 == "submenu") { numbers[++level] = 0 } else { entry = 1 }
    }
    $1 == "linux" && chosen[level] {
      for (i = 3; i <= NF; i++) if (sub(/^init=/, "", $i)) { print $2, $i; exit }
    }
    $1 == "}" { if (entry) entry = 0; else level-- }
  ' "$grub/grub.cfg"
}
