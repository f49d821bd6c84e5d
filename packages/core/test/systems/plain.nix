{ marked, oneshot }:
{
  one = marked "one";
  two = marked "two";
  three = marked "three";
  # Activation takes long enough to be interrupted.
  slow = oneshot "/bin/sh -c 'sleep 6'";
  # A unit that cannot start.
  failing = oneshot "/bin/sh -c 'echo out of luck; exit 1'";
  # The host gives its own address away.
  silent.networking.useDHCP = false;
}
