/** The dialog of a chat's tags: typing narrows the list, Enter puts on what was typed. */

export function startTags() {
  document.addEventListener("input", (event) => event.target === field() && narrow());
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const { target, requestConfig } = /** @type {CustomEvent} */ (event).detail ?? {};
    if (target?.id !== "tag-choices") return;
    // the list as it comes first takes nothing away from somebody who types already
    if (requestConfig?.verb === "post") begunAnew();
    else narrow();
  });
}

/** @returns {HTMLInputElement|null} */
function field() {
  return /** @type {HTMLInputElement|null} */ (document.getElementById("tag-name"));
}

/** @returns {HTMLElement[]} */
function rows() {
  return [...document.querySelectorAll("[data-tag-list] > [data-name]")].map((row) => /** @type {HTMLElement} */ (row));
}

function typed() {
  return (field()?.value ?? "").trim().toLowerCase();
}

function narrow() {
  for (const row of rows()) row.hidden = !(row.dataset.name ?? "").includes(typed());
}

/** The list is new: what was typed has done its work. */
function begunAnew() {
  const input = field();
  if (!input) return;
  input.value = "";
  narrow();
  if (input.closest("dialog")?.open) input.focus();
}
