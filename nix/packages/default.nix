# The overlay: what this repository adds to the packages.
final: _prev: {
  homelab-deploy = final.callPackage ./homelab-deploy.nix { };
  pulumi-resource-nixos = final.callPackage ./pulumi-resource-nixos.nix { };
  homelab-deploy-pulumi-sdk = final.callPackage ./pulumi-sdk.nix { };
  homelab-activate = final.callPackage ./homelab-activate.nix { };
}
