/** The form for commands: a massivocpc body, a policy, a wallet. */
import { useState } from "preact/hooks";
import { BODY, EXAMPLE, POLICY } from "./example.ts";
import { dispatchLine, oneLine, type Refusal } from "./scenario.ts";
import type { View } from "./view.ts";

/** The example's wallet, as one would edit it. */
const WALLET = JSON.stringify({ ...JSON.parse(EXAMPLE[0] ?? "{}"), op: undefined, at: undefined }, null, 2);

export function Compose(props: View) {
  const { texts, story } = props;
  const { now } = story;
  return (
    <section class="card compose" aria-labelledby="compose-title">
      <h2 id="compose-title">{texts.compose}</h2>
      <Editor {...props} name="body" title={texts.body} action={texts.dispatch} initial={BODY} rows={17} open
        line={(text) => dispatchLine(text, now)} />
      <Editor {...props} name="policy" title={texts.policy} action={texts.apply} initial={POLICY} rows={7}
        line={(text) => `{"op":"policy","at":${now},"policy":${oneLine(text)}}`} />
      <Editor {...props} name="wallet" title={texts.wallet} action={texts.apply} initial={WALLET} rows={12}
        line={(text) => dispatchLine(text, now).replace('"op":"dispatch"', '"op":"wallet"')} />
    </section>
  );
}

interface EditorProps extends View {
  name: string;
  title: string;
  action: string;
  initial: string;
  rows: number;
  open?: boolean;
  line: (text: string) => string;
}

function Editor({ name, title, action, initial, rows, open = false, line, tell }: EditorProps) {
  const [text, setText] = useState(initial);
  const [refusal, setRefusal] = useState<Refusal>();
  const id = `edit-${name}`;
  return (
    <details name="compose" open={open}>
      <summary>{title}</summary>
      <label class="hidden" for={id}>
        {title}
      </label>
      <textarea
        id={id}
        rows={rows}
        spellcheck={false}
        autocomplete="off"
        value={text}
        aria-invalid={refusal !== undefined}
        aria-describedby={`${id}-error`}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p id={`${id}-error`} class="error" role="alert">
        {refusal && (
          <>
            <code class="bad">{refusal.error}</code> {refusal.message}
          </>
        )}
      </p>
      <button type="button" class="primary" onClick={() => setRefusal(tell(line(text)))}>
        {action}
      </button>
    </details>
  );
}
