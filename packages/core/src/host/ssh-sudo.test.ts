import { describe, expect, it } from "vitest";
import { SudoTalk } from "./ssh-sudo.ts";

function talking() {
  const written: string[] = [];
  const talk = new SudoTalk("secret", (stdin) => stdin.end("input\n"));
  const argv = talk.argv(["sh", "-s"]);
  talk.onStdin({
    write: (text: string) => written.push(text) > 0,
    end: (text?: string) => written.push(`${text ?? ""}<end>`),
  } as unknown as Parameters<typeof talk.onStdin>[0]);
  const prompt = argv[4]?.trim() ?? "";
  const accepted = /echo (\S+)/.exec(argv.join(" "))?.[1] ?? "";
  return { written, talk, argv, prompt, accepted };
}

describe("a talk with sudo", () => {
  it("writes the password when asked, and the input when the command runs", () => {
    const { written, talk, argv, prompt, accepted } = talking();
    expect(argv.join(" ")).not.toContain("secret");
    expect([talk.hears("We trust you have received the usual lecture"), written]).toEqual([false, []]);
    expect([talk.hears(prompt), written]).toEqual([true, ["secret\n"]]);
    expect([talk.hears(accepted), written]).toEqual([true, ["secret\n", "input\n<end>"]]);
    expect([talk.denied, talk.without(`${prompt}\noops\n${accepted}`)]).toEqual([false, "oops"]);
  });

  it("never writes the password to a sudo that does not ask", () => {
    const { written, talk, accepted } = talking();
    talk.hears(accepted);
    expect(written).toEqual(["input\n<end>"]);
  });

  it("ends the input of a sudo that asks again, instead of trying again", () => {
    const { written, talk, prompt } = talking();
    talk.hears(prompt);
    talk.hears(prompt);
    expect([written, talk.denied]).toEqual([["secret\n", "<end>"], true]);
  });
});
