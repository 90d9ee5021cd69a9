// Writes data/marked.json: what `marked` makes of every reply in corpus/. Run once, by hand, after a change there:
//   npm install --prefix /tmp/marked marked@18 && NODE_PATH=/tmp/marked/node_modules node make_expected.mjs
import { createRequire } from "node:module";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const { marked } = await import(createRequire(import.meta.url).resolve("marked", { paths: [process.env.NODE_PATH] }));
const here = new URL("./", import.meta.url);
const replies = readdirSync(new URL("corpus/", here)).filter((name) => name.endsWith(".md")).sort();
const expected = {};
for (const name of replies) {
  expected[name] = marked.parse(readFileSync(new URL(`corpus/${name}`, here), "utf8"), { gfm: true });
}
writeFileSync(new URL("data/marked.json", here), JSON.stringify(expected, null, 1) + "\n");
