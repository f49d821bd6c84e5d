import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Makes a certificate for `address`, which `ca` has signed or else itself: `<name>.crt` and `<name>.key` in `directory`. */
export function makeCertificate(directory: string, name: string, ca?: string, address = "127.0.0.1"): void {
  const file = (base: string) => join(directory, base);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const key = [...curve, "-keyout", file(`${name}.key`)];
  const signer = ca === undefined ? [] : ["-CA", file(`${ca}.crt`), "-CAkey", file(`${ca}.key`)];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=IP:${address}`];
  const args = ["req", "-x509", ...key, ...signer, ...subject, "-days", "2", "-out", file(`${name}.crt`)];
  execFileSync("openssl", args, { stdio: "ignore" });
}
