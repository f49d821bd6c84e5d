# Services that are not at once, or never, what they shall be.
_:
let
  service = start: {
    systemd.services.marker = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        ExecStart = start;
        Restart = "always";
        RestartSec = 300;
      };
    };
  };
in
{
  # Ready some time after systemd calls it started.
  late = service "/bin/sh -c 'rm -f /run/ready; sleep 3; touch /run/ready; sleep infinity'";
  # Ends well at once: no unit fails, and nothing serves.
  ended.systemd.services.marker = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "/bin/sh -c 'echo nothing to serve'";
    };
  };
}
