# Users who are not root, and may become it.
{ marked, ... }:
let
  administered = {
    users.users.admin = {
      isNormalUser = true;
      extraGroups = [ "wheel" ];
    };
    security.sudo.wheelNeedsPassword = false;
  };

  # One by a password, one without.
  passwords = {
    users.users.anna = {
      isNormalUser = true;
      extraGroups = [ "wheel" ];
    };
    users.users.nora.isNormalUser = true;
    security.sudo.extraRules = [
      {
        users = [ "nora" ];
        commands = [
          {
            command = "ALL";
            options = [ "NOPASSWD" ];
          }
        ];
      }
    ];
  };

  with' = module: text: {
    imports = [
      module
      (marked text)
    ];
  };
in
{
  inherit administered;
  administered-two = with' administered "two";
  inherit passwords;
  passwords-two = with' passwords "two";
  passwords-three = with' passwords "three";
}
