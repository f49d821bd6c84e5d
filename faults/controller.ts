import { access, chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** What the controller says to the guard over ssh, and can be held or spoilt. */
export type Verb = "begin" | "confirm" | "inspect";

/** What may become of a verb's next connection. */
export type Mishap = "answer-lost" | "request-lost" | "said-twice";

/**
 * The network as the controller sees it: an `ssh` that runs the real one, and lets a verb wait, get lost or be said
 * twice on the way. First on the PATH of whatever shall use it.
 */
export class Controller {
  readonly #directory: string;
  readonly #ssh: string;

  static async create(directory: string): Promise<Controller> {
    const { stdout: ssh } = await execa("sh", ["-c", "command -v ssh"]);
    const controller = new Controller(directory, ssh);
    await mkdir(join(directory, "bin"), { recursive: true });
    await writeFile(join(directory, "bin/ssh"), wrapper(directory, ssh));
    await chmod(join(directory, "bin/ssh"), 0o755);
    await writeFile(join(directory, "bin/wait"), `#!/bin/sh\nverb=$1\n${waiting(directory)}`);
    await chmod(join(directory, "bin/wait"), 0o755);
    return controller;
  }

  private constructor(directory: string, ssh: string) {
    this.#directory = directory;
    this.#ssh = ssh;
  }

  /** A command that waits as long as `verb` does, for what is not said over ssh. */
  waits(verb: Verb): string {
    return `${join(this.#directory, "bin/wait")} ${verb}`;
  }

  get environment(): { PATH: string } {
    return { PATH: `${join(this.#directory, "bin")}:${process.env.PATH}` };
  }

  /** Lets `verb` wait from now on. */
  hold(verb: Verb): Promise<void> {
    return writeFile(this.#file("hold", verb), "");
  }

  /** Settles when `verb` waits. */
  async held(verb: Verb, milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (!(await isThere(this.#file("held", verb)))) {
      if (performance.now() > deadline) throw new Error(`the controller does not come to ${verb}`);
      await sleep(50);
    }
  }

  release(verb: Verb): Promise<void> {
    return rm(this.#file("hold", verb), { force: true });
  }

  spoil(verb: Verb, mishap: Mishap): Promise<void> {
    return writeFile(this.#file("spoil", verb), mishap);
  }

  /** Whether a mishap that was asked for has happened. */
  async spoilt(verb: Verb): Promise<boolean> {
    return !(await isThere(this.#file("spoil", verb)));
  }

  /** Says something to the guard again, or anew, over a connection of its own; returns its answer. */
  async say(
    words: readonly string[],
    { host, user = "root", identityFile }: { host: string; user?: string; identityFile: string },
    input: string,
  ): Promise<string> {
    const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"];
    const flags = options.flatMap((option) => ["-o", option]);
    const argv = [...flags, "-o", "LogLevel=ERROR", "-i", identityFile, `${user}@${host}`, words.join(" ")];
    const { stdout, stderr } = await execa(this.#ssh, argv, { input, reject: false, timeout: 20_000 });
    return `${stdout}${stderr}`;
  }

  /** Forgets everything that was asked for. */
  async clear(): Promise<void> {
    const verbs: readonly Verb[] = ["begin", "confirm", "inspect"];
    for (const word of ["hold", "held", "spoil"])
      for (const verb of verbs) await rm(this.#file(word, verb), { force: true });
  }

  /** What was said to the guard, verb by verb, with the time. */
  story(): Promise<string> {
    return readFile(join(this.#directory, "story"), "utf8").catch(() => "");
  }

  #file(word: string, verb: Verb): string {
    return join(this.#directory, `${word}-${verb}`);
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

const waiting = (directory: string) => `cd ${directory} || exit
echo "$(date +%T.%N) $verb" >>story
if [ -e "hold-$verb" ]; then : >"held-$verb"; fi
while [ -e "hold-$verb" ]; do sleep 0.05; done`;

const wrapper = (directory: string, ssh: string) => `#!/bin/sh
case "$*" in
  *" begin") verb=begin ;;
  *" confirm "*) verb=confirm ;;
  *" inspect") verb=inspect ;;
  *) exec ${ssh} "$@" ;;
esac
${waiting(directory)}
spoil=$(cat "spoil-$verb" 2>/dev/null) && rm -f "spoil-$verb"
case $spoil in
  answer-lost) ${ssh} "$@" >/dev/null 2>&1; exit 255 ;;
  request-lost) exit 255 ;;
  said-twice) input=$(cat); printf '%s\\n' "$input" | ${ssh} "$@" >/dev/null; printf '%s\\n' "$input" | ${ssh} "$@"; exit ;;
esac
exec ${ssh} "$@"
`;
