// Without JavaScript: the text, the links, and everything that is folded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, chapters } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const without = { javaScriptEnabled: false };

for (const width of [1280, 390]) {
    test(`links lead to every page, and each has its text and one first heading, ${width} px`, async () => {
        const { page, close } = await here.open("index.html", { ...without, width });
        const reached = new Set();
        const ahead = ["index.html"];
        while (ahead.length > 0) {
            const name = ahead.pop();
            if (reached.has(name)) continue;
            reached.add(name);
            await page.goto(here.server.address + name);
            if (name !== "print.html") assert.equal(await page.locator("h1:visible").count(), 1, name);
            assert.ok((await page.locator("main").innerText()).length > 500, name);
            const links = await page.locator("a[href]:visible").evaluateAll(all => all.map(it => it.href.split("#")[0]));
            const own = links.filter(it => it.startsWith(here.server.address) && it.endsWith(".html"));
            ahead.push(...own.map(it => it.slice(here.server.address.length)));
        }
        assert.deepEqual(chapters().filter(it => !reached.has(it.page)), []);
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
