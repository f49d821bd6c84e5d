{ lib, system }:
let
  shell = "/bin/sh";

  # `script` runs with `out` and every attribute as environment; the sandbox is off, so /usr/bin is there.
  build =
    name: attributes: script:
    let
      passthru = {
        inherit name;
        meta = attributes.meta or { };
      }
      // attributes.passthru or { };
      drv = derivation (
        builtins.removeAttrs attributes [
          "meta"
          "passthru"
        ]
        // {
          inherit name system;
          builder = shell;
          args = [
            "-euc"
            script
          ];
          PATH = "/usr/bin:/bin";
          preferLocalBuild = true;
        }
      );
    in
    drv // passthru;

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
    }:
    build name
      {
        inherit text meta;
        passAsFile = [ "text" ];
        target = destination;
      }
      ''
        target=$out$target
        mkdir -p "''${target%/*}"
        cp "$textPath" "$target"
        chmod ${if executable then "0555" else "0444"} "$target"
        ${checkPhase}
      '';

  script = text: "#!${shell}\n${text}";
  named = name: path: { inherit name path; };
in
{
  inherit writeTextFile;

  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir =
    path: text:
    writeTextFile {
      name = baseNameOf path;
      destination = "/${path}";
      inherit text;
    };
  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      text = script text;
      executable = true;
    };
  writeScriptBin =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
      destination = "/bin/${name}";
      meta.mainProgram = name;
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      text = script text;
      executable = true;
      destination = "/bin/${name}";
      meta.mainProgram = name;
    };

  runCommand = build;
  runCommandLocal = build;
  mkShell = attributes: build "shell" attributes ": >\"$out\"";

  # The links of several packages in one tree; a name that two of them have comes from the first.
  symlinkJoin =
    {
      name,
      paths,
      postBuild ? "",
      meta ? { },
    }:
    build name { inherit paths meta; } ''
      mkdir -p "$out"
      for package in $paths; do
        (cd "$package" && find . -type d) | (cd "$out" && xargs -r mkdir -p)
        (cd "$package" && find . ! -type d) | while IFS= read -r file; do
          [ -e "$out/$file" ] || [ -L "$out/$file" ] || ln -s "$package/''${file#./}" "$out/$file"
        done
      done
      ${postBuild}
    '';

  # As nixpkgs does, with what goes into it as text in an attribute.
  buildEnv =
    { name, paths }:
    build name
      {
        pkgs = builtins.toJSON (
          map (path: {
            paths = [ path ];
            priority = 5;
          }) paths
        );
        roots = paths;
      }
      ''
        mkdir -p "$out"
        for path in $roots; do cp -rns "$path/." "$out"; chmod -R u+w "$out"; done
      '';

  # `entries`: a list of { name, path }, or a set of paths by name.
  linkFarm =
    name: entries:
    build name { } (
      "mkdir -p \"$out\"\n"
      + lib.concatMapStrings (
        entry:
        let
          target = "\"$out\"/${lib.escapeShellArg entry.name}";
        in
        "mkdir -p \"$(dirname ${target})\"; ln -s ${lib.escapeShellArg "${entry.path}"} ${target}\n"
      ) (if builtins.isList entries then entries else lib.mapAttrsToList named entries)
    );

  testers = import ./testers.nix { inherit lib system; };
}
