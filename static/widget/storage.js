/**
 * Where the panel keeps things: small notes in localStorage, unsent messages in IndexedDB.
 * Browsers may deny either to a frame of another site; then memory serves until the page goes.
 */

const DATABASE = "threadbell";
const STORE = "outbox";
/** What files of one entry may take on the disk of somebody who only chats. */
const MOST_BYTES = 25 * 1024 * 1024;

/** @param {string} site @returns {Notes} */
export function openNotes(site) {
  const memory = new Map();
  const store = localStore();
  const full = (/** @type {string} */ name) => `threadbell:${site}:${name}`;
  return {
    get: (name) => (memory.has(name) ? memory.get(name) : (store?.getItem(full(name)) ?? null)),
    set: (name, value) => {
      if (!store || !write(store, full(name), value)) memory.set(name, value);
    },
    clear: (alone) => {
      memory.clear();
      for (const name of Object.keys((!alone && store) || {})) if (store && name.startsWith(full(""))) write(store, name, null);
    },
  };
}

/** @returns {Storage|null} null where the browser denies it, which it does by throwing */
function localStore() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** @param {Storage} store @param {string} name @param {string|null} value @returns false when full */
function write(store, name, value) {
  try {
    if (value === null) store.removeItem(name);
    else store.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Usable at once: what is asked of it before the database is open waits its turn.
 * @param {string} site @returns {Shelf} */
export function openShelf(site) {
  const shelf = bestShelf(site);
  return {
    all: async () => (await shelf).all(),
    put: async (entry) => (await shelf).put(entry),
    remove: async (id) => (await shelf).remove(id),
  };
}

/** @param {string} site @returns {Promise<Shelf>} */
async function bestShelf(site) {
  try {
    return backed(databaseShelf(await openDatabase(), site), memoryShelf());
  } catch {
    return memoryShelf();
  }
}

/** @returns {Shelf} */
export function memoryShelf() {
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  return {
    all: async () => [...entries.values()],
    put: async (entry) => void entries.set(entry.id, entry),
    remove: async (id) => void entries.delete(id),
  };
}

/** A full or broken disk must not cost a word: what cannot be written there stays in memory. Of an entry with large
 * files the disk keeps the words.
 * @param {Shelf} disk @param {Shelf} memory @returns {Shelf} */
export function backed(disk, memory) {
  return {
    all: async () => {
      const inMemory = await memory.all();
      const held = new Set(inMemory.map((entry) => entry.id));
      const onDisk = await disk.all().catch(() => []);
      return [...onDisk.filter((entry) => !held.has(entry.id)), ...inMemory];
    },
    put: async (entry) => {
      const fits = (entry.files ?? []).reduce((sum, { blob }) => sum + (blob?.size ?? 0), 0) <= MOST_BYTES;
      if (fits && (await written(disk, entry))) return memory.remove(entry.id);
      await memory.put(entry);
      if (entry.files) await written(disk, { ...entry, files: entry.files.map(({ blob, ...file }) => file) });
    },
    remove: async (id) => {
      await memory.remove(id);
      await disk.remove(id).catch(() => undefined);
    },
  };
}

/** @param {Shelf} disk @param {Entry} entry @returns {Promise<boolean>} */
function written(disk, entry) {
  return disk.put(entry).then(
    () => true,
    () => false,
  );
}

/** @param {IDBDatabase} database @param {string} site @returns {Shelf} */
function databaseShelf(database, site) {
  const store = (/** @type {IDBTransactionMode} */ mode) =>
    database.transaction(STORE, mode).objectStore(STORE);
  return {
    all: async () => {
      const entries = await settled(store("readonly").getAll());
      return entries.filter((/** @type {Entry} */ entry) => entry.site === site);
    },
    put: async (entry) => void (await settled(store("readwrite").put(entry))),
    remove: async (id) => void (await settled(store("readwrite").delete(id))),
  };
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return settled(request);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
