# The folder node_modules with what some places of package-lock.json need. npm fetches each package, and the hash says that it
# is the right one: the lock file has no address, and not every hash, so that npm-hashes.json has those.
{
  lib,
  runCommand,
  nodejs_24,
}:
{ roots, alone }:
let
  lock = (lib.importJSON ../../package-lock.json).packages;
  hashes = lib.importJSON ./npm-hashes.json;

  # Where Node finds `dependency` of what lies at `path`: in its own node_modules, or in the next one further up.
  locate =
    path: dependency:
    let
      found = "${path}node_modules/${dependency}";
      parents = lib.init (lib.splitString "node_modules/" path);
    in
    if lock ? ${found} then
      if lock.${found}.link or false then lock.${found}.resolved else found
    else if path == "" then
      throw "package-lock.json has no ${dependency}"
    else
      locate (lib.concatStringsSep "node_modules/" parents) dependency;

  needs = path: builtins.attrNames (lock.${path}.dependencies or { });
  item = key: { inherit key; };
  closure = builtins.genericClosure {
    startSet = map item roots;
    operator = { key }: map (dependency: item (locate "${key}/" dependency)) (needs key);
  };
  isFetched = lib.hasPrefix "node_modules/";
  wanted = builtins.filter isFetched (map ({ key }: key) closure) ++ alone;

  nameAt = path: lib.last (lib.splitString "node_modules/" path);
  specOf = path: "${nameAt path}@${lock.${path}.version}";
  hashOf =
    path:
    hashes.${specOf path}
    or (throw "nix/packages/npm-hashes.json has no ${specOf path}: run node nix/packages/npm-hashes.ts");

  fetch =
    path:
    runCommand "${lib.replaceStrings [ "@" "/" ] [ "" "-" ] (nameAt path)}-${lock.${path}.version}.tgz"
      {
        outputHash = hashOf path;
        outputHashMode = "flat";
        outputHashAlgo = null;
        impureEnvVars = [
          "http_proxy"
          "https_proxy"
          "no_proxy"
          "NPM_CONFIG_REGISTRY"
          "NPM_CONFIG_CACHE"
        ];
      }
      ''
        export HOME=$PWD
        PATH=${nodejs_24}/bin:$PATH npm pack ${specOf path} --silent --prefer-offline >file
        mv "$(cat file)" "$out"
      '';
in
runCommand "node-modules" { passthru.specs = map specOf wanted; } (
  "mkdir -p \"$out/node_modules\"\n"
  + lib.concatMapStrings (path: ''
    mkdir -p "$out/${path}"
    tar xzf ${fetch path} --strip-components=1 -C "$out/${path}"
  '') wanted
)
