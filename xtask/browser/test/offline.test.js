// The book asks nothing of anybody, opened as a file or served; and nothing in it fails.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { open } from "../lib/browser.js";
import { built, chapterOne, pages } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const file = name => pathToFileURL(built + path.sep).href + name;

for (const [from, start] of [["a file", () => file("")], ["a server", () => here.server.address]]) {
    test(`no page asks anybody else, and nothing in it fails: from ${from}`, async () => {
        const { page, heard, close } = await open(here.browser, start() + "index.html");
        for (const name of pages()) {
            // A server shows it for any address, so its links begin at the server, and not at the file.
            if (name === "404.html" && from === "a file") continue;
            await page.goto(start() + name);
            // Pictures that are loaded when they are seen, and scripts that come late.
            await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
            await page.waitForTimeout(150);
            assert.deepEqual(heard, { elsewhere: [], errors: [] }, name);
        }
        await close();
    });
}

test("a request elsewhere and an error are heard", async () => {
    const { page, heard, close } = await open(here.browser, file(chapterOne()));
    await page.evaluate(() => {
        document.body.innerHTML += '<img src="http://elsewhere.invalid/x.png" alt="">';
        setTimeout(() => { throw new Error("on purpose"); });
    });
    await page.waitForTimeout(300);
    assert.deepEqual(heard.elsewhere, ["http://elsewhere.invalid/x.png"]);
    assert.match(heard.errors.join(), /on purpose/);
    await close();
});

test("from file://, links lead to pages", async () => {
    const { page, close } = await open(here.browser, file("index.html"));
    await page.locator(`#mdbook-sidebar a[href$="${chapterOne()}"]`).first().click();
    assert.equal(page.url(), file(chapterOne()));
    await page.locator("section.tasks li.task a").first().click();
    assert.match(page.url(), /#task-1-1$/);
    await close();
});

test("from file://, without the grader, the page says what to type", async () => {
    const { page, close } = await open(here.browser, file(chapterOne()));
    assert.match(await page.locator("section.tasks").innerText(), /cargo xtask (grade|start)/);
    await close();
});
