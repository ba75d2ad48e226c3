// gsplat.js: counting sort in a worker, instanced quads. Its cameras look along +z with y down.

import * as SPLAT from 'gsplat';
import {serve} from '/pages/peer.js';

const sub = (a, b) => a.map((value, i) => value - b[i]);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = a => a.map(value => value / Math.hypot(...a));

// The quaternion of a rotation whose columns are right, down and forward (Shepperd 1978).
function quaternion(right, down, forward) {
  const m = [right, down, forward];
  const d = [m[0][0], m[1][1], m[2][2]];
  const four = [1 + d[0] + d[1] + d[2], 1 + d[0] - d[1] - d[2], 1 - d[0] + d[1] - d[2], 1 - d[0] - d[1] + d[2]];
  const largest = four.indexOf(Math.max(...four));
  const plus = (i, j) => m[i][j] + m[j][i], minus = (i, j) => m[i][j] - m[j][i];
  const rows = [
    [four[0], minus(1, 2), minus(2, 0), minus(0, 1)], [minus(1, 2), four[1], plus(0, 1), plus(0, 2)],
    [minus(2, 0), plus(0, 1), four[2], plus(1, 2)], [minus(0, 1), plus(0, 2), plus(1, 2), four[3]],
  ];
  const [w, x, y, z] = unit(rows[largest]);
  return new SPLAT.Quaternion(x, y, z, w);
}

serve(async ({width, height, fov, centre, near, far, cloud}) => {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  const renderer = new SPLAT.WebGLRenderer(canvas);
  renderer.setSize(width, height);
  const scene = new SPLAT.Scene();
  const camera = new SPLAT.Camera();
  camera.data.fx = camera.data.fy = height / 2 / Math.tan(fov * Math.PI / 360);
  camera.data.near = near;
  camera.data.far = far;
  await SPLAT.PLYLoader.LoadAsync(cloud, scene, () => {});
  return {
    gl: renderer.gl,
    about: {splats: scene.objects[0]?.data.vertexCount},
    look(eye) {
      const forward = unit(sub(centre, eye));
      const right = unit(cross(forward, [0, 1, 0]));
      camera.position = new SPLAT.Vector3(...eye);
      camera.rotation = quaternion(right, cross(forward, right), forward);
    },
    draw() {
      renderer.render(scene, camera);
    },
  };
});
