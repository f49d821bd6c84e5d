# Health checks of the host itself, side by side, before a deployment is kept.

# Whether $1 is a check as the request gives it: NAME TYPE GRACE INTERVAL TIMEOUT RETRIES ARG…
is_check() {
  matches "$1" "[A-Za-z0-9._-]\{1,64\} [a-z]\{1,10\}\( $count_form\)\{4\} [^ ].*" || return
  split_check "$1"
  [ "$limit" -ge 1 ] || return
  case $type in
    systemd) matches "$argument" '[A-Za-z0-9:_.\@][A-Za-z0-9:_.\@-]*\( [A-Za-z0-9:_.\@][A-Za-z0-9:_.\@-]*\)*' ;;
    tcp) matches "$argument" '[1-9][0-9]\{0,4\}' && [ "$argument" -le 65535 ] ;;
    disk) matches "$argument" '\(0\|[1-9][0-9]\{0,17\}\) /.*' ;;
    command) return 0 ;;
    *) return 1 ;;
  esac
}

# A leading zero would make the shell read an octal number.
count_form='\(0\|[1-9][0-9]\{0,5\}\)'

split_check() {
  read -r name type grace interval limit retries argument <<END
$1
END
}

# Runs the checks of this deployment until each has held or used up its attempts, or the deployment is called off.
# Otherwise fails, with the reason in $problem. Time is the uptime, and nothing that a check started outlives it.
run_checks() {
  problem=''
  [ -s "$STATE/$id/checks" ] || return 0
  mkdir -p "$RUN/$id/checks" || { problem="the health checks have nowhere to write: $RUN/$id"; return 1; }
  note_processes
  start_checks
  await_checks
  end_strays
  # shellcheck disable=SC2086
  wait $workers 2>/dev/null
  judge_checks
}

start_checks() {
  started=0 longest=0 workers=''
  while IFS= read -r line; do
    started=$((started + 1))
    split_check "$line"
    # An attempt takes its time limit, and what it takes to end it.
    total=$((grace + (retries + 1) * (limit + 3) + retries * interval + 5))
    [ "$total" -le "$longest" ] || longest=$total
    (number=$started && attempt_check) </dev/null &
    workers="$workers $!"
  done <"$STATE/$id/checks"
}

await_checks() {
  deadline=$(($(uptime_seconds) + longest))
  until set -- "$RUN/$id/checks/"*.result && [ -e "$1" ] && [ "$#" -ge "$started" ]; do
    [ -L "$RUN/$id/decision" ] && return
    [ "$(uptime_seconds)" -lt "$deadline" ] || return
    sleep 0.1
  done
}

judge_checks() {
  [ -L "$RUN/$id/decision" ] && problem='the deployment was called off while its health was checked' && return 1
  number=0
  while IFS= read -r line; do
    number=$((number + 1))
    split_check "$line"
    result=$(cat "$RUN/$id/checks/$number.result" 2>/dev/null) || result='it did not end'
    [ -z "$result" ] || problem="${problem:+$problem; }health check $name: $result"
  done <"$STATE/$id/checks"
  [ -z "$problem" ]
}

# One check to its end; what was wrong is then in its result, which is empty when it held.
attempt_check() {
  files=$RUN/$id/checks/$number
  sleep "$grace"
  attempt=1
  until "look_$type"; do
    [ "$attempt" -le "$retries" ] || { tell_check failed "$seen" && leave_result "$seen"; return; }
    tell_check waiting "$seen"
    sleep "$interval"
    attempt=$((attempt + 1))
  done
  tell_check passed '' && leave_result ''
}

leave_result() { printf '%s\n' "$1" >"$files.new" && mv "$files.new" "$files.result"; }

# Checks tell at the same time: one after another, so that no line gets into another one. Whoever may only deploy could
# name any unit of the host here, and is not told its journal.
tell_check() {
  (
    flock 8
    event "\"type\":\"check\",\"name\":\"$name\",\"state\":\"$1\",\"attempt\":$attempt,\"message\":$(quoted "$2")"
    [ "$1:$type" = failed:systemd ] && [ -z "$(record_value "$id" restricted)" ] && new=$inactive && tell_failed_units
    true
  ) 8>"$RUN/$id/checks/lock"
}

# A unit that is starting, or waits for its next start, is not active.
look_systemd() {
  states=$(timeout --kill-after=2 "$limit" systemctl is-active -- $argument 2>/dev/null)
  [ -n "$states" ] || { seen="systemd did not answer within $limit s"; return 1; }
  seen='' inactive=''
  for unit in $argument; do
    state=${states%%
*}
    states=${states#*
}
    case $state in
      active | reloading | refreshing) ;;
      *) seen="${seen:+$seen, }$unit is $state" && inactive="$inactive $unit" ;;
    esac
  done
  [ -z "$seen" ]
}

# State 0A of the kernel's table is LISTEN.
look_tcp() {
  seen="nothing listens on port $argument"
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$argument") [0-9A-F]*:[0-9A-F]* 0A "
}

look_disk() {
  wanted=${argument%% *} path=${argument#* }
  free=$(timeout --kill-after=2 "$limit" df --output=avail -B1 -- "$path" 2>"$files.output" | sed -n '2{s/ //g;p}')
  [ -n "$free" ] || { seen="the free space of $path is not known: $(sed -n 1p "$files.output")"; return 1; }
  seen="$((free / 1048576)) MiB free in $path, and $((wanted / 1048576)) MiB are wanted"
  [ "$free" -ge "$wanted" ]
}

# The shell around the command outlives the first signal, and so does tail, so that the last words are heard; the second
# one, 2 s later, ends all of them. What a command leaves behind with its output open counts as the command.
look_command() {
  rm -f "$files.status"
  # shellcheck disable=SC2016
  timeout --kill-after=2 "$limit" sh -c '
    trap : TERM
    { sh -c "$1"; echo "$?" >"$2.status"; } 2>&1 </dev/null | (trap "" TERM; exec tail -c 1000) >"$2.output"
  ' sh "$argument" "$files" 2>/dev/null
  ended=$(cat "$files.status" 2>/dev/null) && [ "$ended" = 0 ] && return
  if [ -n "$ended" ]; then seen="exit status $ended"; else seen="it did not end within $limit s"; fi
  said=$(tail -n 5 "$files.output" | tr -cd '[:print:]\n\t')
  seen=$seen${said:+: $said}
  return 1
}

# Whatever a check started is in the control group of this unit, in whichever session or process group it hides.
# Reading it starts no process, which would be in it too.
note_processes() {
  group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/cgroup.procs
  case $group in */"$(unit_of "$id")"/*) ;; *) group=/dev/null ;; esac
  ours=' '
  while read -r pid; do ours="$ours$pid "; done 2>/dev/null <"$group"
}

end_strays() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    strays=0
    while read -r pid; do
      case $ours in *" $pid "*) ;; *) strays=$((strays + 1)) && kill -KILL "$pid" 2>/dev/null ;; esac
    done 2>/dev/null <"$group"
    [ "$strays" -gt 0 ] || return 0
    sleep 0.1
  done
}
