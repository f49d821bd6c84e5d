# What flakes use of cachix-deploy-flake.
{
  outputs = _: {
    lib = pkgs: {
      spec = options: pkgs.writeText "cachix-deploy.json" (builtins.toJSON options);
      nixos = module: (pkgs.nixos module).toplevel;
    };
  };
}
