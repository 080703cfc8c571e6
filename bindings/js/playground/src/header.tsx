/** What the page is, in which language and light, and how its scenario travels. */
import { useRef, useState } from "preact/hooks";
import { EXAMPLE } from "./example.ts";
import type { Language } from "./scenario.ts";
import { download, linesOf, LONGEST_LINK, toHash } from "./share.ts";
import type { Texts } from "./texts.ts";

export type Theme = "auto" | "light" | "dark";

interface Props {
  language: Language;
  setLanguage: (language: Language) => void;
  theme: Theme;
  setTheme: (theme: Theme) => void;
  texts: Texts;
  lines: readonly string[];
  replace: (lines: readonly string[]) => void;
}

export function Header(props: Props) {
  const { language, setLanguage, theme, setTheme, texts } = props;
  return (
    <header>
      <div class="brand">
        <img src="./icon.svg" alt="" width="44" height="44" />
        <div>
          <h1>
            <span>CPC</span> {texts.title}
          </h1>
          <p>{texts.lead}</p>
        </div>
      </div>
      <div class="bar">
        <Sharing {...props} />
        <div class="choices">
          <label>
            <span class="hidden">{texts.language}</span>
            <select value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
              <option value="pt-BR">Português</option>
              <option value="en">English</option>
            </select>
          </label>
          <label>
            <span class="hidden">{texts.theme}</span>
            <select value={theme} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
              {(["auto", "light", "dark"] as const).map((name) => (
                <option key={name} value={name}>
                  {texts.themes[name]}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
    </header>
  );
}

function Sharing({ texts, lines, replace }: Props) {
  const [notice, setNotice] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const share = async (): Promise<void> => {
    const hash = await toHash(lines);
    if (hash.length > LONGEST_LINK) {
      setNotice(texts.tooLong);
      return;
    }
    history.replaceState(null, "", hash);
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      // The address bar has it.
    }
    setNotice(texts.shared);
  };
  const open = async (chosen: File | undefined): Promise<void> => {
    const found = chosen ? linesOf(await chosen.text()) : [];
    if (found.length > 0) replace(found);
    setNotice(found.length > 0 ? "" : texts.badFile);
  };
  return (
    <div class="sharing">
      <button type="button" onClick={() => void share()}>
        {texts.share}
      </button>
      <button type="button" onClick={() => download("cpc.jsonl", `${lines.join("\n")}\n`)}>
        {texts.save}
      </button>
      <button type="button" onClick={() => file.current?.click()}>
        {texts.open}
      </button>
      <input
        ref={file}
        type="file"
        accept=".jsonl,.json,.txt"
        aria-label={texts.open}
        tabIndex={-1}
        class="hidden"
        onChange={(event) => void open(event.currentTarget.files?.[0])}
      />
      <button type="button" class="quiet" onClick={() => replace(EXAMPLE)}>
        {texts.example}
      </button>
      <button type="button" class="quiet" onClick={() => replace([])}>
        {texts.empty}
      </button>
      <span role="status" class="notice">
        {notice}
      </span>
    </div>
  );
}
