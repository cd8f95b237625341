// The pages of the API reference: what src/index.ts exports, by the room that it comes from; hopgrad/node on one of its own.
export const sections = [
  { name: 'tensors', title: 'Tensors', rooms: ['src/tensor'] },
  { name: 'gradients', title: 'Gradients', rooms: ['src/autograd'] },
  { name: 'ops', title: 'Ops', rooms: ['src/ops'] },
  { name: 'modules', title: 'Modules', rooms: ['src/nn'] },
  { name: 'routers', title: 'Routers and the model', rooms: ['src/routing', 'src/model'] },
  {
    name: 'training',
    title: 'Training and measuring',
    rooms: ['src/optim', 'src/train', 'src/data', 'src/evaluate', 'src/report'],
  },
  { name: 'devices', title: 'Devices', rooms: ['src/device'] },
  { name: 'node', title: 'Files (hopgrad/node)', rooms: [] },
];
