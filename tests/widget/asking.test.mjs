/** W6, W7, W8: what the panel asks, and when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lacksConsent, whatToAsk } from "../../static/widget/asking.js";
import { apply, fresh } from "../../static/widget/store.js";

const question = { key: "q", kind: "text", label: "Company", help: "", required: false, options: [] };
const form = { intro: "", only_away: false, questions: [question], consent: "", consent_url: "" };
const nobody = { answered: false, consented: false, email: false };
const open = { id: "c", status: "open" };
const closed = { id: "c", status: "closed", rating: null };

const asked = (config, changes, declined = () => false) =>
  whatToAsk(config, { ...fresh(), online: true, visitor: nobody, ...changes }, declined);

test("each question has its time", () => {
  const away = { online: false };
  const cases = [
    [{ form }, {}, ["form"]],
    [{ form }, { visitor: null }, []],
    [{ form }, { chat: open }, []],
    [{ form }, { visitor: { ...nobody, answered: true } }, []],
    [{ form: { ...form, only_away: true } }, {}, []],
    [{ form: { ...form, only_away: true } }, away, ["form"]],
    [{ form: { ...form, questions: [], consent: "I agree" } }, { visitor: { ...nobody, answered: true } }, ["form"]],
    [{ away: { email: true } }, { ...away, chat: open }, ["email"]],
    [{ away: { email: true } }, away, []],
    [{ away: { email: true } }, { chat: open }, []],
    [{ away: { email: true } }, { ...away, chat: open, visitor: { ...nobody, email: true } }, []],
    [{ rates: true }, { chat: closed }, ["rate"]],
    [{ rates: true }, { chat: open }, []],
    [{ rates: false }, { chat: closed }, []],
    [{ rates: true, form }, { chat: closed }, ["rate", "form"]],
    [{}, { chat: closed, online: false }, []],
  ];
  for (const [config, changes, expected] of cases) {
    assert.deepEqual(asked(config, changes), expected, JSON.stringify([config, changes]));
  }
});

test("who said no is not asked again, and stars that were given can be changed", () => {
  const no = () => true;
  assert.deepEqual(asked({ rates: true }, { chat: closed }, no), []);
  assert.deepEqual(asked({ rates: true }, { chat: { ...closed, rating: 4 } }, no), ["rate"]);
  assert.deepEqual(asked({ away: { email: true } }, { chat: open, online: false }, no), []);
});

test("a consent holds everything back until the server has it", () => {
  const config = { form: { ...form, consent: "I agree" } };
  const welcome = { type: "welcome", chat: null, online: true, visitor: nobody };
  const state = apply(fresh(), welcome);
  assert.equal(lacksConsent(config, fresh()), true);
  assert.equal(lacksConsent(config, state), true);
  assert.equal(lacksConsent(config, apply(state, { type: "asked", email: false })), false);
  assert.equal(lacksConsent({ form }, state), false);
});
