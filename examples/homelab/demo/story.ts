import { isDeepStrictEqual, styleText } from "node:util";

/** Tells what happens, a chapter at a time, and stops with an error at the first thing that is not as it should be. */
export class Story {
  #started = Date.now();

  async chapter<T>(title: string, tell: () => Promise<T>): Promise<T> {
    console.log(`\n${styleText("bold", `▸ ${title}`)}`);
    const result = await tell();
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(1);
    console.log(styleText("dim", `  ${seconds} s`));
    return result;
  }

  command(line: string): void {
    console.log(`  ${styleText("cyan", `$ ${line}`)}`);
  }

  output(text: string): void {
    for (const line of text.split("\n")) if (line.trim() !== "") console.log(`    ${line}`);
  }

  check(claim: string, seen: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(seen, expected)) {
      throw new Error(`${claim}: expected ${JSON.stringify(expected)}, saw ${JSON.stringify(seen)}`);
    }
    const value = typeof expected === "string" || claim.includes("output") ? `: ${JSON.stringify(seen)}` : "";
    console.log(`  ${styleText("green", "✓")} ${claim}${value.length < 80 ? value : ""}`);
  }
}
