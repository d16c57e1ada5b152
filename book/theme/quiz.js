// Quizzes that are answered in the page. The page has them as lists with folded answers (see
// xtask/src/book/quiz.rs); this makes radio buttons of the options, shows the explanation of the
// one that was chosen, and remembers it in this browser.
(() => {
    // Some browsers refuse storage for file:// or in private windows: then for this visit only.
    const load = key => {
        try { return Object(JSON.parse(localStorage.getItem(key))); } catch { return {}; }
    };
    const save = (key, value) => {
        try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* as said */ }
    };
    const make = (tag, attributes = {}, text = '') => {
        const it = Object.assign(document.createElement(tag), attributes);
        it.append(text);
        return it;
    };

    const dress = () => document.querySelectorAll('.quiz').forEach(quiz => {
        const key = 'peas-in-a-pod.quiz.' + quiz.dataset.quiz;
        const chosen = load(key);
        const questions = [...quiz.querySelectorAll('.question')];
        const score = make('p', { className: 'score' });
        const count = make('span');
        count.setAttribute('role', 'status');
        const over = make('button', { type: 'button' }, 'Start the quiz over');
        score.append(count, ' ', over);
        quiz.after(score);

        const tally = () => {
            const answered = questions.filter(it => chosen[it.dataset.question]);
            const right = answered.filter(it => chosen[it.dataset.question] === it.dataset.answer);
            score.hidden = answered.length === 0;
            count.textContent = `${right.length} of ${questions.length} right`
                + (answered.length < questions.length ? `, ${questions.length - answered.length} to go.` : '.');
        };

        const shows = questions.map(question => {
            const id = question.dataset.question;
            const ask = question.querySelector('.ask');
            const options = question.querySelector('.options');
            const legend = make('legend', { className: 'ask' });
            legend.append(...ask.childNodes);
            const fieldset = make('fieldset');
            ask.replaceWith(fieldset);
            fieldset.append(legend, options);

            const verdict = make('p', { className: 'verdict' });
            verdict.setAttribute('role', 'status');
            const again = make('button', { type: 'button', className: 'again' }, 'Try again');
            fieldset.after(verdict, again);

            options.querySelectorAll('.option').forEach(option => {
                const radio = make('input', { type: 'radio', name: `${quiz.dataset.quiz}-${id}` });
                radio.value = option.dataset.option;
                const label = make('label');
                const text = make('span');
                text.append(...option.childNodes);
                label.append(radio, ' ', text);
                option.append(label);
            });
            const radios = [...fieldset.querySelectorAll('input')];

            const show = () => {
                const letter = chosen[id];
                const why = letter && [...question.querySelectorAll('.why')].find(it => it.dataset.option === letter);
                radios.forEach(radio => {
                    radio.checked = Boolean(why) && radio.value === letter;
                    const option = radio.closest('.option');
                    option.classList.toggle('right', radio.checked && letter === question.dataset.answer);
                    option.classList.toggle('wrong', radio.checked && letter !== question.dataset.answer);
                });
                verdict.className = !why ? 'verdict' : letter === question.dataset.answer ? 'verdict right' : 'verdict wrong';
                verdict.innerHTML = why ? why.innerHTML : '';
                again.hidden = !why;
            };
            const answer = letter => {
                chosen[id] = letter;
                save(key, chosen);
                show();
                tally();
            };

            // The arrow keys walk over the options, and choose on their way. Nobody who walks from
            // a to c has answered b: an answer then takes Enter or Space.
            let walking = false;
            fieldset.addEventListener('keydown', event => {
                walking = event.key.startsWith('Arrow');
                if (event.target.checked && (event.key === 'Enter' || event.key === ' ')) {
                    event.preventDefault();
                    answer(event.target.value);
                }
            });
            fieldset.addEventListener('pointerdown', () => { walking = false; });
            fieldset.addEventListener('change', event => {
                if (!walking) return answer(event.target.value);
                walking = false;
                verdict.className = 'verdict';
                verdict.textContent = 'Enter to answer.';
            });
            again.addEventListener('click', () => {
                delete chosen[id];
                save(key, chosen);
                show();
                tally();
                question.querySelector('.answer').open = false;
                radios[0].focus();
            });
            show();
            return show;
        });

        over.addEventListener('click', () => {
            questions.forEach(it => {
                delete chosen[it.dataset.question];
                it.querySelector('.answer').open = false;
            });
            save(key, chosen);
            shows.forEach(show => show());
            tally();
            questions[0].querySelector('input').focus();
        });
        tally();
    });
    dress();
    // The page has a newer text (live.js).
    document.addEventListener('newtext', dress);
})();
