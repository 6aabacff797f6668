/** The shapes that the panel's modules share. For the type checker and the reader; no browser asks for it. */

interface Author {
  kind: "visitor" | "agent" | "bot" | "system";
  id?: string | null;
  name?: string;
  avatar_url?: string | null;
  title?: string;
}
interface TextStyle {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
}
interface Segment {
  type: string;
  text?: string;
  url?: string;
  style?: TextStyle;
  items?: unknown[];
  ordered?: boolean;
  offset?: number;
}
interface FileLink {
  name: string;
  url: string;
}
interface Message {
  id: string;
  seq: number;
  author: Author;
  body: string;
  segments?: Segment[] | null;
  attachments?: FileLink[];
  created_at: string;
  edited_at?: string | null;
  deleted?: boolean;
}
/** The marks are extras of the server: with them ticks and the badge are right after a reload too. */
interface Chat {
  id: string;
  status: "open" | "closed";
  agent?: Author | null;
  delivered_seq?: number;
  seen_seq?: number;
  visitor_seen_seq?: number;
}
interface Frame {
  type: string;
  [field: string]: any;
}
interface Config {
  protocol: number;
  site: string;
  title: string;
  greeting: string;
  company: string;
  colour: string;
  position: "left" | "right";
  ws_url: string;
  frame_url: string;
  locale: string;
}

/** A message as the store holds it: `rev` is the newest word about it, `key` what its row is known by. */
interface Held {
  message: Message;
  rev: number;
  key: string;
}
/** `ahead` is the highest `rev` heard of; `left` and `earlier` are the chats before this one. */
interface State {
  chat: Chat | null;
  rev: number;
  ahead: number;
  held: Map<string, Held>;
  earlier: Held[];
  left: string[];
  delivered: number;
  seen: number;
  online: boolean | null;
  agents: Author[];
}

/** An unsent message. `tried` is the last `seq` known when it was first sent. */
interface Entry {
  id: string;
  site: string;
  body: string;
  order: number;
  state: "pending" | "failed";
  tried?: number;
  code?: string;
  detail?: string;
}
interface Shelf {
  all(): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  remove(id: string): Promise<void>;
}
interface Notes {
  get(name: string): string | null;
  set(name: string, value: string | null): void;
}
type Exclusively = (task: () => Promise<void>) => Promise<void>;
type Outcome =
  | { kind: "acked" | "lost" }
  | { kind: "failed"; code: string; detail: string }
  | { kind: "later"; ms: number };
interface OutboxOptions {
  site: string;
  shelf: Shelf;
  exclusively: Exclusively;
  transmit(frame: Frame): boolean;
  suspect(): void;
  changed(): void;
  seq(): number;
  id?(): string;
  now?(): number;
  after?(task: () => void, ms: number): unknown;
}

type LinkState = "idle" | "connecting" | "live" | "waiting" | "offline" | "stopped";
interface SocketEnv {
  open(url: string): WebSocket;
  after(task: () => void, ms: number): any;
  cancel(timer: any): void;
  random(): number;
  now(): number;
  online(): boolean;
}
interface SocketOptions {
  url: string;
  greet(): Promise<Frame>;
  question(): Frame;
  onFrame(frame: Frame): void;
  onState(state: LinkState, reason: string): void;
  forgive?(reason: string): boolean;
  env?: Partial<SocketEnv>;
}
interface TabWord {
  type: "outbox" | "draft" | "read";
}

type Progress = "pending" | "failed" | "sent" | "delivered" | "seen" | "received";
interface LineRow {
  key: string;
  kind: "time" | "remark";
  text: string;
}
interface MessageRow {
  key: string;
  kind: "message";
  author: Author;
  first: boolean;
  body: string;
  segments: Segment[] | null;
  attachments: FileLink[];
  seq: number | null;
  state: Progress;
  at: string;
  edited: boolean;
  code: string;
}
type Row = LineRow | MessageRow;
interface Drawn {
  row: Row;
  node: HTMLElement;
  looks: string;
}
interface ThreadOptions {
  locale: string;
  company: string;
  retry(id: string): void;
  discard(id: string): void;
}

interface ComposerParts {
  field: HTMLTextAreaElement;
  send: HTMLButtonElement;
  counter: HTMLElement;
  form: HTMLFormElement;
}
interface Draft {
  read(): string;
  write(body: string): void;
}
interface ComposerOptions {
  draft: Draft;
  submit(body: string): void;
  typing(): void;
}
