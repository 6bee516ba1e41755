// What GitHub's own evaluator of expressions makes of each of `asked`: [[expression, contexts, status]], as JSON on standard input.
// The first argument is where `@actions/expressions` lies. Prints [[kind, text]].
import {readFileSync} from "node:fs";
import {pathToFileURL} from "node:url";

const {data, Evaluator, Lexer, Parser} = await import(pathToFileURL(process.argv[2]));
const kinds = ["string", "array", "object", "boolean", "number", "object", "null"];
const asked = JSON.parse(readFileSync(0, "utf-8"));

function answer(expression, contexts, status) {
  const functions = ["success", "failure", "cancelled", "always"].map((name) => (
    {name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(status[name])}
  ));
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  const known = JSON.parse(JSON.stringify(contexts), data.reviver);
  const found = new Evaluator(tree, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
  return [kinds[found.kind], found.coerceString()];
}

console.log(JSON.stringify(asked.map(([expression, contexts, status]) => answer(expression, contexts, status))));
