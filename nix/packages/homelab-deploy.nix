# The command homelab-deploy.
{
  callPackage,
  runCommand,
  nodejs_24,
}:
let
  bundle = callPackage ./bundle.nix { } {
    name = "homelab-deploy.mjs";
    entry = "cli/src/main.ts";
    format = "esm";
    roots = [ "packages/cli" ];
    # For what is inside that is no ES module.
    flags = "--banner:js='import { createRequire } from \"node:module\"; const require = createRequire(import.meta.url);'";
  };
in
runCommand "homelab-deploy"
  {
    meta = {
      description = "NixOS hosts from the command line";
      mainProgram = "homelab-deploy";
    };
    passthru = { inherit bundle; };
  }
  ''
    mkdir -p "$out/bin" "$out/lib"
    cp ${bundle} "$out/lib/homelab-deploy.mjs"
    cat >"$out/bin/homelab-deploy" <<EOF
    #!/bin/sh
    # A listener waits nearly all of its life: its memory counts, not its speed.
    case "\''${1-}" in
      listener) exec ${nodejs_24}/bin/node --lite-mode $out/lib/homelab-deploy.mjs "\$@" ;;
      *) exec ${nodejs_24}/bin/node $out/lib/homelab-deploy.mjs "\$@" ;;
    esac
    EOF
    chmod 0555 "$out/bin/homelab-deploy"
  ''
