# metrics: what a host knows of its generations and deployments, in the text format of Prometheus, changing nothing.
# docs/monitoring.md tells what each one says.

metrics() {
  host=$(quoted "$(cat /proc/sys/kernel/hostname)")
  running=$(target /run/current-system)
  booted=$(target /run/booted-system)
  default=$(boot_default)
  current=$(generation_of "$running")
  gauge current_generation 'Generation that runs; 0 when what runs is none of this host.' "$current"
  gauge boot_generation 'Generation that the boot loader starts next; 0 when that is none of this host.' "$(generation_of "$default")"
  gauge config_age_seconds 'Time since what runs became a generation, or was activated when it is none.' "$(age_of "$current")"
  head_of system_info 'The system that runs.'
  sample system_info 1 ",version=$(quoted "$(cat /run/current-system/nixos-version 2>/dev/null)")"
  gauge test_active 'Whether what runs was activated for a test, which the next reboot ends.' "$(holds is_test)"
  gauge reboot_pending 'Whether what boots next needs that reboot to run, or to run as a whole.' "$(holds is_reboot_pending)"
  deployments=$(list_deployments)
  deployment_metrics
}

# Of a system that is several generations, the one of the profile, else the newest.
generation_of() {
  if [ -n "$1" ] && [ "$(target "$PROFILE")" = "$1" ]; then
    number_of "$(readlink "$PROFILE")"
  else
    { echo 0; find "${PROFILE%/*}" -maxdepth 1 -name "${PROFILE##*/}-*-link" -lname "$1" | while read -r link; do number_of "$link"; done; } |
      sort -n | tail -n 1
  fi
}

age_of() {
  link=$PROFILE-$1-link
  [ -L "$link" ] || link=/run/current-system
  age=$(($(date +%s) - $(stat -c %Y "$link")))
  [ "$age" -ge 0 ] || age=0
  echo "$age"
}

# Activated after it was decided what boots next, which tells it from a system that a deployment for the next boot found.
is_test() {
  [ "$running" != "$default" ] && [ "$running" != "$booted" ] &&
    [ -n "$(find -P /run/current-system -maxdepth 0 -newer "$PROFILE")" ]
}

is_reboot_pending() {
  [ -n "$(reboot_reasons "$default")" ] || { [ "$running" != "$default" ] && ! is_test; }
}

holds() { "$@" && echo 1 || echo 0; }

# What the journal tells, the newest first: id, goal, outcome, wanted system. Of dry activations nothing came.
list_deployments() {
  newest_deployments 1000 | while read -r id; do
    [ -e "$STATE/$id/record" ] || continue
    goal='' to='' outcome=unfinished
    while IFS='=' read -r key value; do
      case $key in
        goal) goal=$value ;;
        to) to=$value ;;
      esac
    done <"$STATE/$id/record"
    [ "$goal" = dry-activate ] && continue
    [ -e "$STATE/$id/outcome" ] && read -r outcome <"$STATE/$id/outcome"
    printf '%s %s %s %s\n' "$id" "$goal" "$outcome" "$to"
  done
}

deployment_metrics() {
  wanted=$(printf '%s\n' "$deployments" | sed -n -e 's/^[^ ]* switch [^ ]* //p' -e 's/^[^ ]* boot [^ ]* //p' | sed -n 1p)
  id=${deployments%% *}
  under_way=$(holds is_under_way)
  gauge deployment_in_progress 'Whether a deployment is under way.' "$under_way"
  [ "$under_way" = 0 ] || deployments=$(printf '%s\n' "$deployments" | sed 1d)
  head_of deployments 'Deployments that the journal of this host holds, the newest fifty, by how they ended.'
  for word in $OUTCOMES; do
    sample deployments "$(printf '%s\n' "$deployments" | cut -d ' ' -f 3 | grep -cx -- "$word")" ",outcome=\"$word\""
  done
  [ -z "$wanted" ] || gauge behind_wanted 'Whether the host boots another system next than the newest deployment wanted.' "$(holds [ "$default" != "$wanted" ])"
  [ -z "$deployments" ] || last_deployment "$(printf '%s\n' "$deployments" | sed -n 1p)"
}

readonly OUTCOMES='activated committed failed rollback-failed rolled-back superseded unfinished'

# What only a reboot ends has its token on the disk.
is_under_way() {
  [ -n "$id" ] && [ ! -e "$STATE/$id/outcome" ] && { [ "$(readlink "$RUN/lock")" = "$id" ] || expects_restart; }
}

last_deployment() {
  id=${1%% *}
  last=$(printf '%s\n' "$1" | cut -d ' ' -f 3)
  ended=$(stat -c %Y "$STATE/$id/outcome" 2>/dev/null || record_value "$id" since)
  head_of last_deployment_outcome 'How the newest deployment ended: 1 at its outcome, 0 at the others.'
  for word in $OUTCOMES; do sample last_deployment_outcome "$(holds [ "$last" = "$word" ])" ",outcome=\"$word\""; done
  gauge last_deployment_timestamp_seconds 'When the newest deployment ended.' "$ended"
}

# gauge NAME HELP VALUE
gauge() { head_of "$1" "$2" && sample "$1" "$3"; }

head_of() { printf '# HELP nixos_%s %s\n# TYPE nixos_%s gauge\n' "$1" "$2" "$1"; }

# sample NAME VALUE [LABELS]
sample() { printf 'nixos_%s{host=%s%s} %s\n' "$1" "$host" "${3-}" "$2"; }
