// The quiz: answered in the page, explained, remembered; with the mouse and with the keyboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();

test("a wrong answer and the right one are each explained", async () => {
    const { page, close } = await here.open(chapterOne());
    const question = await first(page);
    assert.equal(await question.verdict.innerText(), "");
    await question.option(question.wrong).check();
    assert.match(await question.verdict.getAttribute("class"), /wrong/);
    const why = await question.verdict.innerText();
    assert.ok(why.length > 20, why);
    await question.option(question.right).check();
    assert.match(await question.verdict.getAttribute("class"), /right/);
    assert.notEqual(await question.verdict.innerText(), why);
    // Heard by those who do not see it, and not told by colour alone.
    assert.equal(await question.verdict.getAttribute("role"), "status");
    assert.match(await question.verdict.innerText(), /right|yes|correct/i);
    await close();
});

test("an answer is remembered by this browser, and can be taken back", async () => {
    const { page, close } = await here.open(chapterOne());
    await (await first(page)).option((await first(page)).right).check();
    await page.reload();
    const question = await first(page);
    assert.equal(await question.option(question.right).isChecked(), true);
    assert.match(await question.verdict.getAttribute("class"), /right/);
    await question.box.getByRole("button", { name: "Try again" }).click();
    assert.equal(await question.verdict.innerText(), "");
    await page.reload();
    assert.equal(await (await first(page)).option(question.right).isChecked(), false);
    await close();
});

test("with the keyboard alone", async () => {
    const { page, close } = await here.open(chapterOne());
    const question = await first(page);
    await question.box.locator("input[type=radio]").first().focus();
    const letters = await question.box.locator("input[type=radio]").evaluateAll(all => all.map(it => it.value));
    for (let steps = letters.indexOf(question.right); steps > 0; steps -= 1) await page.keyboard.press("ArrowDown");
    // Walking over the options answers nothing.
    if (question.right !== letters[0]) assert.doesNotMatch(await question.verdict.getAttribute("class"), /right|wrong/);
    await page.keyboard.press(question.right === letters[0] ? "Space" : "Enter");
    assert.match(await question.verdict.getAttribute("class"), /right/);
    await close();
});

test("every question of it counts", async () => {
    const { page, close } = await here.open(chapterOne());
    const questions = page.locator(".quiz .question");
    const count = await questions.count();
    assert.ok(count >= 4, `${count} questions`);
    for (const question of await questions.all()) {
        const right = await question.getAttribute("data-answer");
        await question.locator(`input[type=radio][value="${right}"]`).check();
    }
    const score = await page.locator(".score").innerText();
    assert.ok(score.includes(`${count} of ${count}`), score);
    await close();
});

async function first(page) {
    const box = page.locator(".quiz .question").first();
    const right = await box.getAttribute("data-answer");
    const values = await box.locator("input[type=radio]").evaluateAll(all => all.map(it => it.value));
    return {
        box,
        right,
        wrong: values.find(it => it !== right),
        verdict: box.locator(".verdict"),
        option: letter => box.locator(`input[type=radio][value="${letter}"]`),
    };
}
