import { randomUUID } from "node:crypto";
import type { Writable } from "node:stream";

type Stdin = Pick<Writable, "write" | "end">;

/**
 * The talk with one `sudo` that may ask for a password, over its standard streams alone. The password is written when
 * sudo asks, and never twice; so a host that does not ask never sees it. What the command reads is written when the
 * command itself runs, and so cannot be taken for a password.
 */
export class SudoTalk {
  // Lines of standard error that nothing else writes.
  readonly #prompt = `password-${randomUUID()}`;
  readonly #accepted = `accepted-${randomUUID()}`;
  readonly #password: string;
  readonly #onAccepted: (stdin: Stdin) => void;
  #stdin: Stdin | undefined;
  #asked = 0;

  constructor(password: string, onAccepted: (stdin: Stdin) => void) {
    this.#password = password;
    this.#onAccepted = onAccepted;
  }

  /** `command` as root, whatever was typed before. */
  argv(command: readonly string[]): string[] {
    const announce = `echo ${this.#accepted} >&2; exec "$@"`;
    return ["sudo", "-S", "-k", "-p", `${this.#prompt}\n`, "--", "sh", "-c", announce, "sh", ...command];
  }

  readonly onStdin = (stdin: Stdin): void => {
    this.#stdin = stdin;
  };

  /** Whether `line` of standard error belongs to the talk, which is taken further then. */
  hears(line: string): boolean {
    if (line === this.#prompt) {
      this.#asked++;
      if (this.#asked === 1) this.#stdin?.write(`${this.#password}\n`);
      else this.end();
      return true;
    }
    if (line !== this.#accepted) return false;
    if (this.#stdin !== undefined) this.#onAccepted(this.#stdin);
    return true;
  }

  /** `stderr` without the talk. */
  without(stderr: string): string {
    const own = [this.#prompt, this.#accepted];
    return stderr
      .split("\n")
      .filter((line) => !own.includes(line))
      .join("\n");
  }

  /** Whether sudo asked again: the password is not the right one. */
  get denied(): boolean {
    return this.#asked > 1;
  }

  /** Ends the command's standard input, which ends a sudo that still asks. */
  end(): void {
    this.#stdin?.end();
  }
}
