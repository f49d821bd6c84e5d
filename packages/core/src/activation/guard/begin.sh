# begin: takes the lock, writes the journal entry, starts the supervisor, answers at once.

# Reads the request from standard input, one key=value a line; docs/activation.md names the keys. Starts the supervisor
# as a unit of its own and answers at once.
begin() {
  read_request && check_request || return
  # Whoever asked may be gone when something is told: what is begun goes on all the same.
  trap '' PIPE
  from=$(target /run/current-system)
  is_system "$from" || refuse_system "$?" "the running system could not be put back: $from" || return

  mkdir -p "$STATE" "$RUN" && chmod 0700 "$STATE" "$RUN" || fail refused "cannot write to $STATE and $RUN" || return
  exec 9>"$RUN/begin.lock"
  flock -w 30 9 || fail locked 'another deployment is being begun' || return
  if [ -e "$STATE/$id/record" ]; then
    answer_begun
    return
  fi
  forget_unbegun
  settle_all
  if holder=$(lock_holder); then
    fail locked "another deployment is under way: $holder by $(record_value "$holder" by), $(record_value "$holder" goal) to $(record_value "$holder" to)"
    return
  fi
  prune
  take_lock || return
  start_unit supervise || { release; rm -rf "${STATE:?}/$id"; fail refused "the supervisor could not be started: $problem"; return; }
  answer_begun
}

read_request() {
  id='' token='' to='' goal='' by='' revision='' confirm_timeout=30 activation_timeout=600
  generation='' unhealthy=rollback reboot=no rescue=never checks=''
  while IFS='=' read -r key value; do
    case $key in
      id) id=$value ;;
      token) token=$value ;;
      to) to=$value ;;
      goal) goal=$value ;;
      by) by=$value ;;
      revision) revision=$value ;;
      confirmTimeout) confirm_timeout=$value ;;
      activationTimeout) activation_timeout=$value ;;
      generation) generation=$value ;;
      unhealthy) unhealthy=$value ;;
      reboot) reboot=$value ;;
      rescue) rescue=$value ;;
      check) checks=$checks$value$newline ;;
      *) ;;
    esac
  done
}

check_request() {
  matches "$id" '[a-z0-9-]\{8,64\}' || fail invalid-input "not a deployment id: $id" || return
  matches "$token" '[A-Za-z0-9_-]\{16,128\}' || fail invalid-input 'not a token' || return
  matches "$confirm_timeout" '[0-9]\{1,6\}' || fail invalid-input "not a number of seconds: $confirm_timeout" || return
  matches "$activation_timeout" '[0-9]\{1,6\}' || fail invalid-input "not a number of seconds: $activation_timeout" || return
  case $goal in switch | boot | test | dry-activate) ;; *) fail invalid-input "not a goal: $goal" || return ;; esac
  case $unhealthy in rollback | warn) ;; *) fail invalid-input "not rollback or warn: $unhealthy" || return ;; esac
  case $reboot in yes | no) ;; *) fail invalid-input "not yes or no: $reboot" || return ;; esac
  case $rescue in reboot | never) ;; *) fail invalid-input "not reboot or never: $rescue" || return ;; esac
  [ "$reboot" = no ] || [ "$goal" = switch ] || fail invalid-input "goal $goal knows no reboot" || return
  is_system "$to" || refuse_system "$?" "not a NixOS system of this host's store: $to" || return
  is_allowed_system "$to" || fail refused "$problem" || return
  if [ -n "$generation" ]; then
    matches "$generation" '[0-9]\{1,9\}' && [ "$(target "$PROFILE-$generation-link")" = "$to" ] ||
      fail refused "generation $generation of this host is not $to" || return
  fi
  printf '%s' "$checks" | {
    while IFS= read -r line; do
      is_check "$line" || fail invalid-input "not a health check: $line" || return
      is_allowed_check || fail refused "$problem" || return
    done
  }
}

refuse_system() {
  case $1 in
    124 | 137) fail refused 'Nix of this host did not answer within 20 s: is /nix read-only, or its disk full?' ;;
    *) fail refused "$2" ;;
  esac
}

answer_begun() {
  printf '{"id":%s,"from":%s}\n' "$(quoted "$id")" "$(quoted "$(record_value "$id" from)")"
}

take_lock() {
  rm -rf "${RUN:?}/lock" "${RUN:?}/$id"
  mkdir -p "$STATE/$id" "$RUN/$id" && chmod 0700 "$RUN/$id" && : >"$STATE/$id/events" && : >"$STATE/$id/log" &&
    printf '%s' "$checks" >"$STATE/$id/checks" &&
    head -c 65536 /dev/zero >"$STATE/$id/reserve" &&
    (umask 077 && printf '%s\n' "$token" >"$RUN/$id/token") && set_phase begun &&
    write_file "$STATE/$id/record" "$(
      printf '%s\n' "id=$id" "by=$(printable "$by")" "goal=$goal" "from=$from" "to=$to" "revision=$(printable "$revision")" \
        "since=$(date +%s)" "bootId=$(boot_id_now)" "profile=$(readlink "$PROFILE" 2>/dev/null)" "default=$(boot_default)" \
        "confirmTimeout=$confirm_timeout" "activationTimeout=$activation_timeout" "generation=$generation" \
        "unhealthy=$unhealthy" "reboot=$reboot" "rescue=$rescue" "restricted=$(restricted && echo yes)"
    )" && ln -s "$id" "$RUN/lock" && protect && return
  release
  rm -rf "${STATE:?}/$id"
  fail refused "the deployment could not be written to $STATE: is the disk full, or read-only?"
}

# What a begin that was cut short left: nobody else begins while this one holds the lock.
forget_unbegun() {
  for directory in "$STATE"/*/; do
    [ -e "$directory/record" ] || rm -rf "$directory" "${RUN:?}/$(basename "$directory")"
  done
}

# The journal keeps the newest deployments only.
prune() {
  newest_deployments 1000 | sed 1,50d | while read -r old; do rm -rf "${STATE:?}/$old"; done
}

# Both systems and this script stay in the store while the deployment lasts.
protect() {
  self=$(readlink -f "$0")
  mkdir -p "$ROOTS" && ln -sfn "$from" "$ROOTS/from" && ln -sfn "$to" "$ROOTS/to" && ln -sfn "$self" "$ROOTS/guard"
}
