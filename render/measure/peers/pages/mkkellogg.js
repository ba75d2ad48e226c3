// GaussianSplats3D: sorts in a worker with SIMD, draws instanced quads out to sqrt(8) deviations.

import * as THREE from 'three';
import * as GaussianSplats3D from '@mkkellogg/gaussian-splats-3d';
import {serve} from '/pages/peer.js';

serve(async ({width, height, fov, centre, near, far, cloud}) => {
  const renderer = new THREE.WebGLRenderer({antialias: false, precision: 'highp'});
  renderer.setSize(width, height);
  document.body.append(renderer.domElement);
  const camera = new THREE.PerspectiveCamera(fov, width / height, near, far);
  const viewer = new GaussianSplats3D.Viewer({
    renderer, camera, selfDrivenMode: false, useBuiltInControls: false, dynamicScene: false,
    gpuAcceleratedSort: false, sharedMemoryForWorkers: true, sphericalHarmonicsDegree: 0,
    sceneRevealMode: GaussianSplats3D.SceneRevealMode.Instant,
  });
  await viewer.addSplatScene(cloud, {splatAlphaRemovalThreshold: 1, showLoadingUI: false});
  return {
    gl: renderer.getContext(),
    about: {splats: viewer.splatMesh.getSplatCount()},
    look(eye) {
      camera.position.set(...eye);
      camera.lookAt(...centre);
      camera.updateMatrixWorld();
    },
    draw() {
      viewer.update();
      viewer.render();
    },
  };
});
