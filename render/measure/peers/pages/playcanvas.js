// PlayCanvas's engine on WebGL 2: counting sort in a worker, instanced quads out to sqrt(8) deviations. What it leaves
// out by default because it is small on the screen is drawn here too.

import * as pc from 'playcanvas';
import {serve} from '/pages/peer.js';

serve(async ({width, height, fov, centre, near, far, cloud}) => {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  const device = await pc.createGraphicsDevice(canvas, {deviceTypes: ['webgl2'], antialias: false});
  const options = new pc.AppOptions();
  options.graphicsDevice = device;
  options.componentSystems = [pc.CameraComponentSystem, pc.GSplatComponentSystem];
  options.resourceHandlers = [pc.TextureHandler, pc.ContainerHandler, pc.GSplatHandler];
  const app = new pc.AppBase(canvas);
  app.init(options);
  app.setCanvasFillMode(pc.FILLMODE_NONE, width, height);
  app.setCanvasResolution(pc.RESOLUTION_FIXED, width, height);
  app.autoRender = false;
  Object.assign(app.scene.gsplat, {minPixelSize: 0, minContribution: 0, alphaClip: 1 / 255});
  const asset = new pc.Asset('cloud', 'gsplat', {url: cloud});
  await new Promise((done, failed) => {
    asset.once('load', done);
    asset.once('error', failed);
    app.assets.add(asset);
    app.assets.load(asset);
  });
  const avatar = new pc.Entity();
  avatar.addComponent('gsplat', {asset});
  app.root.addChild(avatar);
  const camera = new pc.Entity();
  camera.addComponent('camera', {fov, nearClip: near, farClip: far, clearColor: new pc.Color(0, 0, 0)});
  app.root.addChild(camera);
  app.start();
  return {
    gl: device.gl,
    about: {splats: asset.resource?.numSplats ?? asset.resource?.splatData?.numSplats},
    look(eye) {
      camera.setPosition(...eye);
      camera.lookAt(...centre);
    },
    draw() {
      app.update(1 / 72);
      app.renderNextFrame = true;
      app.render();
    },
  };
});
