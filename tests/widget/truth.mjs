/** A chat as the server has it, and the frames it would tell about it. */
export function truth(id = "chat-1") {
  const chat = { id, status: "open", agent: null };
  const messages = [];
  let rev = 0;

  function told(message) {
    message.rev = ++rev;
    return { type: "message", chat: id, rev, message: publicly(message) };
  }

  function say(kind, body) {
    const seq = messages.length + 1;
    const author = { kind, id: kind, name: kind };
    const message = {
      id: `${id}-m${seq}`,
      seq,
      author,
      body,
      created_at: "2026-01-05T10:00:00.000Z",
      edited_at: null,
      deleted: false,
    };
    messages.push(message);
    return told(message);
  }

  return {
    id,
    chat,
    say,
    rev: () => rev,
    acked(body, key) {
      const { message } = say("visitor", body);
      const { seq, created_at } = message;
      return { type: "ack", chat: id, client_message_id: key, id: message.id, seq, rev, created_at, body };
    },
    edit(seq, body) {
      Object.assign(messages[seq - 1], { body, edited_at: "2026-01-05T10:05:00.000Z" });
      return told(messages[seq - 1]);
    },
    remove(seq) {
      Object.assign(messages[seq - 1], { body: "", deleted: true });
      return told(messages[seq - 1]);
    },
    count: () => messages.length,
    synced: (lastRev) => ({ type: "synced", chat: id, rev, messages: since(lastRev), more: false }),
    /** Pages as a server gives them that reads `size` changes at a time. */
    page(lastRev, size) {
      const changes = messages.filter((m) => m.rev > lastRev).sort((a, b) => a.rev - b.rev);
      const part = changes.slice(0, size);
      const more = changes.length > size;
      const list = part.sort((a, b) => a.seq - b.seq).map(publicly);
      const upTo = more ? Math.max(...part.map((m) => m.rev)) : rev;
      return { type: "synced", chat: id, rev: upTo, messages: list, more };
    },
    welcome: (lastRev) => ({
      type: "welcome",
      protocol: 1,
      visitor_token: "vt_1",
      chat,
      rev,
      messages: since(lastRev),
      more: false,
      online: true,
      agents: [],
    }),
  };

  function since(lastRev) {
    return messages.filter((message) => message.rev > lastRev).map(publicly);
  }
}

function publicly({ rev, ...message }) {
  return { ...message };
}
