// Passkeys: the browser asks the person, and what it answers goes into the form that asked.

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

/** @param {ArrayBuffer} buffer @returns {string} base64url */
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** @param {any[] | undefined} list */
const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

/** @param {any} options as the server wrote them @param {boolean} alone whether it is to log in by itself */
async function create({ publicKey: asked }, alone) {
  const selection = { ...asked.authenticatorSelection };
  if (alone) Object.assign(selection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: known(asked.excludeCredentials),
    authenticatorSelection: selection,
  };
  const made = /** @type {any} */ (await navigator.credentials.create({ publicKey }));
  return answer(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

/** @param {any} options as the server wrote them */
async function get({ publicKey: asked }) {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: known(asked.allowCredentials),
  };
  const got = /** @type {any} */ (await navigator.credentials.get({ publicKey }));
  return answer(got, {
    authenticatorData: text(got.response.authenticatorData),
    signature: text(got.response.signature),
    userHandle: got.response.userHandle ? text(got.response.userHandle) : null,
  });
}

/** @param {any} credential @param {object} response */
const answer = (credential, response) => ({
  type: credential.type,
  id: credential.id,
  rawId: text(credential.rawId),
  authenticatorAttachment: credential.authenticatorAttachment,
  response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  clientExtensionResults: credential.getClientExtensionResults(),
});

/** @param {HTMLFormElement} form @returns {Promise<any>} */
async function optionsOf(form) {
  const written = form.querySelector('script[type="application/json"]');
  if (written) return JSON.parse(written.textContent ?? "");
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("The server did not answer. Try again in a minute.");
  return (await response.json()).request_options;
}

/** @param {any} error */
function why(error) {
  if (error.name === "NotAllowedError") return "Nothing was chosen, or it took too long. Press the button to try again.";
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  return error instanceof DOMException ? "This device could not do it. Try another one, or another way." : error.message;
}

/** @param {HTMLFormElement} form */
async function run(form) {
  const problem = /** @type {HTMLElement} */ (form.querySelector("[data-passkey-problem]"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
  const alone = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("passwordless"))?.checked ?? false;
  problem.hidden = true;
  button.disabled = true;
  try {
    const options = await optionsOf(form);
    field.value = JSON.stringify(form.dataset.passkey === "create" ? await create(options, alone) : await get(options));
    form.submit();
  } catch (error) {
    problem.textContent = why(error);
    problem.hidden = false;
    button.disabled = false;
  }
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-passkey]"))) {
  if (!window.PublicKeyCredential && form.dataset.passkey === "get") form.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form);
  });
}
