import { Engine, initialize } from "./node_modules/cpc-engine/dist/esm/slim.js";

onmessage = async ({ data }) => {
  let before = "";
  try {
    new Engine();
  } catch (error) {
    before = error.code;
  }
  await initialize(data);
  const engine = new Engine();
  engine.execute({ op: "clock", at: 1_795_435_200_000 });
  postMessage(`${before} ${engine.digest()}`);
};
