# The host's journal: one directory a deployment, with its record, phase, outcome, events and log.

with_deployment() {
  id=$1
  matches "$id" '[a-z0-9-]\{8,64\}' || fail invalid-input "not a deployment id: $id" || return
  [ -e "$STATE/$id/record" ] || fail invalid-input "this host knows no deployment $id"
}

load_record() {
  from=$(record_value "$id" from)
  to=$(record_value "$id" to)
  goal=$(record_value "$id" goal)
  boot_id=$(record_value "$id" bootId)
  profile_before=$(record_value "$id" profile)
  default=$(record_value "$id" default)
  generation=$(record_value "$id" generation)
  unhealthy=$(record_value "$id" unhealthy)
  reboot=$(record_value "$id" reboot)
  rescue=$(record_value "$id" rescue)
  confirm_timeout=$(record_value "$id" confirmTimeout)
  activation_timeout=$(record_value "$id" activationTimeout)
  phase=$(cat "$STATE/$id/phase" 2>/dev/null)
  status='' problem='' recovering=''
}

record_value() { sed -n "s/^$2=//p" "$STATE/$1/record" 2>/dev/null; }

# What is known of deployment $1, without the closing brace.
record_json() {
  [ -e "$STATE/$1/record" ] || return
  printf '{"id":%s' "$(quoted "$1")"
  for key in by goal from to revision; do printf ',"%s":%s' "$key" "$(quoted "$(record_value "$1" "$key")")"; done
  printf ',"since":%s,"phase":%s' "$(record_value "$1" since)" "$(quoted "$(cat "$STATE/$1/phase" 2>/dev/null)")"
  result=$(outcome_of "$1")
  [ -z "$result" ] || printf ',"outcome":%s,"reason":%s' "$(quoted "$result")" "$(quoted "$(sed 1d "$STATE/$1/outcome")")"
}

newest_deployments() {
  ls -1t "$STATE" 2>/dev/null | sed -n "1,${1}p"
}

outcome_of() { sed -n 1p "$STATE/$1/outcome" 2>/dev/null; }

set_phase() {
  phase=$1
  echo "$phase" >&2
  write_file "$STATE/$id/phase" "$1" && event "\"type\":\"phase\",\"phase\":\"$1\""
}

# The outcome is written before it is told, so that whoever hears of it finds it; the space for it was kept.
finish() {
  echo "$1${2:+: $2}" >&2
  rm -f "$STATE/$id/reserve"
  write_file "$STATE/$id/outcome" "$(printf '%s\n%s' "$1" "$2")" || return
  end_event "$1" "$2" >>"$STATE/$id/events"
  rm -f "$STATE/$id/token" "$ROOTS/from" "$ROOTS/to"
  [ "$1" = committed ] || [ "$1" = activated ] || [ "$1" = dry-activated ]
}

end_event() { printf '{"time":%s,"uptime":%s,"type":"end","outcome":"%s","reason":%s}\n' "$(date +%s)" "$(uptime_seconds)" "$1" "$(quoted "$2")"; }

# A file that is either the old one or the new one, also after a power loss.
write_file() {
  { printf '%s\n' "$2" >"$1.new" && sync "$1.new" && mv -f "$1.new" "$1" && sync "${1%/*}"; } || { rm -f "$1.new"; return 1; }
}

event() { printf '{"time":%s,"uptime":%s,%s}\n' "$(date +%s)" "$(uptime_seconds)" "$1" >>"$STATE/$id/events"; }
