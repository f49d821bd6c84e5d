# One file of JavaScript from sources of this repository and the npm packages that they import: nothing is looked up when it
# starts, and it needs no node_modules.
{
  lib,
  callPackage,
  runCommand,
  nodejs_24,
  esbuild,
}:
{
  name,
  # A file in packages/.
  entry,
  format,
  # Places in package-lock.json whose dependencies are needed, and such that are needed without theirs.
  roots ? [ "packages/core" ],
  alone ? [ ],
  flags ? "",
}:
let
  nodeModules = callPackage ./node-modules.nix { } { inherit roots alone; };

  left = [
    "node_modules"
    "dist"
    "bin"
    "test"
    "testbed"
    "tsconfig.json"
  ];
  source = builtins.path {
    name = "homelab-deploy-source";
    path = ../../packages;
    filter =
      path: _type: !builtins.elem (baseNameOf path) left && !lib.hasInfix ".test." (baseNameOf path);
  };
in
runCommand name { passthru = { inherit nodeModules; }; } ''
  cp -r ${source} packages
  mkdir -p node_modules/@homelab-deploy
  cp -rn ${nodeModules}/node_modules/. node_modules
  ln -s ../../packages/core node_modules/@homelab-deploy/core
  cp ${./embedded.ts} embedded.ts
  ${nodejs_24}/bin/node --conditions=@homelab-deploy/source embedded.ts >embedded.js
  ${esbuild}/bin/esbuild ${lib.escapeShellArg "packages/${entry}"} --outfile="$out" --bundle --platform=node \
    --target=node22.18 --format=${format} --conditions=@homelab-deploy/source --inject:./embedded.js \
    --log-override:empty-import-meta=silent --log-level=warning --legal-comments=none \
    --minify-syntax --minify-whitespace ${flags}
''
