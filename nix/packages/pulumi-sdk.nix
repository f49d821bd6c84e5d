# The npm package @homelab-deploy/pulumi, without types, and in its bin/ the plugin: what a Pulumi program in TypeScript imports.
{
  callPackage,
  runCommand,
  pulumi-resource-nixos,
}:
let
  bundle = callPackage ./bundle.nix { } {
    name = "index.js";
    entry = "pulumi-provider/src/index.ts";
    format = "esm";
    flags = "--external:@pulumi/*";
  };
in
runCommand "homelab-deploy-pulumi-sdk" { meta.description = "The SDK for Pulumi programs"; } ''
  package=$out/lib/node_modules/@homelab-deploy/pulumi
  mkdir -p "$package/dist"
  cp ${bundle} "$package/dist/index.js"
  cp ${../../packages/pulumi-provider/package.json} "$package/package.json"
  cp -r ${pulumi-resource-nixos}/bin "$package/bin"
''
