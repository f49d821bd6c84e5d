# The names under which nixpkgs has its keys for VM tests.
pkgs: {
  snakeOilEd25519PrivateKey = pkgs.writeText "privkey.snakeoil" "";
  snakeOilEd25519PublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X snakeoil";
}
