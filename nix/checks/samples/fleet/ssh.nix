{
  hosts = {
    web01.users.users.alice.isNormalUser = true;
    dns01.users.users.backup.isNormalUser = true;
  };
  addresses.dns01 = "10.0.0.53";
  defaults.services.openssh.enable = true;
  ssh.access = {
    dns01.hostKeys.ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X";
    web01.keys.alice = {
      publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X alice";
      hasAccessTo.dns01.backup = true;
    };
  };
}
