/**
 * The network of a panel that is only looked at. The panel is the real one and knows nothing of this: its WebSocket is
 * replaced, so that nothing of what somebody tries out is stored or leaves the browser. Loaded before the panel.
 *
 * @param {Record<string, (frame: any) => void>} answers by the type of the panel's frame
 * @returns {(frame: object) => void} tells the panel something
 */
export function pretend(answers) {
  /** @type {Pretended | null} */
  let newest = null;

  class Pretended {
    constructor() {
      this.readyState = 0;
      /** @type {any} */
      this.onopen = this.onmessage = this.onclose = null;
      newest = this;
      setTimeout(() => {
        this.readyState = 1;
        this.onopen?.();
      });
    }

    /** @param {string} text */
    send(text) {
      const frame = JSON.parse(text);
      setTimeout(() => newest === this && answers[frame.type]?.(frame));
    }

    /** @param {object} frame */
    hear(frame) {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
    }

    close() {
      this.readyState = 3;
    }
  }

  /** @type {any} */ (window).WebSocket = Pretended;
  return (frame) => newest?.hear(frame);
}
