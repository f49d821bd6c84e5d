# Packages whose bin/ leads to the programs of the test host. The links need not lead anywhere
# on the machine that builds them.
{ lib, builders }:
let
  usr = map (program: {
    name = program;
    target = "/usr/bin/${program}";
  });
  sbin = map (program: {
    name = program;
    target = "/usr/sbin/${program}";
  });
  busyboxApplet = applet: {
    name = applet;
    target = "/usr/bin/busybox";
  };

  package =
    pname: mainProgram: links:
    builders.runCommand pname
      {
        meta = { inherit mainProgram; };
        passthru = { inherit pname; };
      }
      (
        "mkdir -p $out/bin\n"
        + lib.concatMapStrings (link: "ln -s ${link.target} $out/bin/${link.name}\n") links
      );
in
{
  busybox = package "busybox" "busybox" (
    map busyboxApplet [
      "busybox"
      "cat"
      "httpd"
      "nc"
      "sh"
      "sleep"
      "wget"
    ]
  );
  bash = package "bash" "bash" (usr [
    "bash"
    "sh"
  ]);
  coreutils = package "coreutils" "coreutils" (usr [
    "["
    "arch"
    "b2sum"
    "base64"
    "basename"
    "cat"
    "chgrp"
    "chmod"
    "chown"
    "cksum"
    "comm"
    "cp"
    "csplit"
    "cut"
    "date"
    "dd"
    "df"
    "dir"
    "dirname"
    "du"
    "echo"
    "env"
    "expand"
    "expr"
    "factor"
    "false"
    "fmt"
    "fold"
    "groups"
    "head"
    "id"
    "install"
    "join"
    "link"
    "ln"
    "logname"
    "ls"
    "md5sum"
    "mkdir"
    "mkfifo"
    "mknod"
    "mktemp"
    "mv"
    "nice"
    "nl"
    "nohup"
    "nproc"
    "numfmt"
    "od"
    "paste"
    "pathchk"
    "pr"
    "printenv"
    "printf"
    "pwd"
    "readlink"
    "realpath"
    "rm"
    "rmdir"
    "seq"
    "sha1sum"
    "sha256sum"
    "sha512sum"
    "shuf"
    "sleep"
    "sort"
    "split"
    "stat"
    "stdbuf"
    "stty"
    "sum"
    "sync"
    "tac"
    "tail"
    "tee"
    "test"
    "timeout"
    "touch"
    "tr"
    "true"
    "truncate"
    "tty"
    "uname"
    "unexpand"
    "uniq"
    "unlink"
    "users"
    "wc"
    "who"
    "whoami"
    "yes"
  ]);
  findutils = package "findutils" "find" (usr [
    "find"
    "xargs"
  ]);
  gnugrep = package "gnugrep" "grep" (usr [ "grep" ]);
  gnused = package "gnused" "sed" (usr [ "sed" ]);
  gawk = package "gawk" "awk" (usr [ "awk" ]);
  gnutar = package "gnutar" "tar" (usr [ "tar" ]);
  nsd = package "nsd" "nsd" (sbin [
    "nsd"
    "nsd-checkconf"
    "nsd-checkzone"
    "nsd-control"
  ]);
  wireguard-go = package "wireguard-go" "wireguard-go" (usr [ "wireguard-go" ]);
  wireguard-tools = package "wireguard-tools" "wg" (usr [ "wg" ]);
  gitMinimal = package "git-minimal" "git" (usr [ "git" ]);
  gzip = package "gzip" "gzip" (usr [ "gzip" ]);
  grub2 = package "grub" "grub-reboot" (
    usr [ "grub-editenv" ]
    ++ sbin [
      "grub-reboot"
      "grub-set-default"
    ]
  );
  harmonia = package "harmonia" "harmonia" (usr [ "harmonia" ]);
  hostname = package "hostname" "hostname" (usr [ "hostname" ]);
  iproute2 = package "iproute2" "ip" (
    usr [
      "ip"
      "ss"
    ]
    ++ sbin [ "bridge" ]
  );
  openssh = package "openssh" "ssh" (
    usr [
      "scp"
      "sftp"
      "ssh"
      "ssh-keygen"
    ]
    ++ sbin [ "sshd" ]
  );
  nginx = package "nginx" "nginx" (sbin [ "nginx" ]);
  nix = package "nix" "nix" (usr [
    "nix"
    "nix-build"
    "nix-copy-closure"
    "nix-daemon"
    "nix-env"
    "nix-instantiate"
    "nix-store"
  ]);
  curl = package "curl" "curl" (usr [ "curl" ]);
  less = package "less" "less" (usr [ "less" ]);
  util-linux = package "util-linux" "mount" (
    usr [
      "flock"
      "logger"
      "lsblk"
      "mount"
      "nsenter"
      "setsid"
      "umount"
      "unshare"
    ]
    ++ sbin [ "runuser" ]
  );
  prometheus-node-exporter = package "node_exporter" "node_exporter" [
    {
      name = "node_exporter";
      target = "/usr/bin/prometheus-node-exporter";
    }
  ];
  procps = package "procps" "ps" (
    usr [
      "free"
      "pgrep"
      "pkill"
      "ps"
      "top"
      "uptime"
    ]
    ++ sbin [ "sysctl" ]
  );
  shadow = package "shadow" "useradd" (sbin [
    "groupadd"
    "useradd"
    "userdel"
    "usermod"
    "nologin"
  ]);
  sudo = package "sudo" "sudo" (usr [ "sudo" ]);
  nodejs_24 = package "nodejs" "node" (usr [
    "node"
    "npm"
  ]);
  esbuild = package "esbuild" "esbuild" (usr [ "esbuild" ]);
  nats-server = package "nats-server" "nats-server" (usr [ "nats-server" ]);
  pulumi = package "pulumi" "pulumi" (usr [ "pulumi" ]);
  pulumiPackages.pulumi-nodejs = package "pulumi-nodejs" "pulumi-language-nodejs" (usr [
    "pulumi-language-nodejs"
  ]);
}
