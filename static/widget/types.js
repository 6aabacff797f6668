/**
 * The shapes that the panel's modules share. Nothing here runs; the browser never asks for this file.
 *
 * @typedef {{kind: "visitor"|"agent"|"bot"|"system", id?: string|null, name?: string,
 *   avatar_url?: string|null, title?: string}} Author
 * @typedef {{bold?: boolean, italic?: boolean, strike?: boolean, code?: boolean, ordered?: boolean}} Style
 * @typedef {{type: string, text?: string, url?: string, style?: Style, items?: unknown[]}} Segment
 * @typedef {{id: string, seq: number, author: Author, body: string, segments?: Segment[]|null,
 *   attachments?: {id: string, name: string, size: number, content_type: string, url: string}[],
 *   created_at: string, edited_at?: string|null, deleted?: boolean}} Message
 * @typedef {{id: string, status: "open"|"closed", agent?: Author|null,
 *   delivered_seq?: number, seen_seq?: number}} Chat
 * @typedef {{type: string, [field: string]: any}} Frame
 * @typedef {{id: string, site: string, body: string, order: number, state: "pending"|"failed",
 *   tried?: number|null, code?: string, detail?: string}} Entry
 * @typedef {{protocol: number, site: string, title: string, greeting: string, company: string,
 *   colour: string, position: "left"|"right", ws_url: string, frame_url: string, locale: string}} Config
 * @typedef {"idle"|"connecting"|"live"|"waiting"|"offline"|"stopped"} LinkState
 */
export {};
