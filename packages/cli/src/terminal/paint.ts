import { styleText } from "node:util";

const formats = { good: "green", notable: "yellow", bad: "red" } as const;

/** The text in the colour of what it says, where standard output is a terminal that shows colours. */
export function paint(kind: keyof typeof formats, text: string): string {
  return styleText(formats[kind], text, { stream: process.stdout });
}
