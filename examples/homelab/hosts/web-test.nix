{
  homelab.deploy = {
    tier = "test";
    role = "web";
  };

  homelab.page.text = "web-test, where changes come first";
}
