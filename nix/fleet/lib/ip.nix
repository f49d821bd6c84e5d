# Types of IP addresses, and what the arithmetic of IPv4 is needed for.
{ lib }:
let
  inherit (lib) types;

  octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  ipv4 = "${octet}(\\.${octet}){3}";
  isIpv4 = text: builtins.match ipv4 text != null;

  isIpv6 =
    text:
    let
      halves = lib.splitString "::" text;
      groups = lib.concatMap (half: lib.optionals (half != "") (lib.splitString ":" half)) halves;
      count = builtins.length groups;
    in
    builtins.all (group: builtins.match "[0-9a-fA-F]{1,4}" group != null) groups
    && (if builtins.length halves == 1 then count == 8 else builtins.length halves == 2 && count < 8);

  text = what: holds: types.addCheck types.str holds // { description = what; };

  number =
    address: lib.foldl' (sum: part: sum * 256 + lib.toInt part) 0 (lib.splitString "." address);
  split =
    subnet:
    let
      parts = lib.splitString "/" subnet;
    in
    {
      address = builtins.head parts;
      prefixLength = lib.toInt (lib.last parts);
    };
  # All addresses of a network give the same number.
  network =
    prefixLength: address:
    lib.foldl' (left: _: left / 2) (number address) (lib.range 1 (32 - prefixLength));
in
{
  inherit isIpv4;

  types = {
    ipv4 = text "IPv4 address" isIpv4;
    ipv6 = text "IPv6 address" isIpv6;
    ip = text "IP address" (value: isIpv4 value || isIpv6 value);
    subnet = text "IPv4 network such as 10.0.0.0/24" (
      value: builtins.match "${ipv4}/([0-9]|[12][0-9]|3[0-2])" value != null
    );
  };

  prefixLength = subnet: (split subnet).prefixLength;

  contains =
    subnet: address:
    let
      inherit (split subnet) prefixLength;
    in
    network prefixLength address == network prefixLength (split subnet).address;
}
