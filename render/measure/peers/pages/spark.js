// Spark: keys on the GPU, read back and sorted in a worker; sqrt(8) deviations by default, no level of detail.

import * as THREE from 'three';
import {SparkRenderer, SplatMesh} from '@sparkjsdev/spark';
import {serve} from '/pages/peer.js';

serve(async ({width, height, fov, centre, near, far, cloud}) => {
  const renderer = new THREE.WebGLRenderer({antialias: false});
  renderer.setSize(width, height);
  document.body.append(renderer.domElement);
  const scene = new THREE.Scene();
  const camera = new THREE.PerspectiveCamera(fov, width / height, near, far);
  scene.add(new SparkRenderer({renderer, maxStdDev: Math.sqrt(8), enableLod: false}));
  const mesh = new SplatMesh({url: cloud});
  scene.add(mesh);
  await mesh.initialized;
  return {
    gl: renderer.getContext(),
    about: {splats: mesh.packedSplats?.numSplats ?? mesh.numSplats},
    look(eye) {
      camera.position.set(...eye);
      camera.lookAt(...centre);
      camera.updateMatrixWorld();
    },
    draw() {
      renderer.render(scene, camera);
    },
  };
});
