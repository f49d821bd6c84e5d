# The systemd of the test host under the names of several versions: their store paths differ, what they lead to does not.
{ builders }:
let
  systemd =
    version:
    builders.runCommand "systemd-${version}"
      {
        meta.mainProgram = "systemctl";
        passthru = {
          pname = "systemd";
          inherit version;
        };
        bootctl = builders.writeScript "bootctl" (builtins.readFile ./bootctl.sh);
      }
      ''
        mkdir -p "$out/bin" "$out/lib"
        ln -s /usr/lib/systemd "$out/lib/systemd"
        for program in busctl hostnamectl journalctl loginctl systemctl systemd-analyze systemd-cat systemd-notify \
          systemd-run systemd-tmpfiles; do
          ln -s "/usr/bin/$program" "$out/bin/$program"
        done
        ln -s "$bootctl" "$out/bin/bootctl"
      '';
in
{
  systemd = systemd "257.13";
  systemd_258 = systemd "258.2";
}
