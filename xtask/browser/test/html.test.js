// Every page is valid HTML.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { HtmlValidate } from "html-validate";
import { built, pages } from "../lib/book.js";

// What the standards ask for; of how it is laid out there is no question.
const checker = new HtmlValidate({ root: true, extends: ["html-validate:standard", "html-validate:a11y"] });

for (const page of pages()) {
    test(page, async () => {
        const report = await checker.validateFile(path.join(built, page));
        assert.deepEqual(lines(report), []);
    });
}

test("what is not valid is found", async () => {
    const report = await checker.validateString("<!doctype html><html><body><p><div></p><img src=x></body></html>");
    assert.ok(lines(report).length >= 3, lines(report).join("\n"));
});

function lines(report) {
    return report.results.flatMap(it => it.messages.map(say => `${say.line}:${say.column} ${say.ruleId}: ${say.message}`));
}
