// The copy buttons: commands go to the clipboard without prompt and output.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, chapters } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const permissions = ["clipboard-read", "clipboard-write"];

test("of a console, the commands alone", async () => {
    const { page, close } = await here.open("index.html", { permissions });
    let seen = 0;
    for (const { page: name } of chapters()) {
        await page.goto(here.server.address + name);
        for (const { text, copied } of await copyAll(page, "console")) {
            const lines = text.split("\n");
            // Root's prompt is `# `, which begins a comment where there is another.
            const prompt = ["$ ", "# "].find(it => lines.some(line => line.startsWith(it)));
            if (prompt) {
                const commands = lines.filter(line => line.startsWith(prompt)).map(line => line.slice(prompt.length));
                const lost = commands.filter(line => !copied.split("\n").includes(line));
                assert.deepEqual(lost, [], `${name}: copied ${JSON.stringify(copied)}`);
                assert.ok(!copied.split("\n").some(line => line.startsWith(prompt)), `${name}: ${copied}`);
            } else {
                assert.equal(copied.trim(), text.trim(), name);
            }
            seen += 1;
        }
    }
    assert.ok(seen > 5, `only ${seen} consoles`);
    await close();
});

test("of anything else, what is in the file", async () => {
    const { page, close } = await here.open(chapterOne(), { permissions });
    const all = [...(await copyAll(page, "rust")), ...(await copyAll(page, "yaml"))];
    all.forEach(({ text, copied }) => assert.equal(copied.trim(), text.trim()));
    assert.ok(all.length > 2, `only ${all.length} blocks`);
    await close();
});

test("with the mouse, and it says so", async () => {
    const { page, close } = await here.open(chapterOne(), { permissions });
    const block = page.locator("main pre:has(> code)").first();
    await block.hover();
    await block.locator("button.clip-button").click();
    await page.getByRole("status").filter({ hasText: /copied/i }).waitFor({ state: "attached" });
    assert.notEqual(await page.evaluate(() => navigator.clipboard.readText()), "");
    await close();
});

// The text of each block of a language, and what its button puts into the clipboard.
async function copyAll(page, language) {
    return page.evaluate(async language => {
        const clipboard = navigator.clipboard;
        const found = [];
        for (const code of document.querySelectorAll(`main pre > code.language-${language}`)) {
            await clipboard.writeText("nothing was copied");
            code.parentElement.querySelector("button.clip-button").click();
            const end = performance.now() + 3000;
            let copied;
            do copied = await clipboard.readText();
            while (copied === "nothing was copied" && performance.now() < end);
            found.push({ text: code.textContent, copied });
        }
        return found;
    }, language);
}
