// The copy buttons: commands go to the clipboard without prompt and output.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, chapters } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const permissions = ["clipboard-read", "clipboard-write"];

test("of a console, the commands alone; every one can be pasted", async () => {
    let seen = 0;
    for (const { page: name } of chapters()) {
        const { page, close } = await here.open(name, { permissions });
        await unfold(page);
        for (const pre of await page.locator("main pre:has(> code.language-console)").all()) {
            const text = await pre.locator("> code").textContent();
            const copied = await copy(page, pre);
            const lines = text.split("\n");
            // Root's prompt is `# `, which begins a comment where there is another.
            const prompt = ["$ ", "# "].find(it => lines.some(line => line.startsWith(it)));
            const prompted = lines.filter(line => line.startsWith(prompt)).map(line => line.slice(2));
            if (prompt) {
                const lost = prompted.filter(line => !copied.split("\n").includes(line));
                assert.deepEqual(lost, [], `${name}: copied ${JSON.stringify(copied)}`);
            } else {
                assert.equal(copied.trim(), text.trim(), name);
            }
            assert.ok(!copied.split("\n").some(line => line.startsWith(prompt)), `${name}: ${copied}`);
            seen += 1;
        }
        await close();
    }
    assert.ok(seen > 5, `only ${seen} consoles`);
});

test("of anything else, what is in the file", async () => {
    const { page, close } = await here.open(chapterOne(), { permissions });
    await unfold(page);
    let seen = 0;
    for (const kind of ["rust", "yaml"]) {
        for (const pre of await page.locator(`main pre:has(> code.language-${kind})`).all()) {
            const text = await pre.locator("> code").textContent();
            assert.equal((await copy(page, pre)).trim(), text.trim());
            seen += 1;
        }
    }
    assert.ok(seen > 2, `only ${seen} blocks`);
    await close();
});

async function unfold(page) {
    await page.evaluate(() => document.querySelectorAll("details").forEach(it => (it.open = true)));
}

async function copy(page, pre) {
    await page.evaluate(() => navigator.clipboard.writeText("nothing was copied"));
    await pre.hover();
    await pre.locator("button.clip-button").click();
    return page.evaluate(() => navigator.clipboard.readText());
}
