# Options that real hosts set and that mean nothing on a test host.
{ lib, ... }:
let
  accepted =
    type: default: what:
    lib.mkOption {
      inherit type default;
      description = "${what} Accepted; a test host has none of it.";
    };
  inherit (lib.types)
    attrs
    bool
    listOf
    nullOr
    port
    str
    ;
in
{
  options = {
    time.timeZone = accepted (nullOr str) null "The time zone.";
    i18n.defaultLocale = accepted str "en_US.UTF-8" "The locale.";
    console.keyMap = accepted str "us" "The keyboard layout.";
    boot.isContainer = accepted bool false "Whether the host is a container.";
    hardware.enableRedistributableFirmware = accepted bool false "Whether to install firmware.";
    networking.firewall = {
      enable = accepted bool true "Whether to enable the firewall.";
      allowedTCPPorts = accepted (listOf port) [ ] "TCP ports the firewall opens.";
      allowedUDPPorts = accepted (listOf port) [ ] "UDP ports the firewall opens.";
    };
    documentation.enable = accepted bool true "Whether to install documentation.";
    programs.command-not-found.enable = accepted bool true "Whether to suggest packages.";
    swapDevices = accepted (listOf attrs) [ ] "Swap devices.";
  };
}
