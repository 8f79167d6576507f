'use strict';
const $ = (id) => document.getElementById(id);
let file = null, asked = 0, saved = null;
const waiting = new Map();

// The verifier: compressed in this page, run by a worker made of it.
const worker = new Worker(URL.createObjectURL(new Blob([$('worker').textContent], { type: 'text/javascript' })));
worker.onmessage = (e) => {
  const m = e.data, w = waiting.get(m.id);
  if (!w) return;
  if (m.share !== undefined) return w.progress(m.share);
  waiting.delete(m.id);
  w.done(m);
};
worker.onerror = (e) => { for (const w of waiting.values()) w.done({ error: 'The verifier cannot run in this browser: ' + e.message }); waiting.clear(); };
(async () => {
  const packed = Uint8Array.from(atob($('program').textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  worker.postMessage({ program: await new Response(stream).arrayBuffer() });
  document.documentElement.dataset.ready = 'true';
})().catch((err) => unread('This browser is too old to run the verifier: ' + err));

function ask(trust, file, show, progress) {
  return new Promise((done) => {
    const id = ++asked;
    waiting.set(id, { done, progress });
    worker.postMessage({ id, trust, name: file ? file.name : '', file, show });
  });
}

function make(tag, text, name) {
  const e = document.createElement(tag);
  if (text) e.textContent = text;
  if (name) e.className = name;
  return e;
}

// Step 1: the words of the roster, as soon as there is one.
let looked = 0;
async function look() {
  const trust = $('trust').value.trim() === '' ? '' : $('trust').value, mine = ++looked, words = $('words');
  words.replaceChildren();
  if (trust === '') return;
  const r = await ask(trust.startsWith('parley/') ? trust.trim() : trust, null, false, () => {});
  if (mine !== looked) return;
  if (r.error) {
    words.append(make('p', 'This is no roster and no verifier key. ' + r.error, 'wrong'));
    return;
  }
  const o = JSON.parse(r.json);
  if (!o.roster_words) {
    words.append(make('p', o.verifier_keys.length === 1 ? 'A verifier key. It proves what its holder put into one log, and not whose log it is.' : 'Two verifier keys. They prove what their holders put into the two logs, and not whose logs they are.'));
    return;
  }
  words.append(make('p', r.text.split('\n')[0] + '. Compare these words with both parties:'));
  const list = make('ol');
  for (const w of o.roster_words.split(' ')) list.append(make('li', w));
  words.append(list, make('p', 'A roster that came with the transcript proves nothing by itself.'));
}
$('trust').addEventListener('input', look);

async function take(files) {
  for (const f of files) {
    const head = await f.slice(0, 64).text().catch(() => '');
    if (f.size < 1 << 20 && (head.startsWith('parley-roster ') || /^parley\/v1\/\S+\+/.test(head))) {
      $('trust').value = await f.text();
      await look();
    } else {
      file = f;
      $('file-name').textContent = f.name;
      $('file-name').dir = 'auto';
      $('result').hidden = true;
    }
  }
}
$('roster-file').addEventListener('change', async (e) => {
  for (const f of e.target.files) {
    $('trust').value = f.size < 1 << 20 ? await f.text() : '';
    await look();
  }
});
let taking = Promise.resolve(); // what was given is looked at in order, and before it is checked
const give = (files) => { taking = taking.then(() => take([...files])); };
$('file').addEventListener('change', (e) => give(e.target.files));
for (const name of ['dragenter', 'dragover']) addEventListener(name, (e) => { e.preventDefault(); document.body.classList.add('over'); });
for (const name of ['dragleave', 'drop']) addEventListener(name, () => document.body.classList.remove('over'));
addEventListener('drop', (e) => { e.preventDefault(); give(e.dataTransfer.files); });

// Step 2: the answer.
$('form').addEventListener('submit', async (e) => {
  e.preventDefault();
  await taking;
  const trust = $('trust').value;
  if (trust.trim() === '') return unread('First give a roster, or a verifier key.', $('trust'));
  if (!file) return unread('First choose the transcript file.', $('file'));
  $('go').disabled = true;
  $('result').hidden = true;
  $('busy').hidden = false;
  $('bar').value = 0;
  const begun = Date.now();
  const r = await ask(trust.startsWith('parley/') ? trust.trim() : trust, file, $('show').checked, (share) => {
    $('bar').value = share;
    const took = (Date.now() - begun) / 1000, left = Math.ceil(took * (1 - share) / share);
    $('busy-label').textContent = 'Checking … ' + Math.floor(share * 100) + ' %' + (took > 2 && share > 0.02 ? ', ' + (left < 90 ? left + ' seconds' : Math.ceil(left / 60) + ' minutes') + ' left' : '');
  });
  $('busy').hidden = true;
  $('go').disabled = false;
  if (r.error) return unread(r.error);
  answer(r);
});

function unread(text, where) {
  show('unread', 'Nothing was checked', [make('p', text, 'sentence plain')]);
  saved = null;
  $('save').hidden = true;
  if (where) where.focus();
}

function answer(r) {
  const good = r.exit === 0;
  const proved = JSON.parse(r.json).verifier_keys ? '✓ Proved, as far as a key can' : '✓ Proved';
  const not = r.exit === 3 ? '✗ Deniable: it proves nothing to others' : '✗ Not all is proved';
  show(good ? 'good' : 'bad', good ? proved : not, sentences(r.text));
  saved = r.json;
  $('save').hidden = false;
  $('result').focus();
}

function show(kind, verdict, parts) {
  $('result').className = kind;
  $('verdict').textContent = verdict;
  $('sentences').replaceChildren(...parts);
  $('result').hidden = false;
  $('live').textContent = verdict;
}

// sentences are what the verifier printed, one element a line: the marks that begin a
// line become its colour, and stay words. Text of messages is set apart from ours, each
// line in a direction of its own.
const kinds = [['proved:', 'proved'], ['not proved:', 'unproved'], ['not proved ', 'unproved'], ['claimed:', 'unproved'], ['Claimed, not proved:', 'unproved'], ['in doubt:', 'doubt'],
  ['wrong:', 'wrong'], ['WRONG:', 'WRONG'], ['note:', 'doubt']];
function sentences(text) {
  const lines = text.split('\n'), out = [];
  let at = lines.findIndex((l) => l.startsWith('file '));
  for (let box = null; at >= 0 && at < lines.length; at++) {
    const line = lines[at], inner = line.trim();
    if (inner === '') continue;
    const said = /^ {6}[>|] (.*)$/.exec(line);
    if (said && box) {
      const d = make('div', said[1].replace(/^\u2068|\u2069$/g, ''));
      d.dir = 'auto';
      box.append(d);
      continue;
    }
    box = null;
    const kind = kinds.find(([k]) => inner.startsWith(k));
    if (/^ {4}\S.*: (real|exercise|test) /.test(line) && !kind) {
      box = make('div', '', 'message');
      box.append(make('p', inner));
      out.push(box);
    } else if (/^ {2}\S/.test(line) && /: \d+ (entry|entries)( by|$)/.test(inner)) {
      out.push(make('h3', inner));
    } else if (inner.startsWith('For an engineer:')) {
      out.push(make('p', inner, 'sentence plain engineer'));
    } else if (kind) {
      const p = make('p', '', 'sentence ' + kind[1]);
      p.append(make('b', kind[0].trim()), inner.slice(kind[0].trim().length));
      p.dir = 'auto';
      out.push(p);
    } else {
      out.push(make('p', inner, 'sentence plain'));
    }
  }
  return out;
}

$('save').addEventListener('click', () => {
  const a = make('a');
  a.href = URL.createObjectURL(new Blob([saved], { type: 'application/json' }));
  a.download = 'parley-verify.json';
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
});
