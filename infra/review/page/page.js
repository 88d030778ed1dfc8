"use strict";

const stacks = JSON.parse(document.getElementById("data").textContent);
const MARKS = { create: "+", import: "+", update: "~", options: "⚙", move: "→", replace: "±", delete: "−", read: "·" };
const NAMES = {
  create: "created", import: "imported", update: "changed in place", options: "options changed", move: "moved",
  replace: "replaced", delete: "deleted", read: "read",
};
// The most serious first: a component has the color of its first one.
const ORDER = ["delete", "replace", "update", "create", "import", "move", "options", "read"];

const graph = document.getElementById("graph");
const edges = document.getElementById("edges");
const details = document.getElementById("details");
const only = document.getElementById("only");
const search = document.getElementById("search");
const foldAll = document.getElementById("fold");
let stack = stacks[0];
let open = new Set();
let selected = null;

/** Return an element with attributes and children; texts are never read as markup. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

function operation(node) {
  return node.change ? node.change.operation : "";
}

function counts(nodes) {
  const found = new Map();
  for (const node of nodes) if (node.change) found.set(operation(node), (found.get(operation(node)) || 0) + 1);
  return ORDER.filter((kind) => found.has(kind)).map((kind) => [kind, found.get(kind)]);
}

function badges(nodes) {
  const changed = counts(nodes).map(([kind, number]) =>
    element("span", { class: `badge ${kind}`, title: NAMES[kind] }, `${MARKS[kind]} ${number}`));
  const same = nodes.filter((node) => !node.change).length;
  const rest = same ? element("span", { class: "badge plain" }, `${same} unchanged`) : null;
  return element("span", { class: "badges" }, ...changed, rest);
}

function shown(node) {
  const text = search.value.trim().toLowerCase();
  return (!only.checked || node.change) && (!text || `${node.name} ${node.type}`.toLowerCase().includes(text));
}

function drawTabs() {
  document.getElementById("stacks").replaceChildren(...stacks.map((each) => element(
    "button",
    { type: "button", role: "tab", "aria-selected": String(each === stack), onclick: () => choose(each) },
    each.name, badges(each.boxes.flatMap((box) => box.nodes).filter((node) => node.change)),
  )));
  const base = stack.base ? ` Compared with ${stack.base}.` : "";
  const cost = stack.cost ? ` ${stack.cost[0].toUpperCase()}${stack.cost.slice(1)}.` : "";
  document.getElementById("verdict").replaceChildren(
    element("strong", {}, stack.verdict), element("span", { class: "base" }, `, ${stack.unchanged} unchanged.${base}${cost}`));
}

function choose(next) {
  stack = next;
  open = new Set();
  selected = null;
  draw();
}

function draw() {
  drawTabs();
  drawGraph();
  drawDetails();
}

function drawGraph() {
  const columns = [];
  for (const box of stack.boxes) {
    const nodes = box.nodes.filter(shown);
    if (!nodes.length) continue;
    (columns[box.column] ||= element("div", { class: "column" })).append(drawBox(box, nodes));
  }
  graph.replaceChildren(edges, ...columns.filter(Boolean));
  foldAll.textContent = open.size ? "Close all" : "Open all";
  drawEdges();
}

function drawBox(box, nodes) {
  const [name, kind] = box.name.replace(/\)$/, "").split(" (");
  const expanded = open.has(box.name) || Boolean(search.value.trim());
  const worst = counts(box.nodes)[0];
  const head = element("button", { type: "button", "aria-expanded": String(expanded), onclick: () => toggle(box.name) },
    element("span", { class: "top" }, name),
    kind ? element("span", { class: "kind" }, kind) : null,
    badges(box.nodes));
  return element("div", { class: `box ${worst ? worst[0] : ""}`, "data-box": box.name },
    head, expanded ? element("ul", {}, ...nodes.map(drawNode)) : null);
}

function drawNode(node) {
  const kind = operation(node);
  return element("li", { class: kind || "same" }, element(
    "button",
    { type: "button", title: node.type, "aria-current": String(node === selected), onclick: () => select(node) },
    element("span", { class: "mark" }, MARKS[kind] || ""), element("span", { class: "name" }, node.name, element("span", { class: "kind" }, node.type.split(":").pop())),
  ));
}

function toggle(name) {
  if (!open.delete(name)) open.add(name);
  drawGraph();
}

function select(node) {
  selected = node;
  open.add(node.component);
  drawGraph();
  drawDetails();
}

function drawEdges() {
  const origin = graph.getBoundingClientRect();
  const place = new Map([...graph.querySelectorAll(".box")].map((box) => {
    const at = box.getBoundingClientRect();
    return [box.dataset.box, {
      left: at.left - origin.left + graph.scrollLeft, right: at.right - origin.left + graph.scrollLeft,
      middle: at.top - origin.top + graph.scrollTop + Math.min(at.height / 2, 28),
    }];
  }));
  const near = selected && selected.component;
  const paths = stack.boxes.flatMap((box) => box.needs.map((other) => {
    const from = place.get(other), to = place.get(box.name);
    if (!from || !to) return "";
    const bend = (to.left - from.right) / 2;
    const touches = near === box.name || near === other ? ' class="near"' : "";
    return `<path${touches} d="M${from.right},${from.middle} C${from.right + bend},${from.middle} ` +
      `${to.left - bend},${to.middle} ${to.left},${to.middle}"/>`;
  }));
  edges.setAttribute("width", graph.scrollWidth);
  edges.setAttribute("height", graph.scrollHeight);
  edges.innerHTML = paths.join("");
}

function drawDetails() {
  details.replaceChildren(...(selected ? ofNode(selected) : ofStack()));
}

function title(text) {
  return element("h3", {}, text);
}

function links(nodes) {
  return element("div", { class: "list" }, ...nodes.map((node) =>
    element("button", { type: "button", title: node.type, onclick: () => select(node) }, node.name)));
}

function ofStack() {
  const nodes = new Map(stack.boxes.flatMap((box) => box.nodes).map((node) => [node.urn, node]));
  const parts = [element("h2", {}, stack.name)];
  for (const [name, texts] of [["Errors", stack.errors], ["Notes", stack.notes]]) {
    if (texts.length) parts.push(title(name), element("ul", {}, ...texts.map((text) => element("li", {}, text))));
  }
  if (stack.findings.length) {
    parts.push(title("Policy"), element("ul", { class: "reasons" }, ...stack.findings.map((each) =>
      element("li", { class: each.level === "mandatory" ? "delete" : "update" }, `${each.rule}: ${each.message}`))));
  }
  if (stack.changes.length) {
    parts.push(title(stack.compared ? "Changes, the most dangerous first" : "All resources"),
      element("ul", { class: "list" }, ...stack.changes.map((urn) => drawNode(nodes.get(urn)))));
  } else {
    parts.push(element("p", {}, "Nothing changes. Click a component to see its resources."));
  }
  return parts;
}

function ofNode(node) {
  const { change } = node;
  const back = element("button", { type: "button", onclick: () => { selected = null; draw(); } }, "← All changes");
  const parts = [back, element("h2", {}, node.name), element("div", { class: "type" }, node.type)];
  parts.push(element("div", { class: `badges ${operation(node)}` },
    element("span", { class: change ? "badge" : "badge plain" }, change ? NAMES[operation(node)] : "unchanged"),
    change && change.risk !== "routine" ? element("span", { class: "badge" }, `risk: ${change.risk}`) : null));
  if (change && change.reasons.length) {
    parts.push(title("Why it matters"), element("ul", { class: `reasons ${operation(node)}` },
      ...change.reasons.map((text) => element("li", {}, text))));
  }
  if (change && change.moved_from) parts.push(title("Moved from"), element("div", { class: "urn" }, change.moved_from));
  if (change && change.properties.length) parts.push(title("Changed properties"), table(change.properties));
  if (change && change.options.length) parts.push(title("Changed options"), table(change.options));
  const properties = Object.entries(node.properties);
  if (properties.length) {
    parts.push(title("Properties"), element("dl", {},
      ...properties.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
  }
  const all = stack.boxes.flatMap((box) => box.nodes);
  const needs = all.filter((each) => node.dependencies.includes(each.urn));
  const users = all.filter((each) => each.dependencies.includes(node.urn));
  if (needs.length) parts.push(title("Depends on"), links(needs));
  if (users.length) parts.push(title("Is needed by"), links(users));
  parts.push(title("URN"), element("div", { class: "urn" }, node.urn));
  return parts;
}

function table(rows) {
  const value = (text, kind) => element("td", { class: text == null ? "nothing" : kind }, text ?? "not set");
  return element("table", {}, ...rows.map((row) => element("tr", {},
    element("td", {}, row.path, row.replaces ? element("strong", {}, " (replaces)") : null),
    value(row.old, "old"), value(row.new, "new"))));
}

only.addEventListener("change", drawGraph);
search.addEventListener("input", drawGraph);
foldAll.addEventListener("click", () => {
  open = open.size ? new Set() : new Set(stack.boxes.map((box) => box.name));
  drawGraph();
});
addEventListener("resize", drawEdges);
draw();
