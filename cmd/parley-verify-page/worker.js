// The verifier runs here, so that the page stays awake.
let ready;
onmessage = async (e) => {
  const m = e.data;
  if (m.program) {
    ready = (async () => {
      const go = new Go();
      const { instance } = await WebAssembly.instantiate(m.program, go.importObject);
      go.run(instance);
    })();
    return;
  }
  try {
    await ready;
    const progress = (share) => postMessage({ id: m.id, share });
    postMessage({ id: m.id, ...parleyVerify(m.trust, m.name, m.file, m.show, progress) });
  } catch (err) {
    postMessage({ id: m.id, error: 'The verifier stopped: ' + err + '. Reload the page, and tell the authors of Parley.' });
  }
};
