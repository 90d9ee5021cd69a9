// node node.mjs BASE_URL KEY MODEL QUESTION: the words of the answer, as one JSON list.
import { words } from "./fetch_loop.mjs";

const said = [];
for await (const word of words(...process.argv.slice(2))) said.push(word);
console.log(JSON.stringify(said));
