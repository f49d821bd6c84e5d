/** A system's store path in few letters: the beginning of its hash, and its version where the name tells one. */
export function shortName(toplevel: string, host: string): string {
  const [hash = "", ...words] = toplevel.replace("/nix/store/", "").split("-");
  const name = words.join("-").replace(/^nixos-system-/, "");
  const version = name.startsWith(`${host}-`) ? name.slice(host.length + 1) : name;
  return version === "" || version === host ? hash.slice(0, 8) : `${hash.slice(0, 8)}-${version}`;
}
