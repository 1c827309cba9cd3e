// The network between browser and service, as something that breaks: Chromium reaches the service through it (support.mjs, launch).
import {connect, createServer} from 'node:net';

/** `cut` ends every connection and refuses new ones; `deafen` lets questions through and loses the answers; `mend` ends both. */
export async function breakableNetwork(port) {
  let state = 'whole';
  const open = new Set();
  const server = createServer(client => {
    if (state === 'cut') return void client.destroy();
    const service = connect(port, '127.0.0.1');
    for (const end of [client, service]) {
      open.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        open.delete(end);
        client.destroy();
        service.destroy();
      });
    }
    client.on('data', bytes => service.write(bytes));
    service.on('data', bytes => state === 'deaf' || client.write(bytes));
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const drop = () => open.forEach(end => end.destroy());
  return {
    port: server.address().port,
    cut: () => ((state = 'cut'), drop()),
    deafen: () => (state = 'deaf'),
    mend: () => ((state = 'whole'), drop()), // a stream that lost bytes is of no use any more
    close: () => (drop(), server.close()),
  };
}
