// What every page shares: it asks the bench for work (GET /next waits until there is some), does it, posts the answer.
// A page gives `serve` a function of the scene that loads the cloud and returns {gl, look(eye), draw(), about}.

export const sleep = ms => new Promise(done => setTimeout(done, ms));

const post = (path, body) => fetch(path, {method: 'POST', body});
const answer = value => post('/answer', JSON.stringify(value));

// A frame is over when a pixel of it can be read.
function finish(gl) {
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
}

function device(gl) {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  return gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
}

// Many frames of one place with pauses: loading, compiling and the sorting worker are done after them.
async function settle({gl, look, draw}, {eye, frames, pause}) {
  look(eye);
  for (let i = 0; i < frames; ++i) {
    draw();
    finish(gl);
    await sleep(pause);
  }
  return {};
}

async function time({gl, look, draw}, {eyes}) {
  const ms = [];
  for (const eye of eyes) {
    look(eye);
    const start = performance.now();
    draw();
    finish(gl);
    ms.push(performance.now() - start);
    await sleep(0);  // the sorting worker's answers arrive here
  }
  return {ms};
}

function picture({gl, draw}, {width, height}) {
  draw();
  const pixels = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return pixels;
}

export async function serve(load) {
  try {
    const scene = await (await fetch('/scene')).json();
    const viewer = await load(scene);
    await answer({about: viewer.about, gl: device(viewer.gl)});
    for (;;) {
      const work = await (await fetch('/next')).json();
      if (work.what === 'settle') await answer(await settle(viewer, work));
      if (work.what === 'time') await answer(await time(viewer, work));
      if (work.what === 'picture') await post('/picture', picture(viewer, scene));
    }
  } catch (error) {
    await answer({error: String(error?.stack ?? error)});
  }
}
