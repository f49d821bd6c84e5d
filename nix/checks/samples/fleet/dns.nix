{
  hosts = {
    dns01 = { };
    dns02 = { };
  };
  addresses = {
    dns01 = "10.0.0.53";
    dns02 = [
      "10.0.0.54"
      "fd00::54"
    ];
  };
  dns = {
    zones."home.arpa" = {
      primary = "dns01";
      secondaries = [ "dns02" ];
    };
    records = {
      "nas.home.arpa" = {
        A = "10.0.0.20";
        TXT = "the big one";
      };
      "www.home.arpa".CNAME = "nas.home.arpa";
    };
  };
}
