// The two stories that pages were made for, each with two browsers: what one sends through a form shows in the other without a
// reload, and a messenger between two users.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/support.mjs";
import { startHub } from "../push/support.mjs";
import { createSite, live, logIn, openPage, shows, unexpected, until } from "./support.mjs";

let hub, browser;
before(async () => ([hub, browser] = await Promise.all([startHub(), launch()])));
after(() => Promise.all([hub?.stop(), browser?.close()]));

test("what a form sends shows on everybody's page, and what they are typing stays", async (t) => {
  const app = await createSite(hub, {
    structures: { orders: { dish: "string", count: "number", status: "string" } },
    endpoints: { "orders/all": { read: "anyone" }, "orders/new": { write: "anyone", fields: ["dish", "count"] } },
  });
  await app.scenario({
    id: "accept",
    trigger: { type: "object_created", structure: "orders" },
    steps: [{ type: "edit", set: { status: "accepted" }, event: true }],
  });
  await app.scenario({
    id: "tell",
    trigger: { type: "object_changed", structure: "orders", fields: ["status"] },
    steps: [{ type: "push", user_id: "*", event_name: "orders", message: "" }],
  });
  await app.save("home", {
    title: "Kitchen",
    blocks: [
      {
        type: "form", title: "Order", endpoint: "orders/new", submit: "Order", done: "Thank you for **{{dish}}**!",
        fields: [{ field: "dish", label: "Dish", required: true }, { field: "count", label: "How many", kind: "number", value: "1" }],
      },
      {
        type: "table", id: "orders", title: "Orders", endpoint: "orders/all", sort: "dish", page_size: 2, refresh_on: ["orders"],
        columns: [{ field: "dish", title: "Dish" }, { field: "count" }, { field: "status" }],
      },
    ],
  });
  const [anns, bobs] = await Promise.all([openPage(t, browser, app.url("home")), openPage(t, browser, app.url("home"))]);
  await Promise.all([live(anns), live(bobs)]);
  await bobs.getByLabel("Dish").fill("Unsaved soup");
  await bobs.getByRole("columnheader", { name: "Dish" }).getByRole("button").click();
  await until("the other order", async () => (await bobs.getByRole("columnheader", { name: "Dish" }).getAttribute("aria-sort")) === "descending");

  for (const dish of ["Apple pie", "Bread", "Cake"]) {
    await anns.getByLabel("Dish").fill(dish);
    await anns.getByRole("button", { name: "Order", exact: true }).click();
    await anns.getByRole("status").filter({ hasText: `Thank you for ${dish}!` }).waitFor();
    assert.equal(await anns.getByLabel("Dish").inputValue(), "");
  }
  await shows(anns, "#orders", [["Apple pie", "1", "accepted"], ["Bread", "1", "accepted"]]);
  await shows(bobs, "#orders", [["Cake", "1", "accepted"], ["Bread", "1", "accepted"]]);
  await bobs.getByRole("button", { name: "Next" }).click();
  await shows(bobs, "#orders", [["Apple pie", "1", "accepted"]]);

  await anns.getByLabel("Dish").fill("Aioli");
  await anns.keyboard.press("Enter");
  // The page number and the order are as they were, and so is what was typed.
  await shows(bobs, "#orders", [["Apple pie", "1", "accepted"], ["Aioli", "1", "accepted"]]);
  assert.equal(await bobs.getByLabel("Dish").inputValue(), "Unsaved soup");
  assert.equal(await bobs.evaluate(() => document.activeElement.localName), "button");
  assert.deepEqual([...unexpected(anns), ...unexpected(bobs)], []);
});

test("two users write to each other", async (t) => {
  const app = await createSite(hub, {
    structures: { messages: { text: "string" } },
    endpoints: { "messages/read": { read: "users" }, "messages/write": { write: "users", fields: ["text"] } },
  });
  await app.scenario({
    id: "tell",
    trigger: { type: "object_created", structure: "messages" },
    steps: [{ type: "push", user_id: "*", event_name: "messages", message: "" }],
  });
  await app.save("chat", {
    title: "Messenger",
    access: "users",
    blocks: [{ type: "chat", title: "Everybody", read: "messages/read", write: "messages/write", refresh_on: ["messages"] }],
  });
  const [anns, bobs] = await Promise.all([openPage(t, browser, app.url("chat")), openPage(t, browser, app.url("chat"))]);
  await Promise.all([logIn(anns, "ann"), logIn(bobs, "bob")]);
  await Promise.all([live(anns), live(bobs)]);
  const box = (page) => page.getByLabel("Your message");
  const message = (page, text) => page.getByRole("listitem").filter({ hasText: text });

  await box(anns).fill("Hello Bob");
  await box(anns).press("Enter");
  await message(bobs, "Hello Bob").getByText("ann").waitFor();
  await message(anns, "Hello Bob").getByText("You").waitFor();
  assert.match(await message(anns, "Hello Bob").getAttribute("class"), /own/);
  assert.doesNotMatch(await message(bobs, "Hello Bob").getAttribute("class"), /own/);
  assert.equal(await box(anns).inputValue(), "");

  await box(bobs).fill("two");
  await box(bobs).press("Shift+Enter");
  await box(bobs).pressSequentially("lines");
  await box(bobs).press("Enter");
  await message(anns, "two").waitFor();
  assert.equal((await app.all("messages")).find(({ text }) => text.startsWith("two")).text, "two\nlines");

  // Who reads what is further up goes on reading, and is told.
  for (let count = 0; count < 30; count += 1) await app.create("messages", { text: `filler ${count}` });
  await message(bobs, "filler 29").waitFor();
  const log = bobs.getByRole("log");
  const top = () => log.evaluate((element) => element.scrollTop);
  await until("the end of the messages", async () => (await top()) > 0);
  await log.evaluate((element) => (element.scrollTop = 10));
  await box(anns).fill("Are you there?");
  await box(anns).press("Enter");
  await bobs.getByRole("button", { name: "New messages" }).waitFor();
  assert.equal(await top(), 10);
  await bobs.getByRole("button", { name: "New messages" }).click();
  await until("the newest message in sight", () => log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight <= 24));
  await bobs.getByRole("button", { name: "New messages" }).waitFor({ state: "hidden" });
  assert.deepEqual([...unexpected(anns), ...unexpected(bobs)], []);
});
