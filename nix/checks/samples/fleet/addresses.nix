{
  hosts = {
    web01 = { };
    dns01 = { };
  };
  addresses = {
    web01 = "10.0.0.10";
    dns01 = [
      "10.0.0.53"
      "fd00::53"
    ];
  };
}
