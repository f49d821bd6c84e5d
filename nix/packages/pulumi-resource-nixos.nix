# The plugin for Pulumi: `plugins.providers` of a Pulumi.yaml names its bin/, or it is on PATH.
{
  callPackage,
  runCommand,
  nodejs_24,
}:
let
  bundle = callPackage ./bundle.nix { } {
    name = "plugin.cjs";
    entry = "pulumi-provider/src/plugin.ts";
    format = "cjs";
    roots = [
      "packages/core"
      "node_modules/@grpc/grpc-js"
      "node_modules/google-protobuf"
    ];
    # Of the SDK its messages alone.
    alone = [ "node_modules/@pulumi/pulumi" ];
  };
in
runCommand "pulumi-resource-nixos"
  {
    meta = {
      description = "NixOS hosts as Pulumi resources";
      mainProgram = "pulumi-resource-nixos";
    };
    passthru = { inherit bundle; };
  }
  ''
    mkdir -p "$out/bin"
    cp ${bundle} "$out/bin/plugin.cjs"
    sed '1s|.*|#!${nodejs_24}/bin/node|' ${../../packages/pulumi-provider/launcher.cjs} >"$out/bin/pulumi-resource-nixos"
    chmod 0555 "$out/bin/pulumi-resource-nixos"
    echo '{"type":"commonjs"}' >"$out/bin/package.json"
    echo 'runtime: nodejs' >"$out/bin/PulumiPlugin.yaml"
  ''
