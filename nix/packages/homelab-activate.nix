# The guard as a program of the host: the same script that controllers send along, and before it the keys that this host
# trusts. Deployers who are not root reach the guard through it alone.
{
  lib,
  coreutils,
  writeScriptBin,
  writeText,

  # Public keys, `name:base64`. A system is activated only when one of them has signed it. Without any, the host is not
  # restricted: whoever may run this as root can activate any system, so that no sudo rule must name it.
  trustedKeys ? [ ],
}:
let
  parts = ../../packages/core/src/activation/guard;
  guard = writeText "homelab-activate" (
    lib.concatMapStringsSep "\n" (part: builtins.readFile (parts + "/${part}.sh")) (
      builtins.fromJSON (builtins.readFile (parts + "/parts.json"))
    )
    + "\nmain \"$@\"\n"
  );
  env = "${coreutils}/bin/env";
in
# Nothing of the caller's environment comes in, but for what sshd says that it was asked for, which `gate` alone reads.
writeScriptBin "homelab-activate" ''
  #!/bin/sh
  exec ${env} -i HOME=/root ''${SSH_ORIGINAL_COMMAND+SSH_ORIGINAL_COMMAND="$SSH_ORIGINAL_COMMAND"} \
    HOMELAB_RESTRICTED_KEYS=${lib.escapeShellArg (lib.concatStringsSep " " trustedKeys)} /bin/sh ${guard} "$@"
''
