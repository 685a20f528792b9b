// Let Mermaid read diagrams: a JSON list of texts comes in, a JSON list of what Mermaid understood goes out.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!DOCTYPE html><body></body>", { pretendToBeVisual: true });
globalThis.window = window;
for (const name of ["document", "Element", "HTMLElement", "SVGElement", "Node", "DOMParser", "NodeFilter"]) {
  globalThis[name] = window[name];
}
const { default: mermaid } = await import("mermaid"); // it looks for a page as soon as it is loaded
mermaid.initialize({ startOnLoad: false });

// Mermaid puts these signs in the place of `#59;` and turns them back when it draws.
const drawn = (text) => String(text ?? "").replace(/ﬂ°°(\d+)¶ß/gu, (_, number) => String.fromCodePoint(Number(number)));

async function understood(text) {
  try {
    const { diagramType } = await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    if (diagramType === "journey") {
      return {
        title: drawn(db.getDiagramTitle()),
        sections: db.getSections().map(drawn),
        tasks: db.getTasks().map((one) => [drawn(one.section), drawn(one.task), one.score, one.people.map(drawn)]),
      };
    }
    if (diagramType.startsWith("flowchart")) {
      return {
        nodes: [...db.getVertices().values()].map((one) => drawn(one.text)),
        arrows: db.getEdges().map((one) => [one.start, one.end, drawn(one.text)]),
      };
    }
    const states = [...db.getStates().values()];
    return {
      states: states.map((one) => (one.descriptions ?? []).map(drawn).join(" ")),
      moves: db.getRelations().map((one) => [one.id1, one.id2, drawn(one.relationTitle)]),
    };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

const answers = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await understood(text));
}
process.stdout.write(JSON.stringify(answers));
