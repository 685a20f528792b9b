// Let Mermaid read and draw diagrams: a JSON list comes in, a JSON list of what Mermaid understood and of what
// it shows in the boxes goes out. The argument is the package: several versions are installed under names of their own.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!DOCTYPE html><body></body>", { pretendToBeVisual: true });
globalThis.window = window;
const NAMES = ["document", "Element", "HTMLElement", "SVGElement", "Node", "DOMParser", "NodeFilter", "XMLSerializer"];
for (const name of [...NAMES, "CSSStyleSheet", "getComputedStyle"]) {
  globalThis[name] = window[name];
}
window.CSSStyleSheet.prototype.replaceSync ??= () => {};
// this page has no layout: every text is as wide as it is long
const measure = (element) => ({ x: 0, y: 0, left: 0, top: 0, width: 8 * element.textContent.length, height: 20 });
window.SVGElement.prototype.getBBox = function () {
  return measure(this);
};
window.SVGElement.prototype.getComputedTextLength = function () {
  return measure(this).width;
};
window.Element.prototype.getBoundingClientRect = function () {
  return measure(this);
};
const { default: mermaid } = await import(process.argv[2]); // it looks for a page as soon as it is loaded
// the sanitizer that follows a strict drawing empties the boxes on this page, so what is shown is read without it
const STRICT = { startOnLoad: false };
const LOOSE = { startOnLoad: false, securityLevel: "loose", htmlLabels: true };

// Mermaid puts these signs in the place of `#59;` and turns them back when it draws.
const drawn = (text) => String(text ?? "").replace(/ﬂ°°(\d+)¶ß/gu, (_, number) => String.fromCodePoint(Number(number)));

async function shown(text) {
  mermaid.initialize(LOOSE);
  const boxesOnly = text.split("\n").filter((line) => !line.includes("-->")); // arrows need a layout
  const { svg } = await mermaid.render("drawing", boxesOnly.join("\n"));
  const boxes = new JSDOM(svg).window.document.querySelectorAll(".node .nodeLabel");
  return [...boxes].map((box) => box.textContent.trim());
}

async function understood({ text, draw }) {
  try {
    mermaid.initialize(STRICT);
    const { diagramType } = await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    if (diagramType === "journey") {
      return {
        title: drawn(db.getDiagramTitle()),
        sections: db.getSections().map(drawn),
        tasks: db.getTasks().map((one) => [drawn(one.section), drawn(one.task), one.score, one.people.map(drawn)]),
      };
    }
    if (diagramType === "gantt") {
      return {
        title: drawn(db.getDiagramTitle()),
        sections: db.getSections().map(drawn),
        tasks: db.getTasks().map((one) => [drawn(one.section), drawn(one.task), Boolean(one.crit), Boolean(one.milestone)]),
        days: db.getTasks().map((one) => Math.round((one.endTime - one.startTime) / 86_400_000)),
      };
    }
    if (diagramType.startsWith("flowchart")) {
      return {
        nodes: [...db.getVertices().values()].map((one) => drawn(one.text)),
        arrows: db.getEdges().map((one) => [one.start, one.end, drawn(one.text)]),
        shown: draw ? await shown(text) : [],
      };
    }
    if (!db.getStates().size) {
      db.extract(db.getRootDocV2()); // the first versions wait with it until they draw
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
for (const diagram of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await understood(diagram));
}
process.stdout.write(JSON.stringify(answers));
