import type { PathInfo } from "./path-info.ts";

/**
 * What a binary cache tells of a path whose NAR is at `url`, as the Nix manual has it ("Binary Cache", `.narinfo`). The
 * same for the same path and signatures, wherever it is written.
 */
export function narinfo(info: PathInfo, url: string, compression: string): string {
  const lines = [
    `StorePath: ${info.path}`,
    `URL: ${url}`,
    `Compression: ${compression}`,
    `NarHash: sha256:${narHashHex(info)}`,
    `NarSize: ${info.bytes}`,
    `References: ${info.references.map(baseName).sort().join(" ")}`,
    ...[...info.signatures].sort().map((signature) => `Sig: ${signature}`),
    ...(info.contentAddress === undefined ? [] : [`CA: ${info.contentAddress}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Signatures in the text of a narinfo. */
export function signaturesIn(text: string): string[] {
  return [...text.matchAll(/^Sig: (\S+)$/gm)].map((match) => match[1] ?? "");
}

/** Name of a path's narinfo in a binary cache. */
export function narinfoName(path: string): string {
  return `${baseName(path).slice(0, 32)}.narinfo`;
}

export function narHashHex({ narHash }: Pick<PathInfo, "narHash">): string {
  return Buffer.from(narHash.slice("sha256-".length), "base64").toString("hex");
}

function baseName(path: string): string {
  return path.slice("/nix/store/".length);
}
