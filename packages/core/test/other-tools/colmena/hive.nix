{
  defaults =
    { zone, ... }:
    {
      time.timeZone = zone;
      services.openssh.enable = true;
      boot.loader.systemd-boot.enable = true;
      deployment.replaceUnknownProfiles = true;
    };

  host-a =
    {
      name,
      nodes,
      pkgs,
      config,
      ...
    }:
    {
      networking.hostName = name;
      environment.etc.neighbour.text = "${nodes.host-b.config.networking.hostName} in ${nodes.host-b.config.time.timeZone}";
      environment.etc.greeting.source = pkgs.greeting;
      environment.etc.key.text = config.deployment.keys."token.secret".path;
      deployment.keys."token.secret".keyCommand = [
        "pass"
        "token"
      ];
    };

  host-b = {
    networking.hostName = "b";
    deployment = {
      targetHost = "host-b.mydomain.tld";
      targetPort = 1234;
      targetUser = null;
      buildOnTarget = true;
      tags = [
        "web"
        "infra-lax"
      ];
    };
  };

  laptop = {
    networking.hostName = "laptop";
    deployment = {
      allowLocalDeployment = true;
      targetHost = null;
    };
  };
}
