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
  underline?: boolean;
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
/** A file as the server tells it; the last four go beyond the contract. */
interface FileLink {
  id: string;
  name: string;
  size: number;
  content_type: string;
  url: string | null;
  thumbnail_url?: string | null;
  width?: number | null;
  height?: number | null;
  state?: "ready" | "fetching" | "failed" | "gone";
}
/** A file of the visitor's before it is a message's: `ref` is what the server made of it, `problem` why not, `final` that
 * another try is of no use. */
interface Upload {
  id: string;
  name: string;
  size: number;
  type: string;
  blob?: Blob;
  ref?: FileLink;
  problem?: string;
  final?: boolean;
}
interface FileLimits {
  largest: number;
  extensions: string[];
}
/** A file as it is shown. `again`: another try is possible. */
interface FileRow extends Omit<FileLink, "state"> {
  state: "ready" | "fetching" | "failed" | "gone" | "uploading" | "refused";
  problem?: string;
  again?: boolean;
}
interface CardOptions {
  locale: string;
  cancel(id: string): void;
  retry(id: string): void;
  fresh(id: string): Promise<Partial<FileLink>>;
}
interface TrayOptions {
  outbox: import("./outbox.js").Outbox;
  limits: FileLimits;
  card: CardOptions;
  attach(files: Upload[]): void;
  focus(): void;
}
type TrayParts = Record<"tray" | "said" | "attach" | "camera" | "field" | "drop", HTMLElement>;
type SendFile = (
  file: Upload,
  progress: (part: number) => void,
) => { answer: Promise<{ status: number; answer: any }>; abort(): void };
interface UploadsOptions {
  outbox: import("./outbox.js").Outbox;
  exclusively: Exclusively;
  live(): boolean;
  settle(id: string, change: Partial<Upload>): Promise<void>;
  send: SendFile;
  progress(id: string, part: number): void;
  after(task: () => void, ms: number): unknown;
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
  /** One to five stars, once the visitor has rated it. */
  rating?: number | null;
}
type AskKind = "form" | "email" | "rate";
interface Question {
  key: string;
  kind: "text" | "email" | "textarea" | "checkbox" | "select";
  label: string;
  help: string;
  required: boolean;
  options: string[];
}
/** What a site asks before a chat; `consent`: what has to be agreed to, or nothing. */
interface AskForm {
  intro: string;
  only_away: boolean;
  questions: Question[];
  consent: string;
  consent_url: string;
}
interface AskCard {
  node: HTMLElement;
  say(words: string): void;
  /** The server has what was sent last. */
  done?(): void;
}
interface AskingOptions {
  config: Config;
  state(): State;
  notes: Notes;
  send(frame: Frame): boolean;
  changed(): void;
  composer: HTMLElement;
  moveFocus(): void;
}
/** What the server knows of the visitor already. */
interface Known {
  answered: boolean;
  consented: boolean;
  email: boolean;
}
interface Frame {
  type: string;
  [field: string]: any;
}
/** `side` and `bottom` in pixels from the window's edges, `layer` a z-index. */
interface Launcher {
  shape: "circle" | "rounded" | "label";
  icon: string;
  label: string;
  side: number;
  bottom: number;
  layer: number;
  phones: boolean;
}
interface LookingOptions {
  socket: import("./socket.js").Socket;
  /** Whether the socket carries more than that somebody is there. */
  isNeeded(): boolean;
  connect(): void;
  tell(): void;
}
interface Config {
  protocol: number;
  site: string;
  title: string;
  greeting: string;
  company: string;
  colour: string;
  position: "left" | "right";
  launcher: Launcher;
  theme: "auto" | "light" | "dark";
  faces: boolean;
  logo: string | null;
  texts: Record<string, string>;
  /** Nobody is there, and the owner shows no launcher then. */
  hidden?: boolean;
  /** The team sees who is there before they write. */
  shown?: boolean;
  ws_url: string;
  frame_url: string;
  locale: string;
  files?: FileLimits;
  form?: AskForm | null;
  away?: { email: boolean };
  rates?: boolean;
  /** Where "Powered by Threadbell" leads; empty for a plan with white label. */
  powered?: string;
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
  /** When somebody is there again, as far as that is known. */
  backAt: string | null;
  visitor: Known | null;
  agents: Author[];
}

/** An unsent message, edit or withdrawal. `target` is the id of what is changed: the message's, or that of the
 * entry it was while it was written; `tried` the last `seq` known when this was first sent. */
interface Entry {
  id: string;
  site: string;
  kind?: "message" | "edit" | "withdraw";
  target?: string;
  body: string;
  order: number;
  files?: Upload[];
  state: "draft" | "pending" | "failed";
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
  /** Forgets all of this site. `alone`: what this tab holds for itself. */
  clear(alone?: boolean): void;
}
interface PersonOptions {
  identity: import("./identity.js").Identity;
  notes: Notes;
  outbox: { clear(): Promise<void> };
  tabs: { tell(type: TabWord["type"]): void };
  socket: import("./socket.js").Socket;
  host: { alone: boolean; tell(type: string, detail?: Record<string, unknown>): void };
  /** Shows nothing of whoever was here. */
  empty(): void;
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
  /** The message that an entry of ours became, as far as this tab knows. */
  idOf(entry: string): string | undefined;
  /** Whether the chat already is as the entry wants it. */
  isDone(entry: Entry): boolean;
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
  isHurried?(): boolean;
  env?: Partial<SocketEnv>;
}
interface TabWord {
  type: "outbox" | "draft" | "read" | "asked" | "looking" | "left";
}

type Progress = "pending" | "failed" | "sent" | "delivered" | "seen" | "received";
interface LineRow {
  key: string;
  kind: "time" | "remark";
  text: string;
}
/** `id` is what a change names, `entry` what is retried or given up, `wish` what that entry is about;
 * `mayChange` says that it may still be changed. */
interface MessageRow {
  key: string;
  kind: "message";
  id: string;
  entry: string;
  wish: "message" | "edit" | "withdraw";
  mayChange: boolean;
  deleted: boolean;
  author: Author;
  first: boolean;
  body: string;
  segments: Segment[] | null;
  attachments: FileRow[];
  seq: number | null;
  state: Progress;
  at: string;
  edited: boolean;
  code: string;
  detail: string;
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
  edit(row: MessageRow): void;
  withdraw(row: MessageRow): void;
  card: CardOptions;
}

interface ComposerParts {
  field: HTMLTextAreaElement;
  send: HTMLButtonElement;
  counter: HTMLElement;
  form: HTMLFormElement;
  banner: HTMLElement;
  cancel: HTMLElement;
}
/** A message under the pen again. */
interface Editing {
  id: string;
  was: string;
  body: string;
}
interface Draft {
  read(): string;
  write(body: string): void;
  editing(): Editing | null;
  edit(editing: Editing | null): void;
}
interface ComposerOptions {
  draft: Draft;
  submit(body: string): void;
  change(id: string, body: string): void;
  editLast(): void;
  /** Whether there are files to go, so that no words are needed. */
  hasFiles(): boolean;
  typing(): void;
}
interface TeaserOptions {
  notes: Notes;
  host: { tell(type: string, detail?: Record<string, unknown>): void };
  tabs: { tell(type: TabWord["type"]): void };
  reading: { unread(): number };
  state(): State;
  isOpen(): boolean;
}
interface ReadingOptions {
  notes: Notes;
  state(): State;
  isReading(): boolean;
  send(frame: Frame): boolean;
  tell(): void;
  badge(count: number, label: string): void;
}
