{
  services.openssh.enable = true;
  homelab.users.deploy = {
    enable = true;
    keys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X ci" ];
    trustedKeys = [ "homelab-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=" ];
  };
}
