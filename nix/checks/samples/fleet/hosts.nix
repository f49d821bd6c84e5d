{
  hosts.web01 = { name, ... }: { environment.etc.role.text = "${name} serves web pages"; };
  hosts.dns01.networking.hostName = "ns";
  defaults.time.timeZone = "UTC";
}
