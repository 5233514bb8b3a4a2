// The pages that the diary needs without a network, kept for the person who is signed in on this phone. Part of the worker.
//
// A page says in its body whose it is and in which language, and is kept under just that; it is shown only while she is here.
import { here, pagesOf, put } from './store.js';

const SHELL = ['/today/', '/entry/new/', '/help/', '/unsent/'];
const PACK = '/offline/pack/';
const FILES = 'vigil-static';
const PATIENCE_MS = 8000; // a line that only seems to be there must not keep her waiting

function personOf(html) {
  const whose = /<body[^>]* data-user="(\d+)" data-diary="([\w-]+)"/.exec(html);
  const language = /<html[^>]* lang="([\w-]+)"/.exec(html);
  return whose && language ? { user: whose[1], diary: whose[2], language: language[1] } : null;
}

// The copy says when it was made: pages show that it may be old, and hide what is true for a moment only.
const marked = (html) => html.replace('<html ', `<html data-kept="${Date.now()}" `);

function copy(response, text) {
  const headers = new Headers(response.headers);
  for (const name of ['Content-Encoding', 'Content-Length', 'Vary']) headers.delete(name);
  return new Response(text, { headers });
}

async function save(path, response, html) {
  const person = personOf(html);
  const now = await here();
  if (!person || !now || pagesOf(person) !== pagesOf(now)) return false;
  await (await caches.open(pagesOf(now))).put(path, copy(response, marked(html)));
  return true;
}

const isPage = (response) => response.ok && response.type === 'basic' && !response.redirected
  && (response.headers.get('Content-Type') || '').startsWith('text/html');

// -- files -------------------------------------------------------------------------------------------------------------------

const filesIn = (html) => [...html.matchAll(/(?:href|src)="([^"#]+)/g)].map((found) => found[1]).filter((url) => url.startsWith(STATIC));
const importsIn = (script) => [...script.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+\.js)['"]/g)].map((found) => found[1]);
const isHashed = (url) => /\.[0-9a-f]{12}\.\w+$/.test(url);

// Every file that these pages name, and every module that those import. Throws when one cannot be had: then the old pages stay.
async function keepFiles(urls) {
  const cache = await caches.open(FILES);
  const wanted = new Set(urls);
  for (const url of wanted) { // grows while it is walked
    let file = isHashed(url) && await cache.match(url, { ignoreVary: true });
    if (!file) {
      file = await fetch(url, { cache: isHashed(url) ? 'default' : 'no-cache' });
      if (file.status === 404) continue; // named, and not there: no page has it online either
      if (!file.ok) throw new Error(url);
      await cache.put(url, file.clone());
    }
    if (!url.endsWith('.js')) continue;
    for (const other of importsIn(await file.text())) wanted.add(new URL(other, new URL(url, location.origin)).pathname);
  }
  return wanted;
}

async function dropFiles(except) {
  const cache = await caches.open(FILES);
  for (const { url } of await cache.keys()) if (!except.has(new URL(url).pathname)) await cache.delete(url);
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { cacheName: FILES, ignoreSearch: true, ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

// -- keeping and showing -----------------------------------------------------------------------------------------------------

async function keepPack(person) {
  const pack = await fetch(PACK, { redirect: 'manual' });
  if (!pack.ok) return;
  const said = { ...await pack.json(), kept_at: Date.now() };
  const now = await here();
  if (now && pagesOf(now) === pagesOf(person)) await (await caches.open(pagesOf(person))).put(PACK, Response.json(said));
}

let keeping = null;
const keepAll = () => { keeping ??= keepNow().finally(() => { keeping = null; }); return keeping; };

async function keepNow() {
  const person = await here();
  if (!person) return;
  const pages = [];
  for (const path of SHELL) {
    const response = await fetch(path, { redirect: 'manual' });
    if (isPage(response)) pages.push([path, response, await response.text()]);
  }
  const files = await keepFiles(pages.flatMap(([, , html]) => filesIn(html)));
  for (const [path, response, html] of pages) if (!await save(path, response, html)) return;
  await keepPack(person);
  await dropFiles(files);
  const now = await here();
  if (now && pagesOf(now) === pagesOf(person)) await put('who', { ...now, kept: Date.now() });
}

// A page that came anyhow is kept in place of the older one. After a change of Vigil its files are others: then all are kept anew.
async function renew(path, response) {
  const html = await response.text();
  const cache = await caches.open(FILES);
  const have = await Promise.all(filesIn(html).map((url) => cache.match(url, { ignoreVary: true })));
  if (have.every(Boolean)) await save(path, response, html); else await keepAll();
}

// Not found where her diary was: it is not open to her any more (her time as a helper has ended). Nothing of it stays on this phone.
async function forget() {
  const person = await here();
  if (person) await caches.delete(pagesOf(person));
}

async function kept(path) {
  const person = await here();
  return person && caches.match(path, { cacheName: pagesOf(person) });
}

const inTime = (promise) => Promise.race([promise, new Promise((_, late) => { setTimeout(late, PATIENCE_MS); })]);

// From the network; without one, the kept page of this address, or the page that says what works without a connection.
async function page(event, { pathname, search }) {
  // A page of an earlier day is another page; any other way to ask for one of these can be answered by the kept one.
  const path = pathname === '/' ? '/today/' : pathname;
  const spare = new URLSearchParams(search).has('day') ? undefined : await kept(path).catch(() => undefined);
  const asked = fetch(event.request);
  try {
    const response = await (spare ? inTime(asked) : asked);
    if (spare && [502, 503, 504].includes(response.status)) return spare;
    if (spare && response.status === 404) event.waitUntil(forget());
    if (SHELL.includes(pathname) && !search && isPage(response)) {
      const twin = response.clone();
      event.waitUntil(renew(pathname, twin).catch(() => { /* no network, or the disk is full: what was kept stays */ }));
    }
    return response;
  } catch (error) {
    asked.catch(() => { /* it was late, and then it failed */ });
    const instead = spare || await kept('/unsent/').catch(() => undefined);
    if (instead) return instead;
    throw error;
  }
}
