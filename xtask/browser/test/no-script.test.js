// Without JavaScript: the text, the links, and everything that is folded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, chapters } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const without = { javaScriptEnabled: false };

test("each page has its text, and one first heading", async () => {
    for (const { page: name } of chapters()) {
        const { page, close } = await here.open(name, without);
        assert.equal(await page.locator("h1:visible").count(), 1, name);
        assert.ok((await page.locator("main").innerText()).length > 500, name);
        await close();
    }
});

for (const width of [1280, 390]) {
    test(`each page is reached by links, ${width} px`, async () => {
        const { page, close } = await here.open("index.html", { ...without, width });
        const reached = new Set();
        const open = [page.url()];
        while (open.length > 0) {
            const address = open.pop();
            if (reached.has(address)) continue;
            reached.add(address);
            await page.goto(address);
            // Frames too: a table of contents may be in one.
            for (const frame of page.frames()) {
                const links = await frame.locator("a[href]:visible").all();
                for (const link of links) {
                    const to = new URL(await link.getAttribute("href"), frame.url());
                    to.hash = "";
                    if (to.host === new URL(address).host && to.pathname.endsWith(".html")) open.push(to.href);
                }
            }
        }
        const missing = chapters().filter(it => !reached.has(here.server.address + it.page));
        assert.deepEqual(missing, []);
        await close();
    });
}

test("hints and answers unfold", async () => {
    const { page, close } = await here.open(chapterOne(), without);
    for (const what of ["section.tasks details.checks", "section.tasks details.hint", ".quiz details"]) {
        const folded = page.locator(what).first();
        assert.equal(await folded.getAttribute("open"), null, what);
        assert.equal(await folded.locator(":scope > :not(summary)").first().isVisible(), false, what);
        await folded.locator("> summary").click();
        assert.equal(await folded.locator(":scope > :not(summary)").first().isVisible(), true, what);
    }
    await close();
});

test("no control is shown that cannot work", async () => {
    const { page, close } = await here.open(chapterOne(), without);
    const dead = page.locator("button:visible, input:visible");
    assert.deepEqual(await dead.evaluateAll(all => all.map(it => it.outerHTML.slice(0, 100))), []);
    await close();
});
