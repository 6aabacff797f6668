/** As much of a document as rendering segments needs, able to say what it became. */
class Text {
  nodeType = 3;
  constructor(text) {
    this.textContent = text;
  }
  toString() {
    return this.textContent.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
  }
}

class Element {
  nodeType = 1;
  children = [];
  constructor(tag) {
    this.tag = tag;
  }
  append(...nodes) {
    for (const node of nodes) {
      const part =
        typeof node === "string" ? [new Text(node)] : node.tag === "#fragment" ? node.children : [node];
      this.children.push(...part);
    }
  }
  set textContent(text) {
    this.children = [new Text(text)];
  }
  toString() {
    const names = ["className", "href", "target", "rel", "src", "alt"].filter(
      (name) => this[name] !== undefined,
    );
    const attributes = names.map((name) => ` ${name}="${this[name]}"`).join("");
    const inside = this.children.join("");
    return this.tag === "#fragment" ? inside : `<${this.tag}${attributes}>${inside}</${this.tag}>`;
  }
}

export const document = {
  createElement: (tag) => new Element(tag),
  createTextNode: (text) => new Text(text),
  createDocumentFragment: () => new Element("#fragment"),
};
