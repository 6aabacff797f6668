/** Tells the server the reader's zone once, so that times and days are written as the reader lives them. */

import { refreshChat, refreshList } from "./page.js";

export function startClock() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.split("; ").includes(`tz=${zone}`);
  if (!zone || known) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${zone}; Path=/console; Max-Age=31536000; SameSite=Lax${secure}`;
  addEventListener("load", () => {
    refreshList();
    refreshChat();
  });
}
