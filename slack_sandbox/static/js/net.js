// Asks the sandbox and listens to what changes.

/** @param {string} path @param {Record<string, string>} [query] */
export async function look(path, query = {}) {
  const answer = await fetch(`/_page/${path}?${new URLSearchParams(query)}`);
  if (!answer.ok) throw new Error((await answer.json()).error ?? answer.statusText);
  return answer.json();
}

/** Acts as a person, through the control API. @param {string} name @param {object} body */
export async function act(name, body) {
  const answer = await fetch(`/_control/${name}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!told.ok) throw new Error(told.error);
  return told;
}

/** Hands over a chosen file and gives its id. @param {File} file @param {Record<string, string>} who */
export async function hand(file, who) {
  const answer = await fetch(`/_page/files?${new URLSearchParams({ ...who, name: file.name })}`, {
    method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file,
  });
  const told = await answer.json();
  if (!told.ok) throw new Error(told.error);
  return told.file;
}

/**
 * @param {string} team
 * @param {(change: object) => void} onChange
 * @param {(alive: boolean, again: boolean) => void} onState `again`: the connection was lost before
 * @returns {() => void} stops listening
 */
export function watch(team, onChange, onState) {
  const source = new EventSource(`/_page/changes?team=${encodeURIComponent(team)}`);
  let opened = false;
  source.onopen = () => { onState(true, opened); opened = true; };
  source.onerror = () => onState(false, opened);
  source.onmessage = (event) => onChange(JSON.parse(event.data));
  return () => source.close();
}
