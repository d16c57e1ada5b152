// The grader in the page: what `cargo xtask start` has graded, as soon as it is graded.
// Its server marks the pages that it sends; any other page is left as it is. All the tabs of
// a browser listen through one shared worker (this same file), since a browser has only six
// connections for all the pages of one server.
(() => {
    const listen = tell => {
        const source = new EventSource('/.live');
        source.onopen = () => tell('connected', true);
        source.onerror = () => {
            tell('connected', false);
            // It tries again by itself, unless it was refused.
            if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000, tell);
        };
        for (const name of ['book', 'grading', 'results', 'next'])
            source.addEventListener(name, event => tell(name, JSON.parse(event.data)));
    };

    /* In the worker: keeps the last of each event, for the tabs to come. */
    if (!self.document) {
        const tabs = new Set();
        let last = new Map();
        listen((name, data) => {
            // The server tells everything again.
            if (name === 'connected' && data) last = new Map();
            const about = data.dir ?? data.chapter ?? '';
            if (name === 'results') last.delete('grading' + about);
            last.set(name + about, [name, data]);
            tabs.forEach(tab => tab.postMessage([name, data]));
        });
        self.onconnect = ({ ports: [tab] }) => {
            tabs.add(tab);
            last.forEach(event => tab.postMessage(event));
        };
        return;
    }

    const served = document.querySelector('meta[name="workbook-live"]');
    if (!served || !['localhost', '127.0.0.1'].includes(location.hostname)) return;

    const all = (what, inside = document) => [...inside.querySelectorAll(what)];
    const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
    const make = (tag, className, ...content) => {
        const element = document.createElement(tag);
        if (className) element.className = className;
        element.append(...content.filter(it => it !== null));
        return element;
    };
    const STATES = ['passed', 'failed', 'blocked', 'broken', 'not-started', 'not-here', 'grader-error', 'stale'];
    const setState = (element, state) => {
        STATES.forEach(it => element.classList.toggle(it, it === state));
    };
    const number = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`;

    /* What is being read stays where it is, whatever comes above it: the heading that was asked
       for, or what is at the top of the window. */
    document.documentElement.style.overflowAnchor = 'none';
    let target;
    const aim = () => {
        target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
        setTimeout(() => { target = null; }, 2000);
    };
    aim();
    addEventListener('hashchange', aim);
    for (const it of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
        addEventListener(it, () => { target = null; }, { passive: true });
    const steady = change => {
        const bar = document.getElementById('mdbook-menu-bar')?.getBoundingClientRect().bottom ?? 0;
        const places = all('main > :not(.tasks), .tasks > :not(ol), .tasks .task');
        const place = scrollY > 0 && places.find(it => it.getBoundingClientRect().bottom > bar);
        const before = place && place.getBoundingClientRect().top;
        change();
        const by = place ? place.getBoundingClientRect().top - before : 0;
        if (target) target.scrollIntoView({ behavior: 'instant' });
        else if (by) scrollBy({ top: by, behavior: 'instant' });
    };

    /* A part of the page that holds a verdict. Only the verdict is read out when it changes;
       the rest can be long, and is there to be looked at. */
    const panel = place => {
        const verdict = make('p', 'verdict');
        const rest = make('div', 'findings');
        rest.setAttribute('aria-live', 'off');
        const root = make('div', 'result', verdict, rest);
        root.setAttribute('role', 'status');
        root.setAttribute('aria-atomic', 'false');
        let shown, placed = false;
        return {
            root,
            // `findings` makes the rest; it is only asked when `of` is not what is shown already.
            show(state, text, of, findings) {
                setState(root, state);
                put(verdict, text);
                const now = JSON.stringify([state, of]);
                const isNew = now !== shown;
                if (isNew) rest.replaceChildren(...findings());
                shown = now;
                // Filled in first: what is there when the page opens is not read out.
                if (!placed) place(root);
                placed = true;
                if (isNew) document.dispatchEvent(new Event('newcode'));
                // What scrolls sideways does so with the keyboard, too.
                for (const it of all('pre > code', rest))
                    if (it.scrollWidth > it.clientWidth) it.tabIndex = 0;
            },
        };
    };

    const block = text => make('pre', '', make('code', 'nohighlight', text.trimEnd()));
    const command = text => make('pre', '', make('code', '', text.trimEnd()));

    /* One check: its verdict, and what was expected and observed. */
    const finding = (check, title) => {
        const words = check.verdict === 'blocked' ? blockedBy(check) : [VERDICTS[check.verdict]];
        const list = make('dl', '');
        for (const [name, text] of [['expected', check.expected], ['observed', check.observed]])
            if (text) list.append(make('dt', '', name), make('dd', '', block(text)));
        if (check.try) list.append(make('dt', '', 'try, in exercises/'), make('dd', '', command(check.try)));
        const state = make('span', 'state', ...words);
        const line = make('p', '', state, ' ', title + (check.what ? ': ' + check.what.trim() : ''));
        const item = make('div', 'finding', line, list.children.length ? list : null);
        setState(item, CLASSES[check.verdict]);
        return item;
    };
    const VERDICTS = { pass: 'passed', fail: 'failed', not_here: 'not gradable here', grader_error: 'grader error (not your mistake)' };
    const CLASSES = { pass: 'passed', fail: 'failed', blocked: 'blocked', not_here: 'not-here', grader_error: 'grader-error' };
    const blockedBy = check => {
        const heading = document.querySelector(`li.task[data-task="${CSS.escape(check.blocked_by)}"] a`);
        if (!heading) return ['blocked by ' + check.blocked_by];
        const link = make('a', '', check.blocked_by);
        link.href = heading.getAttribute('href');
        return ['blocked by ', link];
    };

    /* One task: its line in the list, and the panel under its heading. */
    const taskOf = item => {
        const link = item.querySelector('.task-line a');
        const heading = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
        const own = panel(root => heading?.after(root));
        const ladder = item.querySelector('details.hint')?.cloneNode(true);
        // What a button does is not copied with it.
        ladder?.querySelectorAll('.clip-button').forEach(it => it.remove());
        const titles = new Map(all('li.check', item).map(it => [it.dataset.check, it.querySelector('.check-title')?.textContent]));
        return {
            show(task, state, text, checks, wrong) {
                setState(item, state);
                put(item.querySelector('.task-line .state'), text);
                for (const line of all('li.check', item)) {
                    const check = checks.find(it => it.check === line.dataset.check);
                    const known = check && !['stale', 'broken'].includes(state);
                    setState(line, !known ? '' : check.not_started ? 'not-started' : CLASSES[check.verdict]);
                    put(line.querySelector('.state'), !known ? 'not graded' : check.not_started ? 'not started'
                        : check.verdict === 'blocked' ? 'blocked by ' + check.blocked_by : VERDICTS[check.verdict]);
                }
                if (state === 'stale') return own.show(state, text[0].toUpperCase() + text.slice(1) + '.', '', () => []);
                const passed = checks.filter(it => it.verdict === 'pass').length;
                const counts = ['not-started', 'broken'].includes(state) || !task.score.out_of ? ''
                    : ` (${passed} of ${number(checks.length, 'check')}, ${task.score.points} of ${number(task.score.out_of, 'point')})`;
                own.show(state, `Task ${task.task}: ${text}${counts}.`, [wrong, checks.map(it => ({ ...it, seconds: 0 }))], () => {
                    if (state === 'not-started')
                        return [make('p', '', 'Write it in ', make('code', '', task.path), '. When you save, the result shows here.')];
                    if (state === 'broken') return [block(wrong)];
                    const shown = checks.filter(it => it.verdict !== 'pass').map(it => finding(it, titles.get(it.check) ?? it.check));
                    const good = checks.filter(it => it.verdict === 'pass').map(it => titles.get(it.check) ?? it.check);
                    if (good.length && shown.length) shown.push(make('p', 'passed', make('span', 'state', 'passed'), ' ' + good.join(', ')));
                    if (state === 'failed' && ladder) shown.push(ladder);
                    return shown;
                });
            },
        };
    };

    /* The chapter's list of tasks, with what is next, and what is wrong with all of it. */
    const chapterOf = section => {
        const tasks = new Map(all('li.task', section).map(it => [it.dataset.task, taskOf(it)]));
        const next = make('p', 'next-task');
        const activity = make('p', 'activity');
        const own = panel(root => section.prepend(root));
        section.prepend(next, activity);
        next.hidden = true;
        return {
            next, activity,
            show(data) {
                // Then the first thing to do is to make it compile.
                section.classList.toggle('stuck', Boolean(data.error) || !data.chapters[0].compiles);
                if (data.error) {
                    own.show('broken', 'Not graded: ' + data.error.split('\n')[0], data.error,
                        () => data.error.includes('\n') ? [block(data.error)] : []);
                    all('li.task', section).forEach(it => {
                        setState(it, 'stale');
                        put(it.querySelector('.task-line .state'), 'not graded');
                    });
                    return;
                }
                const [chapter] = data.chapters;
                const words = chapter.compiler ?? '';
                // The compiler's first error, and the tasks of its file.
                const first = words.split(/\n\n(?=error)/)[0];
                const file = first.match(/--> .*?\/(src\/[^:\n]+)/)?.[1];
                const here = data.tasks.some(it => it.file === file && it.state === 'broken');
                for (const task of data.tasks) {
                    const checks = data.results.filter(it => it.task === task.task);
                    let { state, text } = task;
                    if (state === 'broken' && here && task.file !== file) {
                        state = 'stale';
                        const before = data.before?.[task.task];
                        text = 'not graded: the chapter does not compile' + (before ? `; before that: ${before}` : '');
                    }
                    tasks.get(task.task)?.show({ ...task, path: `exercises/${data.dir}/${task.file}` }, state, text, checks, first);
                }
                const passed = data.tasks.filter(it => it.state === 'passed').length;
                if (!chapter.compiles)
                    own.show('broken', `Chapter ${chapter.chapter} does not compile, so nothing of it is graded.`, words, () => {
                        const more = words.length > first.length;
                        return [block(first), more ? make('details', '', make('summary', '', 'All that the compiler says'), block(words)) : ''];
                    });
                else if (data.tasks.every(it => it.state === 'not-started'))
                    own.show('not-started', `No task of chapter ${chapter.chapter} is started yet.`, '', () => []);
                else
                    own.show(passed === data.tasks.length ? 'passed' : '', `Chapter ${chapter.chapter}: ${passed} of ${number(data.tasks.length, 'task')} passed, `
                        + `${chapter.score.points} of ${number(chapter.score.out_of, 'point')}.`, '', () => []);
            },
        };
    };

    /* The chapter's line in the table of contents. */
    const at = page => new URL(path_to_root + page, location).pathname;
    const mark = data => {
        const link = all('#mdbook-sidebar a').find(it => it.pathname === at(data.page) && !it.hash);
        if (!link) return;
        const total = data.tasks?.length, passed = data.tasks?.filter(it => it.state === 'passed').length;
        const broken = data.error || !data.chapters[0].compiles;
        const failed = data.tasks?.some(it => ['failed', 'grader-error'].includes(it.state));
        const state = broken ? 'broken' : passed === total ? 'passed' : failed ? 'failed' : passed ? '' : 'not-started';
        const sign = broken ? '✗' : (passed === total ? '✓ ' : failed ? '✗ ' : '') + `${passed}/${total}`;
        const words = data.error ? 'not graded' : broken ? 'does not compile' : state === 'not-started' ? 'not started' : `${passed} of ${number(total, 'task')} passed`;
        let own = link.querySelector('.mark');
        if (!own) {
            own = make('span', 'mark', make('span', 'sign'), make('span', 'said'));
            own.firstChild.setAttribute('aria-hidden', 'true');
            link.append(own);
        }
        setState(own, state);
        own.title = words;
        put(own.firstChild, sign);
        put(own.lastChild, ` (${words})`);
    };

    const chapters = new Map();
    const findChapters = () => {
        chapters.clear();
        all('section.tasks').forEach(it => chapters.set(it.dataset.chapter, chapterOf(it)));
    };
    steady(findChapters);
    const told = new Map();
    let connected = true, gone;
    const activities = () => chapters.forEach(({ activity }, dir) => {
        const text = !connected ? 'Not connected any more: this is how it stood. Start `cargo xtask start` again, and it goes on.'
            : told.has('grading' + dir) ? 'Being graded …' : '';
        put(activity, text);
    });

    const hear = (name, data) => steady(() => {
        const about = data.dir ?? data.chapter ?? '';
        told.set(name + about, [name, data]);
        if (name === 'results') {
            told.delete('grading' + about);
            mark(data);
            chapters.get(about)?.show(data);
        }
        if (name === 'next') chapters.forEach(({ next }) => {
            next.hidden = false;
            if (data.done) return next.replaceChildren('Every task of the book has passed.');
            const link = make('a', '', `Task ${data.task}: ${data.title}`);
            link.href = path_to_root + data.href;
            next.replaceChildren(make('strong', '', 'Next: '), link, '. Open ', make('code', '', data.file), ', write it, save.');
        });
        if (name === 'book' && data[served.dataset.page] !== served.content) renew();
        if (name === 'connected') {
            clearTimeout(gone);
            // A restart takes a moment.
            if (data) connected = true;
            else gone = setTimeout(() => { connected = false; activities(); }, 2000);
        }
        activities();
    });

    /* A newer text takes the place of the old one, with the same parts unfolded. What is around
       it (styles, scripts, table of contents) is there from the start: for that the page is
       loaded again. */
    const contents = page => all('#mdbook-sidebar .chapter-title', page).map(it => it.textContent).join('\n');
    const renew = async () => {
        const answer = await fetch(location.pathname).catch(() => null);
        // The server has ended; it tells again when it is back.
        if (!answer) return;
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const now = page.querySelector('meta[name="workbook-live"]');
        const look = of => of.content.split('-')[0];
        if (!now || now.dataset.page !== served.dataset.page || look(now) !== look(served) || contents(page) !== contents(document))
            return reload();
        // Another call was sooner.
        if (now.content === served.content) return;
        const y = scrollY, open = unfolded();
        served.content = now.content;
        document.title = page.title;
        document.querySelector('main').replaceChildren(...page.querySelector('main').childNodes);
        findChapters();
        unfold(open);
        hearAgain([...told.values()]);
        document.dispatchEvent(new Event('newtext'));
        scrollTo({ top: y, behavior: 'instant' });
    };
    const unfolded = () => all('main details').flatMap((it, index) => it.open ? [index] : []);
    const unfold = open => {
        const details = all('main details');
        open.forEach(index => { if (details[index]) details[index].open = true; });
    };
    const hearAgain = events => events.filter(([name]) => ['grading', 'results', 'next'].includes(name)).forEach(event => hear(...event));

    const KEPT = 'workbook-live';
    const reload = () => {
        try {
            const kept = { path: location.pathname, y: scrollY, open: unfolded(), events: [...told.values()] };
            sessionStorage.setItem(KEPT, JSON.stringify(kept));
        } catch { /* then it opens at its top */ }
        location.reload();
    };
    try {
        const kept = JSON.parse(sessionStorage.getItem(KEPT));
        sessionStorage.removeItem(KEPT);
        if (kept?.path === location.pathname) {
            target = null;
            hearAgain(kept.events);
            unfold(kept.open);
            const back = () => scrollTo({ top: kept.y, behavior: 'instant' });
            back();
            addEventListener('load', () => requestAnimationFrame(back), { once: true });
        }
    } catch { /* nothing kept */ }

    try {
        const worker = new SharedWorker(document.currentScript.src);
        worker.onerror = () => listen(hear);
        worker.port.onmessage = ({ data }) => hear(...data);
    } catch {
        listen(hear);
    }
})();
