/** Everything the console's pages do in the browser. Each module finds its own elements, on any page. */

import { startClock } from "./clock.js";
import { startConfirming } from "./confirm.js";
import { startCopying } from "./copy.js";
import { startDialogs } from "./dialogs.js";
import { startKeyboard } from "./keyboard.js";
import { startLive } from "./live.js";
import { startLook } from "./look.js";
import { startReply } from "./reply.js";
import { startTranscript } from "./transcript.js";

startClock();
startCopying();
startDialogs();
startConfirming();
startLook();
startTranscript();
startReply();
startKeyboard();
startLive();
