import { describe, expect, it } from "vitest";
import { flakeAt, isMissingRevision } from "./flake-revision.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

describe("a flake at a revision", () => {
  it.each([
    ["git+https://git.example.com/user/nixos-configs.git", "main", "?ref=main"],
    ["git+https://git.example.com/x.git", commit, `?rev=${commit}&allRefs=1`],
    ["github:user/configs", "feature/x", "?ref=feature/x"],
    ["github:user/configs", commit, `?rev=${commit}`],
  ])("%s at %s", (flake, revision, query) => expect(flakeAt(flake, revision)).toBe(`${flake}${query}`));
  it("keeps the rest of the query, and replaces the revision in it", () =>
    expect(flakeAt("git+ssh://git@host/x?ref=old&dir=nix&shallow=1", "new")).toBe(
      "git+ssh://git@host/x?dir=nix&shallow=1&ref=new",
    ));
  it.each([".", "path:/etc/nixos", "/etc/nixos", "https://host/x.tar.gz", "git+https://host/x#web01", "-x"])(
    "%j has none",
    (flake) => expect(() => flakeAt(flake, "main")).toThrow(/not a flake/),
  );
});

describe("a revision that is not there", () => {
  it.each([
    "fatal: couldn't find remote ref refs/heads/nope\nerror: resolving Git reference 'nope': revspec 'nope' not found",
    `fatal: remote error: upload-pack: not our ref ${commit}`,
    `error: Cannot find Git revision '${commit}' in ref 'refs/heads/main'`,
    "error: resolving Git reference 'nope': revspec 'nope' not found",
    `error: getting Git object '${commit}': object not found - no match for id (${commit})`,
  ])("is told from %j", (stderr) => expect(isMissingRevision(stderr)).toBe(true));
  it("is not told from a server that cannot be reached, of which Nix says nearly the same", () =>
    expect(
      isMissingRevision(
        "fatal: unable to access 'https://git.example.com/x/': Failed to connect\nerror: revspec 'main' not found",
      ),
    ).toBe(false));
});
