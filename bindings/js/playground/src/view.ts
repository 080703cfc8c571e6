import type { Language, Refusal, Run } from "./scenario.ts";
import type { Texts } from "./texts.ts";

/** What every part of the page is made of. */
export interface View {
  language: Language;
  texts: Texts;
  story: Run;
  /** Carries out one more line; a refused line changes nothing. */
  tell: (line: object | string) => Refusal | undefined;
}
