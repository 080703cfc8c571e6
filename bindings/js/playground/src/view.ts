import type { Language, Refusal, Run } from "./scenario.ts";
import type { Texts } from "./texts.ts";

/** What every part of the page is made of. */
export interface View {
  language: Language;
  texts: Texts;
  story: Run;
  /** Tells the engine one more line; a refusal leaves all as it is. */
  tell: (line: object | string) => Refusal | undefined;
}
