import { render } from "preact";
import { App } from "./app.tsx";
import { fromHash } from "./share.ts";
import "./style.css";

const root = document.getElementById("app");
if (root) {
  const shared = await fromHash(location.hash);
  render(<App shared={shared} />, root);
}
