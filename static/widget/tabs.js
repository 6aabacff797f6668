/**
 * What the tabs of one visitor tell one another, and the locks that keep them from acting at once.
 * Without the browser's help each tab is alone, which is safe: ids make repeats harmless.
 */

/** @param {string} site @param {(word: TabWord) => void} hear */
export function joinTabs(site, hear) {
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`threadbell:${site}`) : null;
  if (channel) channel.onmessage = (event) => hear(event.data);
  return {
    /** @param {TabWord["type"]} type */
    tell: (type) => channel?.postMessage({ type }),
  };
}

/**
 * @param {string} name
 * @param {() => Promise<void>} task
 * @returns {Promise<void>}
 */
export async function exclusively(name, task) {
  // Browsers offer locks on https only.
  if (navigator.locks) await navigator.locks.request(`threadbell:${name}`, task);
  else await task();
}
