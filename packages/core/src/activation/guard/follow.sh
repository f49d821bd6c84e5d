# follow, confirm, abort: what the controller asks while a deployment is under way.

# Streams the events from line OFFSET on (0: all), until the deployment has ended.
follow() {
  matches "$1" '[0-9]\{1,9\}' || fail invalid-input "not an offset: $1" || return
  [ "$(id -u)" = 0 ] && settle_restarted
  line=$1
  beat=0
  while :; do
    # Once a second: a sign of life, and a look at whether there is still somebody to wait for.
    if [ $((beat % 10)) = 0 ]; then
      [ "$beat" = 0 ] || echo '{"type":"alive"}' || return
      state=$(unit_state)
      ended=$(outcome_of "$id")
    fi
    count=$(wc -l <"$STATE/$id/events")
    if [ "$count" -gt "$line" ]; then
      sed -n "$((line + 1)),${count}p" "$STATE/$id/events" || return
      line=$count
      sed -n "${count}p" "$STATE/$id/events" | grep -q '"type":"end"' && return
    elif [ "$state" = gone ]; then
      [ -n "$ended" ] && end_event "$ended" "$(sed 1d "$STATE/$id/outcome")" && return
      # Whoever follows asks again when the host is back.
      { expects_restart || is_stopping; } && return 1
      fail outcome-unknown "the deployment ended without an outcome; the next one begins by putting things right"
      return
    fi
    beat=$((beat + 1))
    sleep 0.1
  done
}

# The controller is still there, and proves by the token that it is the one of this very deployment. Saying it twice is as
# good as once: the first answer may have been lost.
confirm() {
  read -r given
  [ -n "$given" ] && [ "$given" = "$(cat "$RUN/$id/token" 2>/dev/null)" ] || fail refused 'this token does not confirm this deployment' || return
  if [ "$(readlink "$RUN/$id/decision")" != confirmed ]; then
    [ "$(cat "$STATE/$id/phase")" = waiting ] || fail refused 'this deployment waits for no confirmation' || return
    decide confirmed
  fi
  decision=$(readlink "$RUN/$id/decision")
  [ "$decision" = confirmed ] || fail refused "too late: the deployment was $decision" || return
  echo '{"confirmed":true}'
}

# Why may be told on standard input.
abort() {
  read -r why && [ ! -L "$RUN/$id/decision" ] && printable "$why" >"$RUN/$id/why" 2>/dev/null
  decide aborted
  printf '{"decision":%s}\n' "$(quoted "$(readlink "$RUN/$id/decision")")"
}

# The first decision stands: making a link either succeeds or finds one made.
decide() { ln -s "$1" "$RUN/$id/decision" 2>/dev/null; }
